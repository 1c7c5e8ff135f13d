import { expect, test } from 'vitest';
import { fromPromise } from 'xstate';
import { ask, ends, problemsOf } from '../../test-support/problems-of.ts';

/** The problems of an invoke in state `a`. */
const invoking = (invoke: object) =>
  problemsOf({ a: { invoke: { ...ask, ...invoke } }, b: { invoke: ask }, ...ends }).filter((p) =>
    p.startsWith('In state `a`'),
  );

test.each<[string, object, RegExp]>([
  [
    'an unknown step',
    { src: 'asc' },
    /`src: 'asc'` names no step\. Did you mean `ask`\? The steps are: ask, act\./,
  ],
  ['a step like no other', { src: 'refund' }, /names no step\. The steps are/],
  ['actor logic', { src: fromPromise(async () => 1) }, /actor logic of its own.*Declare it as a step/],
  ['no id', { id: undefined }, /the invoke of `ask` has no id.*Add `id: 'ask'`/],
  [
    'an id that every object has',
    { id: '__proto__' },
    /`__proto__` is a name that every .*Use e\.g\. `ask-step`/,
  ],
  ['a system id', { systemId: 'x' }, /`systemId`.*Remove it/],
  ['onSnapshot', { onSnapshot: 'b' }, /`onSnapshot`.*Use `onDone` and `onError`/],
  ['no error path', { onError: undefined }, /invoke `ask` has no error path.*Add `onError`/],
  [
    'only guarded error paths',
    { onError: [{ guard: () => true, target: 'done' }] },
    /every branch of `onError`.*Add a last branch/,
  ],
])('%s', (_, invoke, problem) => {
  expect(invoking(invoke).join()).toMatch(problem);
});

test('an id that is taken', () => {
  const states = { a: { invoke: { ...ask, onDone: 'b' } }, b: { invoke: ask }, ...ends };
  expect(problemsOf(states)).toEqual([
    'In state `b`: the invoke id `ask` is taken by state `a`. Ids are unique in the machine: use e.g. `ask-again`.',
  ]);
});

test.each(['xstate.error.actor.ask', 'xstate.error.actor.*', 'xstate.error.*'])(
  'an ancestor may take the error by %s',
  (event) => {
    const { onError: _, ...withoutError } = ask;
    const inner = { initial: 'x', states: { x: { invoke: { ...withoutError, onDone: '#support.done' } } } };
    expect(problemsOf({ a: { ...inner, on: { [event]: 'handoff' } }, ...ends })).toEqual([]);
    expect(
      problemsOf({ a: { ...inner, on: { [event]: { guard: () => true, target: 'handoff' } } }, ...ends }),
    ).toHaveLength(1);
    expect(
      problemsOf({ a: { ...inner, on: { 'xstate.error.actor.other': 'handoff' } }, ...ends }),
    ).toHaveLength(1);
  },
);
