import { assign, createActor, fromPromise, initialTransition, not, raise, setup, transition } from 'xstate';
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { initialStep, nextStep, persistSnapshot, restoreSnapshot } from './step.ts';
import type { MachineEffect, MachineEvent } from './step.ts';

const work = fromPromise(() => Promise.resolve());
const prepared = setup({ types: { context: {} as { n: number } }, actors: { work, other: work } });
const createMachine = prepared.createMachine;
const count = prepared.assign({ n: ({ context }) => context.n + 1 });

/** Machines of many shapes. Events are A, B, C, what a step may answer, and what a timer may bring. */
const machines: Record<string, AnyStateMachine> = {
  linear: createMachine({
    context: { n: 0 },
    initial: 'one',
    states: {
      one: { invoke: { id: 'one', src: 'work', input: 1, onDone: 'two', onError: 'failed' } },
      two: { invoke: { id: 'two', src: 'other', onDone: 'end', onError: 'one' } },
      failed: { on: { A: 'one', B: 'end' } },
      end: { type: 'final' },
    },
    output: ({ context }) => context.n,
  }),
  guarded: createMachine({
    context: { n: 0 },
    initial: 'counting',
    states: {
      counting: {
        on: {
          A: [{ guard: ({ context }) => context.n > 2, target: 'full' }, { actions: count }],
          B: { guard: not(({ context }) => context.n % 2 === 0), target: 'odd' },
        },
      },
      odd: { entry: count, on: { '*': 'counting' } },
      full: { type: 'final' },
    },
  }),
  delayed: createMachine({
    context: { n: 0 },
    initial: 'waiting',
    states: {
      waiting: {
        after: { 1000: 'late', 50: { actions: count } },
        on: { A: { target: 'waiting', reenter: true }, B: 'idle' },
      },
      late: {
        entry: [raise({ type: 'C' }, { id: 'poke', delay: 20 }), raise({ type: 'A' }, { delay: 5 })],
        on: { C: 'idle', A: { actions: count } },
      },
      idle: { on: { A: 'waiting' } },
    },
  }),
  always: createMachine({
    context: { n: 0 },
    initial: 'start',
    states: {
      start: { on: { A: 'passing', B: { actions: count } } },
      passing: {
        invoke: { id: 'unseen', src: 'work' },
        after: { 10: 'start' },
        always: [{ guard: ({ context }) => context.n > 1, target: 'end' }, { target: 'start' }],
      },
      end: { type: 'final' },
    },
  }),
  raising: createMachine({
    context: { n: 0 },
    initial: 'one',
    states: {
      one: { on: { A: { target: 'two', actions: raise({ type: 'B' }) } } },
      two: { entry: raise({ type: 'C' }), on: { B: { actions: count }, C: 'three' } },
      three: { on: { A: 'one', B: { actions: [count, raise({ type: 'A' })] } } },
    },
  }),
  parallel: createMachine({
    context: { n: 0 },
    type: 'parallel',
    states: {
      left: {
        initial: 'working',
        states: {
          working: {
            invoke: {
              id: 'left',
              src: 'work',
              onDone: 'done',
              onError: { target: 'working', reenter: true },
            },
          },
          done: { type: 'final' },
        },
      },
      right: {
        initial: 'idle',
        states: {
          idle: { on: { A: 'working' } },
          working: {
            invoke: { id: 'right', src: 'other', onDone: 'done', onError: 'idle' },
            after: { 300: 'idle' },
          },
          done: { type: 'final' },
        },
      },
    },
    on: { C: { actions: count } },
  }),
  history: createMachine({
    context: { n: 0 },
    initial: 'shop',
    states: {
      shop: {
        initial: 'browse',
        on: { C: 'paused' },
        states: {
          browse: { on: { A: 'pay' } },
          pay: {
            initial: 'card',
            states: {
              card: { on: { B: 'done' } },
              done: { invoke: { id: 'book', src: 'work', onDone: '#end' } },
            },
          },
          shallow: { type: 'history' },
          deep: { type: 'history', history: 'deep' },
        },
      },
      paused: { on: { A: 'shop.shallow', B: 'shop.deep' } },
      end: { id: 'end', type: 'final' },
    },
  }),
  nested: createMachine({
    context: { n: 0 },
    initial: 'outer',
    states: {
      outer: {
        invoke: { id: 'whole', src: 'work', onDone: 'after', onError: 'after' },
        initial: 'inner',
        onDone: 'after',
        states: {
          inner: {
            invoke: { id: 'part', src: 'other', onDone: 'innermost', onError: 'end' },
            after: { 70: 'end' },
          },
          innermost: { entry: count, on: { A: 'inner', B: 'end' } },
          end: { type: 'final' },
        },
      },
      after: { on: { A: 'outer', C: 'closed' } },
      closed: { type: 'final', tags: ['degraded'] },
    },
  }),
};

/** The documented functions, read in this test's own way. */
function documented(
  machine: AnyStateMachine,
  snapshot: AnyMachineSnapshot | undefined,
  event?: MachineEvent,
) {
  const [next, actions]: [AnyMachineSnapshot, readonly { type: string; params: unknown }[]] =
    snapshot === undefined || event === undefined
      ? initialTransition(machine, {} as never)
      : transition(machine, snapshot, event as never);
  const effects = actions.flatMap(({ type, params }): MachineEffect[] => {
    const of = params as Record<string, never> | undefined;
    if (type === 'xstate.spawnChild')
      return [{ type: 'invoke-start', invokeId: of!.id!, src: of!.src!, input: of!.input }];
    if (type === 'xstate.stopChild') return of ? [{ type: 'invoke-stop', invokeId: of.id! }] : [];
    if (type === 'xstate.cancel') return [{ type: 'timer-cancel', id: of!.sendId! }];
    if (type === 'xstate.raise' && of!.delay !== undefined)
      return [{ type: 'timer-set', id: of!.id!, delayMs: of!.delay!, event: of!.event! }];
    return [];
  });
  return { snapshot: next, effects };
}

