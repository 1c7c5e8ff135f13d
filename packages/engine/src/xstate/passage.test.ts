import { assign, cancel, log, raise, sendTo, setup } from 'xstate';
import type { AnyStateMachine } from 'xstate';
import { expect, test } from 'vitest';
import { twoSteps } from '../test-support/workflows.ts';
import { stepActor } from './create.ts';
import { passageOf } from './passage.ts';

const keep = assign({ n: 1 });

/** A machine whose state `one` invokes a step, and state `two` another; `parts` are put over it. */
function machineWith(parts: {
  one?: object;
  two?: object;
  onDone?: unknown;
  root?: object;
}): AnyStateMachine {
  const { one, two, onDone = { target: 'two', actions: keep }, root } = parts;
  const config = {
    context: { n: 0 },
    initial: 'one',
    states: {
      one: { invoke: { id: 'first', src: 'work', onDone, onError: 'failed' }, ...one },
      two: { invoke: { id: 'second', src: 'work', input: { n: 1 }, onDone: 'end' }, ...two },
      three: {},
      failed: {},
      deep: { initial: 'inner', states: { inner: {} } },
      both: { type: 'parallel', states: { left: {}, right: {} } },
      past: { type: 'history' },
      end: { type: 'final' },
    },
    ...root,
  };
  const prepared = setup({ actors: { work: stepActor('work') }, actions: { keep: assign({ n: 1 }) } });
  return prepared.createMachine(config as never) as unknown as AnyStateMachine;
}

/** The passage that the answer of a state's only step leads through. */
function passage(machine: AnyStateMachine, { from, event }: { from: string; event: string }) {
  const [transition] = machine.root.states[from]!.transitions.get(event)!;
  return passageOf(transition!);
}

const done = { from: 'one', event: 'xstate.done.actor.first' };

test('a workflow goes from step to step, around and to a time-out through passages, and ends through XState', () => {
  expect(passage(twoSteps, done)).not.toBeNull();
  expect(passage(twoSteps, { from: 'one', event: 'xstate.error.actor.first' })).not.toBeNull();
  expect(passage(twoSteps, { from: 'two', event: 'xstate.done.actor.second' })).toBeNull();
  const delayed = machineWith({ one: { after: { 50: 'two' } } });
  expect(passage(delayed, { from: 'one', event: 'xstate.after.50.(machine).one' })).not.toBeNull();
});

test('a passage leaves, acts and enters in this order', () => {
  const machine = machineWith({ one: { after: { 50: 'two' }, exit: keep }, two: { after: { 20: 'one' } } });
  expect(passage(machine, done)!.moves.map(({ type }) => type)).toEqual([
    'assign',
    'timer-cancel',
    'step-stop',
    'assign',
    'timer-set',
    'step-start',
  ]);
});

test('it is found out once', () => {
  const machine = machineWith({});
  expect(passage(machine, done)).toBe(passage(machine, done));
});

test.each<[string, Parameters<typeof machineWith>[0]]>([
  ['to a final state', { onDone: 'end' }],
  ['to a state with states', { onDone: 'deep' }],
  ['into a state with states', { onDone: '#(machine).deep.inner' }],
  ['to parallel states', { onDone: 'both' }],
  ['back to where it was', { onDone: 'past' }],
  ['to several states', { onDone: { target: ['two', 'three'] } }],
  ['to no state', { onDone: { actions: keep } }],
  ['to itself without being entered again', { onDone: 'one' }],
  ['to a state that it may leave at once', { two: { always: 'three' } }],
  ['in a machine that any state may leave at once', { root: { always: { guard: () => false } } }],
  ['with an action by name', { onDone: { target: 'two', actions: 'keep' } }],
  ['with an event raised at once', { one: { exit: raise({ type: 'A' }) } }],
  [
    'with an event raised after a computed delay',
    { two: { entry: raise({ type: 'A' }, { delay: () => 5 }) } },
  ],
  ['with a computed event', { two: { entry: raise(() => ({ type: 'A' }), { delay: 5 }) } }],
  ['cancelling by a computed name', { two: { entry: cancel(() => 'poke') } }],
  ['with a log', { one: { exit: log('left') } }],
  ['with an event for an actor', { one: { exit: sendTo('first', { type: 'A' }) } }],
  ['with a plain function', { one: { exit: () => {} } }],
  ['to an actor that is no step', { two: { invoke: { id: 'second', src: 'unknown' } } }],
])('%s it is no passage', (_, parts) => {
  expect(passage(machineWith(parts), done)).toBeNull();
});

test.each(['*', 'xstate.done.*', 'A'])('an event that %s stands for is left to XState', (event) => {
  const machine = machineWith({ one: { on: { [event]: 'two' } } });
  expect(passage(machine, { from: 'one', event })).toBeNull();
});
