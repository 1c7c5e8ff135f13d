import { expect, test } from 'vitest';
import { and, not, raise } from 'xstate';
import { ask, done, ends, handoff, problemsOf } from '../../test-support/problems-of.ts';

test.each<[string, object, string]>([
  [
    'a dead sibling',
    { on: { GO: 'dne' } },
    'In state `a`: the target `dne` does not exist. Did you mean `done`?',
  ],
  [
    'a dead id',
    { on: { GO: '#support.handof' } },
    'In state `a`: the target `#support.handof` does not exist. Did you mean `#support.handoff`?',
  ],
  ['a dead child', { on: { GO: '.x' } }, 'In state `a`: the target `.x` does not exist.'],
  [
    'a dead nested target',
    { on: { GO: 'done.deep' } },
    'In state `a`: the target `done.deep` does not exist.',
  ],
  [
    'a dead initial',
    { initial: 'inner', states: { innr: {} } },
    'In state `a`: the target `inner` does not exist. Did you mean `innr`?',
  ],
  ['no initial', { states: { x: {} } }, "In state `a`: `initial` is missing. Add e.g. `initial: 'x'`."],
  [
    'a named delay',
    { after: { soon: 'done' } },
    'In state `a`: `after: { soon }` names a delay that is not defined. Write it in milliseconds.',
  ],
  [
    'a negative delay',
    { after: { '-5': 'done' } },
    'In state `a`: `after: { -5 }` names a delay that is not defined. Write it in milliseconds.',
  ],
  [
    'a named guard',
    { always: { guard: 'isBig', target: 'done' } },
    'In state `a`: the guard `isBig` is not defined. Write it inline, or pass the function itself.',
  ],
  [
    'a guard with parameters',
    { always: { guard: { type: 'isBig' }, target: 'done' } },
    'In state `a`: the guard `isBig` is not defined. Write it inline, or pass the function itself.',
  ],
  [
    'a named guard inside others',
    { always: { guard: and([() => true, not('isBig')]), target: 'done' } },
    'In state `a`: the guard `isBig` is not defined. Write it inline, or pass the function itself.',
  ],
  [
    'a tag that never counts',
    { tags: 'degraded' },
    'In state `a`: the tag `degraded` counts only on a final state that ends the run. Move it to the final state this leads to.',
  ],
])('%s', (_, part, problem) => {
  expect(problemsOf({ a: { invoke: ask, entry: raise({ type: 'GO' }), ...part }, ...ends })).toEqual([
    problem,
  ]);
});

test.each(['a.b', '#a', 'a b', '1'])('a state named %j', (key) => {
  const problems = problemsOf({
    a: { invoke: ask, entry: raise({ type: 'GO' }), on: { GO: '#odd' } },
    [key]: { id: 'odd', always: 'done' },
    ...ends,
  });
  expect(problems).toEqual([expect.stringContaining(`\`${key}\` will not do as its name`)]);
});

test('a final state that does more than end', () => {
  const states = {
    a: { invoke: ask, entry: raise({ type: 'GO' }) },
    done: { ...done, on: { GO: 'a' } },
    handoff,
  };
  expect(problemsOf(states)).toEqual([
    'In state `done`: a final state is the end: it invokes nothing, has no transitions and no states. Move them to a state before it.',
  ]);
  const busy = { a: { invoke: ask }, done: { ...done, invoke: { ...ask, id: 'b' } }, handoff };
  expect(problemsOf(busy).join()).toContain('a final state is the end');
});

const region = (id: string) => ({
  initial: 'x',
  states: { x: { invoke: { ...ask, id, onDone: 'good', onError: 'bad' } }, good: done, bad: handoff },
});

test('the tag `degraded` on a nested end is refused, on the end of a region of a parallel root it counts', () => {
  const inner = {
    initial: 'x',
    onDone: 'done',
    states: {
      x: { invoke: { ...ask, onDone: 'end', onError: '#support.handoff' } },
      end: { type: 'final', tags: ['degraded'] },
    },
  };
  expect(problemsOf({ a: inner, ...ends }).join()).toContain(
    'In state `a.end`: the tag `degraded` counts only',
  );
  expect(
    problemsOf({ l: region('l'), r: region('r') }, { root: { initial: undefined, type: 'parallel' } }),
  ).toEqual([]);
});

test('two states of one id', () => {
  const states = {
    a: { id: 'x', invoke: { ...ask, onDone: 'b' } },
    b: { id: 'x', always: 'done' },
    ...ends,
  };
  expect(problemsOf(states)).toEqual([
    'In state `b`: the id `x` is also that of state `a`. Ids are unique in the machine.',
  ]);
});

test('what follows from a dead target is not reported', () => {
  const problems = problemsOf({ a: { always: 'b' }, b: { always: 'gone' }, done });
  expect(problems).toEqual(['In state `b`: the target `gone` does not exist. Did you mean `done`?']);
});
