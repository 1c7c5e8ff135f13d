import { expect, test } from 'vitest';
import {
  assign,
  cancel,
  emit,
  enqueueActions,
  log,
  raise,
  sendParent,
  sendTo,
  spawnChild,
  stopChild,
} from 'xstate';
import { ask, ends, problemsOf } from '../../test-support/problems-of.ts';

const notifyTeam = () => {};

const doing = (action: unknown) => problemsOf({ a: { entry: action, invoke: ask }, ...ends });

test.each<[string, unknown]>([
  ['assign', assign({ text: 'x' })],
  ['assign with a function', assign(() => ({ text: 'spawn' }))],
  ['raise', raise({ type: 'GO' })],
  ['a delayed raise and its cancel', [raise({ type: 'GO' }, { id: 'go', delay: 10 }), cancel('go')]],
  ['the cancel of an `after`', cancel('xstate.after.100.support.a')],
  ['log', log('hello')],
])('%s is understood', (_, action) => {
  expect(doing(action)).toEqual([]);
});

test.each<[string, unknown, RegExp]>([
  ['an inline function', () => {}, /the action written inline would never run.*`code` step/],
  ['a named function', notifyTeam, /the action `notifyTeam` would never run/],
  ['a named action', 'notifyTeam', /the action `notifyTeam` would never run/],
  ['a named action with parameters', { type: 'notifyTeam' }, /the action `notifyTeam` would never run/],
  ['sendTo', sendTo('x', { type: 'GO' }), /no live actor to send to.*use `raise`/],
  ['sendParent', sendParent({ type: 'GO' }), /no live actor to send to/],
  ['spawnChild', spawnChild('ask'), /`spawnChild` starts nothing\. Invoke/],
  ['stopChild', stopChild('ask'), /`stopChild` stops nothing\. Leave the state/],
  ['emit', emit({ type: 'GO' }), /`emit` reaches nobody/],
  ['enqueueActions', enqueueActions(() => {}), /`enqueueActions` hides.*list the actions/i],
  [
    'spawn in assign',
    assign({ text: ({ spawn }) => spawn('ask' as never) as never }),
    /an `assign` calls `spawn`/,
  ],
  ['spawn in a whole assign', assign(({ spawn }) => spawn('ask' as never)), /an `assign` calls `spawn`/],
  [
    'the cancel of no timer',
    cancel('go'),
    /`cancel\('go'\)` cancels nothing.*Give the delayed `raise` the id/,
  ],
])('%s is refused', (_, action, problem) => {
  const problems = doing(action);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(problem);
  expect(problems[0]).toMatch(/^In state `a`: /);
});

test.each<[string, object]>([
  ['exit', { exit: emit({ type: 'GO' }) }],
  ['onDone', { invoke: { ...ask, onDone: { target: 'done', actions: emit({ type: 'GO' }) } } }],
  ['onError', { invoke: { ...ask, onError: [{ target: 'handoff', actions: [emit({ type: 'GO' })] }] } }],
  ['on', { on: { '*': { actions: emit({ type: 'GO' }) } } }],
  ['after', { after: { 100: { target: 'done', actions: emit({ type: 'GO' }) } } }],
  ['always', { always: { guard: () => false, target: 'done', actions: emit({ type: 'GO' }) } }],
  ['a nested initial', { initial: { target: 'x', actions: emit({ type: 'GO' }) }, states: { x: {} } }],
])('found in %s', (_, part) => {
  expect(problemsOf({ a: { invoke: ask, ...part }, ...ends })).toEqual([
    'In state `a`: `emit` reaches nobody. Listen to the events of the engine.',
  ]);
});

test('found in the root', () => {
  expect(problemsOf({ a: { invoke: ask }, ...ends }, { root: { entry: 'tell' } })).toEqual([
    expect.stringMatching(/^In the root of the machine: the action `tell` would never run/),
  ]);
});

const spawning = ({ spawn }: { spawn: (src: string) => unknown }) => ({ text: '', child: spawn('ask') });

test('spawn in the initial context', () => {
  expect(problemsOf({ a: { invoke: ask }, ...ends }, { root: { context: spawning } })).toEqual([
    'In the root of the machine: `context` calls `spawn`, which starts nothing. Invoke a step in a state.',
  ]);
});
