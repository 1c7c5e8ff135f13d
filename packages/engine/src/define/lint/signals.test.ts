import { expect, test } from 'vitest';
import { raise } from 'xstate';
import { ask, ends, problemsOf, text } from '../../test-support/problems-of.ts';

const approve = { approve: text };

test('a state may wait for nothing but a signal', () => {
  const states = { a: { invoke: { ...ask, onDone: 'b' } }, b: { on: { approve: 'done' } }, ...ends };
  expect(problemsOf(states, { signals: approve })).toEqual([]);
});

test('any state may take it, or the root, or one that takes whatever comes', () => {
  const inner = { initial: 'x', states: { x: { on: { approve: '#support.done' } } } };
  expect(problemsOf({ a: { invoke: ask, ...inner }, ...ends }, { signals: approve })).toEqual([]);
  const atRoot = { root: { on: { approve: '.done' } }, signals: approve };
  expect(problemsOf({ a: { invoke: ask }, ...ends }, atRoot)).toEqual([]);
  expect(problemsOf({ a: { invoke: ask, on: { '*': 'done' } }, ...ends }, { signals: approve })).toEqual([]);
});

test('what the machine raises, and what XState sends, need no declaration', () => {
  const raised = { invoke: ask, entry: raise({ type: 'GO' }, { delay: 5 }), on: { GO: 'done' } };
  expect(problemsOf({ a: raised, ...ends })).toEqual([]);
  const computed = raise(({ context }) => ({ type: context.text === '' ? 'GO' : 'STAY' }));
  expect(problemsOf({ a: { ...raised, entry: computed }, ...ends })).toEqual([]);
  expect(problemsOf({ a: { invoke: ask, on: { 'xstate.done.actor.ask': 'done' } }, ...ends })).toEqual([]);
});

test('a handler for what never comes', () => {
  const states = { a: { invoke: ask, on: { aprove: 'done', approve: 'done' } }, ...ends };
  expect(problemsOf(states, { signals: approve })).toEqual([
    'In state `a`: `on: { aprove }` waits for what never comes: no signal has that name, and no `raise` gives it. Did you mean `approve`? Declare it in `signals`, or remove it.',
  ]);
});

test('a handler with several branches is named once', () => {
  const on = { GO: [{ guard: () => true, target: 'done' }, { target: 'handoff' }] };
  expect(problemsOf({ a: { invoke: ask, on }, ...ends })).toHaveLength(1);
});

test('a signal that no state takes', () => {
  expect(problemsOf({ a: { invoke: ask }, ...ends }, { signals: approve })).toEqual([
    'In the root of the machine: no state takes the signal `approve`. Add `on: { approve: ... }` to one, or remove it from `signals`.',
  ]);
});

test.each([
  ['xstate.done', '`xstate.done` will not do as the name of a signal. Use a letter'],
  ['*', '`*` will not do as the name of a signal. Use a letter'],
  [
    'GO',
    '`GO` will not do as the name of a signal: capitals are for the events that the machine raises itself. Use e.g. `go`.',
  ],
])('a signal named %j', (name, problem) => {
  const states = { a: { invoke: ask, on: { [name]: 'done' } }, ...ends };
  expect(problemsOf(states, { signals: { [name]: text } })).toEqual([expect.stringContaining(problem)]);
});
