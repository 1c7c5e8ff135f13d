import {
  assign,
  cancel,
  createActor,
  fromTransition,
  initialTransition,
  not,
  raise,
  setup,
  transition,
} from 'xstate';
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stepActor } from './create.ts';
import type { MachineEffect, MachineEvent } from './effects.ts';
import { shortcut } from './shortcut.ts';
import { initialStep, nextStep, persistSnapshot, restoreSnapshot } from './step.ts';

const fails = () => {
  throw new Error('no');
};

const prepared = setup({
  types: { context: {} as { n: number } },
  actors: { work: stepActor('work'), other: stepActor('other'), foreign: fromTransition((n) => n, 1) },
  actions: { countByName: assign({ n: ({ context }) => context.n + 1 }) },
  guards: { atLeast: ({ context }, { n }: { n: number }) => context.n >= n },
  delays: { named: ({ context }) => 10 * context.n },
});
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
  ...['A', 'B', 'C', 'NOBODY_KNOWS_IT', 'xstate.stop', 'xstate.init'].map((type) => ({ type })),
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

/** One event of a walk: one that the machine's states listen to, or any. */
interface Stride {
  readonly pick: number;
  readonly listened: boolean;
  /** The machine has been persisted and restored just before. */
  readonly reload: boolean;
}

/** Mostly the first: a machine in which every part is odd says little about each. */
const mostly = <T>(usual: T, ...odd: readonly T[]) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...odd) });

const walks = fc.array(
  fc.record<Stride>({ pick: fc.nat(), listened: mostly(true, false), reload: fc.boolean() }),
  { minLength: 10, maxLength: 25 },
);

function eventAt({ pick, listened }: Stride, { _nodes: nodes }: AnyMachineSnapshot): MachineEvent {
  const types: string[] = listened ? nodes.flatMap((node) => node.ownEvents) : [];
  const type = types[pick % types.length];
  const known = events.find((event) => event.type === type);
  return known ?? (type === undefined ? events[pick % events.length]! : { type });
}

function activeStates({ _nodes: nodes }: AnyMachineSnapshot): ReadonlySet<string> {
  return new Set(nodes.map(({ id }) => id));
}

/** What it threw is a result too. */
function attempt<T>(step: () => T): { readonly value: T } | { readonly thrown: string } {
  try {
    return { value: step() };
  } catch (error) {
    return { thrown: String(error) };
  }
}

/** Walks both ways side by side. @returns how many steps took the shortcut */
function compareWalks(machine: AnyStateMachine, walk: readonly Stride[]): number {
  let shortcuts = 0;
  let theirs = documented(machine, undefined);
  let ours = initialStep(machine, {});
  expect(ours.effects).toEqual(theirs.effects);
  for (const stride of walk) {
    // A machine that failed goes nowhere, and no run asks it anything: what a reload makes of states half entered is all the same.
    if (theirs.snapshot.status === 'error') break;
    let from: AnyMachineSnapshot = ours.snapshot;
    if (stride.reload) {
      from = restoreSnapshot(machine, JSON.parse(JSON.stringify(persistSnapshot(from, {}))), {});
    }
    const event = eventAt(stride, from);
    const theirTry = attempt(() => documented(machine, theirs.snapshot, event));
    const ourTry = attempt(() => nextStep(machine, from, event));
    if ('thrown' in theirTry || 'thrown' in ourTry) {
      expect(ourTry).toEqual(theirTry);
      break;
    }
    if (shortcut(machine, from, event) !== null) shortcuts++;
    theirs = theirTry.value;
    ours = ourTry.value;
    expect(ours.effects).toEqual(theirs.effects);
    expect(persisted(ours.snapshot)).toEqual(persisted(theirs.snapshot));
    expect(ours.snapshot.tags).toEqual(theirs.snapshot.tags);
    expect(activeStates(ours.snapshot)).toEqual(activeStates(theirs.snapshot));
  }
  return shortcuts;
}

const targets = ['a', 'b', 'c', 'd', 'deep', 'deep.y', 'past', 'end'].map((path) => `#top.${path}`);
const anAction = fc.constantFrom<unknown>(
  count,
  prepared.assign({ n: 2 }),
  prepared.assign(({ event }) => ({ n: (event as { output?: { n?: number } }).output?.n ?? 1 })),
  prepared.assign({ n: ({ context }) => (context.n === 4 ? fails() : context.n + 2) }),
  prepared.raise({ type: 'C' }, { id: 'poke', delay: 20 }),
  prepared.raise({ type: 'C' }, { delay: 'named' }),
  prepared.raise(({ context }) => ({ type: context.n > 1 ? 'A' : 'B' }), { delay: 5 }),
  cancel('poke'),
  cancel(() => 'poke'),
  raise({ type: 'B' }),
  'countByName',
);
const actions = fc.oneof(
  { weight: 3, arbitrary: mostly<unknown[]>([], [count]) },
  { weight: 1, arbitrary: fc.array(anAction, { maxLength: 2 }) },
);