/** What is to be the same: everything XState persists but whether a child's snapshots are followed; here nobody's are. */
function persisted(snapshot: AnyMachineSnapshot) {
  const json = JSON.parse(JSON.stringify(snapshot.machine.getPersistedSnapshot(snapshot)));
  for (const child of Object.values<{ syncSnapshot?: boolean }>(json.children)) delete child.syncSnapshot;
  return json;
}

const events: MachineEvent[] = [
  ...['A', 'B', 'C', 'NOBODY_KNOWS_IT'].map((type) => ({ type })),
  ...['one', 'two', 'left', 'right', 'book', 'whole', 'part', 'unseen'].flatMap((id) => [
    { type: `xstate.done.actor.${id}`, output: { id }, actorId: id },
    { type: `xstate.error.actor.${id}`, error: { code: 'STEP_FAILED' }, actorId: id },
  ]),
  ...[
    '1000.(machine).waiting',
    '50.(machine).waiting',
    '300.(machine).right.working',
    '70.(machine).outer.inner',
  ].map((rest) => ({ type: `xstate.after.${rest}` })),
];

describe.each(Object.entries(machines))('%s', (_, machine) => {
  test('takes the same states with the same effects as the documented functions', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...events), fc.boolean()), { maxLength: 25 }), (walk) => {
        let theirs = documented(machine, undefined);
        let ours = initialStep(machine, {});
        expect(ours.effects).toEqual(theirs.effects);
        for (const [event, reload] of walk) {
          if (ours.snapshot.status !== 'active') break;
          let from: AnyMachineSnapshot = ours.snapshot;
          if (reload) {
            const json = JSON.parse(JSON.stringify(persistSnapshot(from, {})));
            from = restoreSnapshot(machine, json, {});
          }
          theirs = documented(machine, theirs.snapshot, event);
          ours = nextStep(machine, from, event);
          expect(ours.effects).toEqual(theirs.effects);
          expect(persisted(ours.snapshot)).toEqual(persisted(theirs.snapshot));
        }
      }),
      { numRuns: 150 },
    );
  });

  test('persists as XState does, and restores what an unstarted actor restores', () => {
    const { snapshot } = initialStep(machine, {});
    const json = JSON.parse(JSON.stringify(persistSnapshot(snapshot, {})));
    expect(json).toEqual(persisted(snapshot));
    const restored = restoreSnapshot(machine, json, {});
    const theirs = createActor(machine, { snapshot: json }).getSnapshot() as AnyMachineSnapshot;
    expect(persisted(restored)).toEqual(persisted(theirs));
    expect(Object.keys(restored.children)).toEqual(Object.keys(theirs.children));
  });
});

test('effects and snapshots hold no actor, function or class of XState', () => {
  const { snapshot, effects } = initialStep(machines['nested']!, {});
  const stop = nextStep(machines['nested']!, snapshot, { type: 'xstate.error.actor.whole' });
  const plain = [effects, stop.effects, persistSnapshot(stop.snapshot, {})];
  expect(JSON.parse(JSON.stringify(plain))).toEqual(plain);
  expect(stop.effects).toContainEqual({ type: 'invoke-stop', invokeId: 'part' });
});

test('undelayed raises are applied and not asked for again', () => {
  const { snapshot } = initialStep(machines['raising']!, {});
  const { effects, snapshot: next } = nextStep(machines['raising']!, snapshot, { type: 'A' });
  expect(effects).toEqual([]);
  expect(next.value).toBe('three');
});

test('a context that looks like actors or like their references passes through', () => {
  const hostile = {
    actor: { sessionId: 'x:1', send: 'me', ref: 'somewhere' },
    reference: { xstate$$type: 1, id: 'nobody' },
    n: 0,
  };
  const machine = setup({ types: { context: {} as typeof hostile } }).createMachine({
    context: structuredClone(hostile),
    on: { A: { actions: assign({ n: ({ context }) => context.n + 1 }) } },
  });
  const { snapshot } = initialStep(machine, undefined);
  const json = JSON.parse(JSON.stringify(persistSnapshot(snapshot, {})));
  const restored = restoreSnapshot(machine, json, {});
  const { snapshot: next } = nextStep(machine, restored, { type: 'A' });
  expect(next.context).toEqual({ ...hostile, n: 1 });
});

test('the memo gives back the live snapshot, and only for what was persisted last', () => {
  const memo = {};
  const { snapshot } = initialStep(machines['linear']!, {});
  const first = persistSnapshot(snapshot, memo);
  expect(restoreSnapshot(machines['linear']!, first, memo)).toBe(snapshot);
  persistSnapshot(nextStep(machines['linear']!, snapshot, { type: 'A' }).snapshot, memo);
  expect(restoreSnapshot(machines['linear']!, first, memo)).not.toBe(snapshot);
});

const fails = () => {
  throw new Error('no');
};

test('a throwing context is a snapshot in error, a throwing assign throws', () => {
  const atStart = createMachine({ context: fails });
  expect(initialStep(atStart, {}).snapshot).toMatchObject({ status: 'error', error: { message: 'no' } });
  const later = createMachine({ context: { n: 0 }, on: { A: { actions: assign({ n: fails }) } } });
  const { snapshot } = initialStep(later, {});
  expect(() => nextStep(later, snapshot, { type: 'A' })).toThrow('no');
});
