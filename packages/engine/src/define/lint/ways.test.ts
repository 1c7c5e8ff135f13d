import { expect, test } from 'vitest';
import { ask, done, ends, handoff, lookUp, problemsOf, text } from '../../test-support/problems-of.ts';

const timedRegion = (end: string) => ({
  initial: 'x',
  states: { x: { after: { 5: end } }, y: { type: 'final' } },
});

test.each<[string, object, readonly string[]]>([
  [
    'an unreachable state',
    { a: { invoke: ask }, b: { always: 'done' }, ...ends },
    ['In state `b`: nothing leads here. Target it in a transition, or remove it.'],
  ],
  [
    'of unreachable states, the outermost',
    { a: { invoke: ask }, b: { initial: 'x', states: { x: { always: '#support.done' } } }, ...ends },
    ['In state `b`: nothing leads here. Target it in a transition, or remove it.'],
  ],
  [
    'an unreachable child',
    {
      a: { initial: 'x', onDone: 'done', states: { x: { always: 'end' }, y: { always: 'x' }, end: done } },
      done,
    },
    ['In state `a.y`: nothing leads here. Target it in a transition, or remove it.'],
  ],
  [
    'a dead end',
    { a: { invoke: { ...ask, onDone: 'b' } }, b: {}, done, handoff },
    [
      "In state `b`: this is a dead end. Add an invoke, `always`, `after` or `on`, or make it `type: 'final'`.",
      'In state `done`: nothing leads here. Target it in a transition, or remove it.',
    ],
  ],
  [
    'a ring without an end',
    {
      a: { always: { guard: () => false, target: 'done' }, after: { 5: 'b' } },
      b: { after: { 5: 'c' } },
      c: { after: { 5: 'b' } },
      done,
    },
    [
      'In state `b`: no way from here leads to a final state. Lead a transition to one.',
      'In state `c`: no way from here leads to a final state. Lead a transition to one.',
    ],
  ],
  [
    'an end of a compound state that nothing follows',
    { a: { initial: 'x', after: { 5: 'done' }, states: { x: { always: 'end' }, end: done } }, done },
    [],
  ],
  [
    'an end of a compound state that nothing follows at all',
    {
      a: {
        initial: 'x',
        states: {
          x: { always: { guard: () => false, target: '#support.done' }, on: { '*': 'end' } },
          end: done,
        },
      },
      done,
    },
    ['In state `a.end`: nothing follows this end of state `a`. Give state `a` an `onDone`.'],
  ],
  [
    'no final state',
    { a: { invoke: { ...ask, onDone: 'a', onError: 'a' } } },
    ["In the root of the machine: no run could end. Add a state with `type: 'final'`."],
  ],
  [
    'an end only by failing',
    { a: { invoke: { ...ask, onDone: undefined } }, ...ends },
    [
      'In state `a`: from here the run ends only if a step fails. Lead an `onDone` on to a final state.',
      'In state `done`: nothing leads here. Target it in a transition, or remove it.',
    ],
  ],
  [
    'success only degraded',
    { a: { invoke: { ...ask, onDone: 'handoff', onError: 'done' } }, ...ends },
    [
      'In the root of the machine: every way without a failing step ends `degraded` or `failed`. Lead one to a final state without these tags.',
    ],
  ],
])('%s', (_, states, problems) => {
  expect(problemsOf(states).toSorted()).toEqual(problems.toSorted());
});

test('waiting for signals, delays, history and parallel regions are ways', () => {
  const states = {
    a: { on: { approve: 'b' } },
    b: {
      type: 'parallel',
      onDone: 'done',
      on: { pause: 'paused' },
      states: { l: timedRegion('y'), r: timedRegion('y'), past: { type: 'history' } },
    },
    paused: { on: { resume: 'b.past' } },
    done,
  };
  const signals = { approve: text, pause: text, resume: text };
  expect(problemsOf(states, { signals })).toEqual([]);
});

test('a region that never ends keeps its parallel state from being done', () => {
  const stuck = { initial: 'x', states: { x: { on: { '*': {} } } } };
  const ending = { initial: 'x', states: { x: { after: { 5: 'y' } }, y: done } };
  expect(problemsOf({ a: { type: 'parallel', onDone: 'done', states: { stuck, ending } }, done })).toEqual([
    'In state `a.stuck.x`: no way from here leads to a final state. Lead a transition to one.',
    'In state `a.ending.x`: no way from here leads to a final state. Lead a transition to one.',
    'In state `a.ending.y`: state `a` is not done here, as another of its regions never ends. Lead that one to a final state.',
  ]);
});

test('a budget below the expected time of the cheapest successful path', () => {
  const slow = { ...lookUp, expectedMs: 700 };
  const states = {
    a: { invoke: { ...ask, onDone: 'b' } },
    b: { invoke: { ...ask, id: 'act', src: 'act' } },
    ...ends,
  };
  expect(problemsOf(states, { steps: { ask: slow, act: slow } })).toEqual([
    'In the root of the machine: the cheapest successful path is expected to take 1400 ms (`expectedMs`: ask 700, act 700), the budget is 1000 ms. Raise `budget.totalMs`, or shorten the path.',
  ]);
  expect(problemsOf(states, { steps: { ask: slow, act: lookUp } })).toEqual([]);
});

test('a way into the depth of a state enters the state too', () => {
  const inner = { x: { always: 'y' }, y: { id: 'deep', after: { 5: 'x', 9: 'end' } }, end: done };
  const states = { a: { after: { 1: '#deep' } }, b: { initial: 'x', onDone: 'done', states: inner }, done };
  expect(problemsOf(states)).toEqual([]);
});
