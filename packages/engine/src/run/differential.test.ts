import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom, systemClock } from '@paceline/resilience';
import type { Random } from '@paceline/resilience';
import {
  createActor,
  emit,
  enqueueActions,
  fromPromise,
  sendParent,
  sendTo,
  SimulatedClock,
  spawnChild,
  stopChild,
} from 'xstate';
import type { AnyActorRef, AnyMachineSnapshot } from 'xstate';
import { afterAll, describe, expect, test } from 'vitest';
import type { Workflow } from '../define/workflow.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import { sqliteJournal } from '../journal/sqlite/sqlite-journal.ts';
import type { JournalStore } from '../journal/store.ts';
import { at, chart, SIGNALS } from '../test-support/charts/chart.ts';
import { FLAT } from '../test-support/charts/flat.ts';
import { NESTED } from '../test-support/charts/nested.ts';
import { PARALLEL } from '../test-support/charts/parallel.ts';
import { assign } from '../xstate/actions.ts';
import { restoreSnapshot } from '../xstate/step.ts';
import { advance } from './advance.ts';
import type { Fence, RunEvent, RunRecord } from './record.ts';

// XState's own interpreter, with live actors for the steps and its own simulated clock, beside the journaled loop, which forgets
// everything before every event but what JSON, or a file, can hold.

const CHARTS = { ...FLAT, ...NESTED, ...PARALLEL };