const aTransition = fc.record({
  target: mostly<string | undefined>('#top.b', ...targets, undefined),
  guard: mostly<unknown>(
    undefined,
    ({ context }: { context: { n: number } }) => context.n % 2 === 0,
    ({ context }: { context: { n: number } }) => context.n === 3 && fails(),
    { type: 'atLeast', params: { n: 2 } },
    { type: 'atLeast', params: ({ context }: { context: { n: number } }) => ({ n: context.n - 1 }) },
  ),
  actions,
  reenter: fc.boolean(),
});
const transitions = fc.array(aTransition, { minLength: 1, maxLength: 2 });
const anAfter = fc.dictionary(mostly('50', '1000', 'named'), aTransition, { maxKeys: 1 });

const anInvoke = fc.record({
  id: fc.constantFrom('one', 'two', 'left'),
  src: mostly('work', 'other', 'other', 'foreign'),
  input: mostly<unknown>(
    ({ context }: { context: { n: number } }) => ({ n: context.n }),
    undefined,
    { n: 7 },
    ({ event }: { event: MachineEvent }) => (event.type.endsWith('two') ? fails() : event.type),
  ),
  onDone: transitions,
  onError: fc.option(transitions, { nil: undefined }),
});
const invokes = (minLength: number) => fc.array(anInvoke, { minLength, maxLength: 2 });

const always = mostly<unknown>(undefined, undefined, undefined, {
  target: '#top.c',
  guard: ({ context }: { context: { n: number } }) => context.n % 3 === 2,
});

const aState = fc.record({
  invoke: invokes(1),
  after: anAfter,
  entry: actions,
  exit: actions,
  tags: fc.subarray(['early', 'slow']),
  on: fc.dictionary(fc.constantFrom('A', 'B', 'C', '*', 'xstate.done.*'), aTransition, { maxKeys: 1 }),
  always,
});

const aMachine = fc
  .record({
    states: fc.record({ a: aState, b: aState, c: aState, d: aState }),
    output: mostly<unknown>(({ event }: { event: unknown }) => event, undefined, fails),
    finalOutput: mostly<unknown>(undefined, ({ context }: { context: unknown }) => context),
    root: fc.record({
      invoke: invokes(0),
      after: anAfter,
      exit: actions,
      tags: fc.subarray(['rooted']),
      always,
    }),
    isRootBare: mostly(true, false),
  })
  .map(({ states, output, finalOutput, root, isRootBare }) => {
    const deep = { initial: 'x', states: { x: { on: { A: 'y' } }, y: { after: { 30: '#top.a' } } } };
    const end = { type: 'final', tags: ['degraded'], output: finalOutput };
    const config = {
      id: 'top',
      context: () => ({ n: 0 }),
      initial: 'a',
      states: { ...states, deep, past: { type: 'history' }, end },
      output,
      options: { maxIterations: 20 },
    };
    return createMachine(
      (isRootBare ? config : { ...config, ...root }) as never,
    ) as unknown as AnyStateMachine;
  });

test('machines of any shape take the same states with the same effects as the documented functions', () => {
  let shortcuts = 0;
  fc.assert(
    fc.property(aMachine, walks, (machine, walk) => {
      shortcuts += compareWalks(machine, walk);
    }),
    { numRuns: 500 },
  );
  // The comparison is about shortcuts too: they must be a fair part of it.
  expect(shortcuts).toBeGreaterThan(300);
});

describe.each(Object.entries(machines))('%s', (_, machine) => {
  test('takes the same states with the same effects as the documented functions', () => {
    fc.assert(
      fc.property(walks, (walk) => void compareWalks(machine, walk)),
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

test('what a step answered is assigned as XState assigns it, whatever its keys', () => {
  const machine = prepared.createMachine({
    context: { n: 0 },
    initial: 'a',
    states: {
      a: {
        invoke: {
          id: 'work',
          src: 'work',
          onDone: { target: 'b', actions: assign(({ event }) => event.output as object) },
        },
      },
      b: {},
    },
  });
  const { snapshot } = initialStep(machine, {});
  const event = { type: 'xstate.done.actor.work', output: JSON.parse('{"n":1,"__proto__":{"x":1}}') };
  expect(shortcut(machine, snapshot, event)).not.toBeNull();
  const ours = nextStep(machine, snapshot, event).snapshot.context as object;
  const [theirs] = transition(machine, snapshot as never, event as never);
  expect(Object.keys(ours)).toEqual(Object.keys(theirs.context));
  expect(JSON.stringify(ours)).toBe(JSON.stringify(theirs.context));
});

test('the memo gives back the live snapshot, and only for what was persisted last', () => {
  const memo = {};
  const { snapshot } = initialStep(machines['linear']!, {});
  const first = persistSnapshot(snapshot, memo);
  expect(restoreSnapshot(machines['linear']!, first, memo)).toBe(snapshot);
  persistSnapshot(nextStep(machines['linear']!, snapshot, { type: 'A' }).snapshot, memo);
  expect(restoreSnapshot(machines['linear']!, first, memo)).not.toBe(snapshot);
});

test('a throwing context is a snapshot in error, a throwing assign throws', () => {
  const atStart = createMachine({ context: fails });
  expect(initialStep(atStart, {}).snapshot).toMatchObject({ status: 'error', error: { message: 'no' } });
  const later = createMachine({ context: { n: 0 }, on: { A: { actions: assign({ n: fails }) } } });
  const { snapshot } = initialStep(later, {});
  expect(() => nextStep(later, snapshot, { type: 'A' })).toThrow('no');
});
