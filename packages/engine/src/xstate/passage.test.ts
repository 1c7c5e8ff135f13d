import { assign, cancel, log, raise, sendTo, setup } from 'xstate';
import type { AnyStateMachine } from 'xstate';
import { expect, test } from 'vitest';
import { twoSteps } from '../test-support/workflows.ts';
import { stepActor } from './create.ts';
import { entryOf, passageOf } from './passage.ts';

const keep = assign({ n: 1 });

/** A machine whose state `one` invokes a step, and state `two` another; `parts` are put over it. */
function machineWith(parts: {
  one?: object;
  two?: object;
  end?: object;
  onDone?: unknown;
  root?: object;
}): AnyStateMachine {
  const { one, two, end, onDone = { target: 'two', actions: keep }, root } = parts;
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
      end: { type: 'final', ...end },
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

test('a workflow begins, goes from step to step, around and to a time-out, and ends through passages', () => {
  expect(entryOf(twoSteps)).not.toBeNull();
  expect(passage(twoSteps, done)).not.toBeNull();
  expect(passage(twoSteps, { from: 'one', event: 'xstate.error.actor.first' })).not.toBeNull();
  expect(passage(twoSteps, { from: 'two', event: 'xstate.done.actor.second' })).not.toBeNull();
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
  expect(entryOf(machine)).toBe(entryOf(machine));
});

test('a beginning takes the actions of the machine itself, those of its first transition and those of its first state', () => {
  const machine = machineWith({
    root: { entry: keep, after: { 90: '.end' }, initial: { target: 'one', actions: keep } },
    one: { after: { 50: 'two' } },
  });
  expect(entryOf(machine)!.moves.map(({ type }) => type)).toEqual([
    'assign',
    'timer-set',
    'assign',
    'timer-set',
    'step-start',
  ]);
});

test.each<[string, Parameters<typeof machineWith>[0]]>([
  ['with a plain function', { one: { entry: () => {} } }],
  ['in a state with states', { root: { initial: 'deep' } }],
  ['in a state that it may leave at once', { one: { always: { guard: () => false, target: 'two' } } }],
  ['at its end', { root: { initial: 'end' } }],
  ['in all its states', { root: { type: 'parallel', initial: undefined } }],
])('a machine that begins %s does so through XState', (_, parts) => {
  expect(entryOf(machineWith(parts))).toBeNull();
});

test.each<[string, Parameters<typeof machineWith>[0]]>([
  ['to an end that is left', { onDone: 'end', end: { exit: keep } }],
  ['to an end that begins a step', { onDone: 'end', end: { invoke: { src: 'work' } } }],
  ['to the end of a machine that is left', { onDone: 'end', root: { exit: keep } }],
  ['to the end of a machine with a step of its own', { onDone: 'end', root: { invoke: { src: 'work' } } }],
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