const folder = mkdtempSync(join(tmpdir(), 'paceline-differential-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What both have to agree upon. */
interface State {
  readonly status: string;
  readonly value: unknown;
  readonly context: unknown;
  readonly tags: readonly string[];
  readonly output: unknown;
  /** Steps at work, by invoke id. */
  readonly working: readonly string[];
}

/** One way of running a machine. */
interface Side {
  state(): Promise<State>;
  answer(invokeId: string, output: { readonly n: number }): Promise<void>;
  fail(invokeId: string, failure: { readonly code: string; readonly message: string }): Promise<void>;
  signal(name: string, n: number): Promise<void>;
  /** Until its next timer, or as long as given if that is shorter. */
  wait(ms: number): Promise<void>;
}

const settled = () => new Promise<void>((resolve) => systemClock.nextTurn(resolve));

/** Nothing of Paceline: an actor, its children and its clock. */
function theirs(workflow: Workflow) {
  const clock = new SimulatedClock();
  const open = new Map<string, { resolve: (value: unknown) => void; reject: (reason: unknown) => void }>();
  const work = fromPromise(
    ({ self }) => new Promise((resolve, reject) => open.set(self.id, { resolve, reject })),
  );
  const machine = workflow.provide({ actors: { work } as never });
  const actor = createActor(machine, { clock, input: null as never, logger: () => {} });
  // A run that fails is a state too, and no reason to throw.
  actor.subscribe({ error: () => {} });
  actor.start();
  const snapshot = () => actor.getSnapshot() as AnyMachineSnapshot;
  const side: Side = {
    async state() {
      const { status, value, context, tags, output, children } = snapshot();
      const working = Object.entries<AnyActorRef>(children)
        .filter(([, child]) => child.getSnapshot().status === 'active')
        .map(([id]) => id);
      return {
        status,
        value,
        context,
        tags: [...tags].toSorted(),
        output,
        working: status === 'active' ? working.toSorted() : [],
      };
    },
    async answer(invokeId, output) {
      open.get(invokeId)!.resolve(output);
      await settled();
    },
    async fail(invokeId, failure) {
      open.get(invokeId)!.reject(failure);
      await settled();
    },
    async signal(type, n) {
      actor.send({ type, payload: { n } });
    },
    async wait(ms) {
      clock.increment(ms);
      await settled();
    },
  };
  return { side, takes: (type: string, n: number) => snapshot().can({ type, payload: { n } }) };
}

/** Opens what the run is kept in, anew. */
type Open = () => JournalStore;

/** The loop of the driver without a driver: every event meets a run that was read back, and a machine that was restored. */
async function ours(workflow: Workflow, open: Open) {
  let nowMs = 0;
  let fence: Fence | undefined;
  let signals = 0;
  let store = open();

  const read = async (): Promise<RunRecord | null> => {
    await store.close();
    store = open();
    const record = await store.load('run');
    return record === undefined ? null : (JSON.parse(JSON.stringify(record)) as RunRecord);
  };
  const take = async (event: RunEvent): Promise<void> => {
    const record = await read();
    const advanced = advance({ workflow, record, event, nowEpochMs: nowMs });
    expect(advanced, `it takes ${event.type}`).not.toBeNull();
    const { batch } = advanced!;
    if (record === null) fence = await store.create(batch);
    else await store.commit(fence!, batch);
  };
  const tokenOf = async (invokeId: string) => (await read())!.pending[invokeId]!.token;
  const nextTimer = async () =>
    Object.values((await read())!.timers).toSorted((one, other) => one.dueEpochMs - other.dueEpochMs)[0];

  await take({
    type: 'run-start',
    runId: 'run',
    input: null,
    labels: {},
    totalMs: 1_000_000,
    capUsd: null,
  });
  const side: Side = {
    async state() {
      const record = (await read())!;
      const snapshot = restoreSnapshot(workflow, record.snapshot, {});
      const { status, value, context, tags, output } = snapshot;
      const working = Object.keys(record.pending).toSorted();
      return { status, value, context, tags: [...tags].toSorted(), output, working };
    },
    answer: async (invokeId, output) =>
      take({ type: 'step-done', token: await tokenOf(invokeId), output: { ...output }, attempts: [] }),
    fail: async (invokeId, failure) =>
      take({ type: 'step-failed', token: await tokenOf(invokeId), failure, attempts: [] }),
    signal: (name, n) => take({ type: 'signal', id: `s${signals++}`, name, payload: { n } }),
    async wait(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const timer = await nextTimer();
        if (timer === undefined || timer.dueEpochMs > untilMs) break;
        nowMs = timer.dueEpochMs;
        await take({ type: 'timer-due', token: timer.token });
      }
      nowMs = untilMs;
    },
  };
  return { side, nextTimer, nowMs: () => nowMs, close: () => store.close() };
}

/** A journal in memory that outlives its closing. */
function inMemory(): Open {
  const store: JournalStore = Object.create(memoryJournal(), { close: { value: async () => {} } });
  return () => store;
}

let files = 0;
function onDisk(): Open {
  const path = join(folder, `${files++}.db`);
  return () => sqliteJournal({ path });
}

const MOST_EVENTS = 14;

/** Draws one thing after the other that may happen to the machine and lets it happen on both sides. @returns how it ended */
async function walk(
  workflow: Workflow,
  open: Open,
  random: Random,
): Promise<{ events: number; ended: boolean }> {
  const they = theirs(workflow);
  const we = await ours(workflow, open);
  const below = (limit: number) => Math.floor(random.next() * limit);
  let events = 0;
  let state = await they.side.state();
  expect(await we.side.state()).toEqual(state);
  while (state.status === 'active' && events < MOST_EVENTS) {
    const n = below(4);
    const timer = await we.nextTimer();
    const chances: ((side: Side) => Promise<void>)[] = [
      ...state.working.flatMap((id) => [
        (side: Side) => side.answer(id, { n }),
        (side: Side) => side.answer(id, { n }),
        (side: Side) => side.fail(id, { code: 'STEP_FAILED', message: 'It failed.' }),
      ]),
      ...SIGNALS.filter((name) => they.takes(name, n)).map((name) => (side: Side) => side.signal(name, n)),
      ...(timer === undefined
        ? []
        : [
            (side: Side) => side.wait(timer.dueEpochMs - we.nowMs()),
            (side: Side) => side.wait((timer.dueEpochMs - we.nowMs()) / 2),
          ]),
    ];
    const happens = chances[below(chances.length)];
    if (happens === undefined) break;
    await happens(they.side);
    await happens(we.side);
    events++;
    state = await they.side.state();
    expect(await we.side.state()).toEqual(state);
  }
  await we.close();
  return { events, ended: state.status !== 'active' };
}

const WALKS = 6;

describe.each(Object.entries(CHARTS))('%s', (name, make) => {
  test('takes the states that XState takes, persisted and reloaded before every event', async () => {
    const workflow = make();
    let events = 0;
    for (let nth = 0; nth < WALKS; nth++) {
      events += (await walk(workflow, inMemory(), seededRandom(`${name} ${nth}`))).events;
    }
    expect(events).toBeGreaterThan(0);
  });
});

test('the same through a file that is opened again before every event', async () => {
  let ended = 0;
  for (const [name, make] of Object.entries(CHARTS).filter((_, nth) => nth % 6 === 0)) {
    ended += Number((await walk(make(), onDisk(), seededRandom(`${name} file`))).ended);
  }
  expect(ended).toBeGreaterThan(0);
});

test('at least sixty machines are compared, each of another shape', () => {
  const shapes = Object.values(CHARTS).map((make) => JSON.stringify(make().config));
  expect(new Set(shapes).size).toBeGreaterThanOrEqual(60);
});

/** What XState's interpreter would do and a recorded run cannot: refused when the workflow is defined, never silently left out. */
const REFUSED: Readonly<Record<string, () => object>> = {
  'an action of its own': () => ({ entry: () => {} }),
  'an action by name': () => ({ entry: 'ring' }),
  'an event for another actor': () => ({ entry: sendTo('x', { type: 'GO' }) }),
  'an event for its parent': () => ({ entry: sendParent({ type: 'GO' }) }),
  'an actor that is spawned': () => ({ entry: spawnChild('work', { id: 'y' }) }),
  'an actor that is spawned in an assign': () => ({
    entry: assign(({ spawn }) => ({ n: spawn('work' as never) as never })),
  }),
  'an actor that is stopped': () => ({ entry: stopChild('x') }),
  'an event for listeners': () => ({ entry: emit({ type: 'GO' }) }),
  'actions that are queued': () => ({ entry: enqueueActions(() => {}) }),
  'a guard by name': () => ({ on: { hello: { guard: 'ready', target: 'end' } } }),
  'a delay by name': () => ({ after: { soon: 'end' } }),
  'logic of its own': () => ({
    invoke: { id: 'x', src: fromPromise(async () => 1), onDone: 'end', onError: '#lost' },
  }),
  'a step without a name': () => ({ invoke: { src: 'work', onDone: 'end', onError: '#lost' } }),
  'a step with a name in the system': () => ({ invoke: { ...at('x', 'end').invoke, systemId: 'x' } }),
  'snapshots of a step': () => ({ invoke: { ...at('x', 'end').invoke, onSnapshot: 'end' } }),
  'a step without a way to fail': () => ({ invoke: { id: 'x', src: 'work', onDone: 'end' } }),
};

test.each(Object.entries(REFUSED))('refused when it is defined: %s', (_, make) => {
  const state = { after: { 10: 'end', 20: '#lost' }, ...make() };
  expect(() => chart({ a: state })).toThrow(expect.objectContaining({ code: 'WORKFLOW_INVALID' }));
});

test('without what is refused the same state is taken', () => {
  expect(() => chart({ a: { after: { 10: 'end', 20: '#lost' } } })).not.toThrow();
});
