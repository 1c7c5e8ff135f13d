import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { code } from '../define/steps.ts';
import { createEngine } from '../engine.ts';
import { failureOf } from '../define/failure.ts';
import type { Engine } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import type { JournalStore } from '../journal/store.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import { assign } from '../xstate/actions.ts';

/** What the steps did to the world. It does not forget, and it does not mind repetitions. */
type Deeds = string[];

const N = z.object({ n: z.number() });

/** A pure step, a wait of 2 s, an idempotent step, a step that takes effect once. Each takes 100 ms. */
function chain(
  deeds: Deeds,
  clock: VirtualClock,
  { totalMs = 60_000, looking = 'pure' }: { totalMs?: number; looking?: 'pure' | 'idempotent' } = {},
) {
  const deed = async (what: string) => {
    deeds.push(`begin ${what}`);
    await new Promise<void>((resolve) => void clock.setTimer(100, resolve));
    deeds.push(`done ${what}`);
  };
  const steps = {
    look: code({
      input: N,
      output: N,
      effect: looking,
      run: async ({ input }) => {
        await deed('look');
        return { n: input.n + 1 };
      },
    }),
    book: code({
      input: N,
      output: N,
      effect: 'idempotent',
      run: async ({ input, idempotencyKey }) => {
        await deed(`book ${idempotencyKey}`);
        return { n: input.n + 1 };
      },
    }),
    pay: code({
      input: N,
      output: N,
      effect: 'once',
      run: async ({ input }) => {
        await deed('pay');
        return { n: input.n + 1 };
      },
    }),
  };
  const take = assign(({ event }: { event: { output: { n: number } } }) => event.output) as never;
  return setupWorkflow({
    id: 'chain',
    input: N,
    output: z.object({ n: z.number(), doubt: z.string().nullable() }),
    context: z.object({ n: z.number(), doubt: z.string().nullable() }),
    budget: { totalMs },
    steps,
  }).createMachine({
    context: ({ input }) => ({ n: input.n, doubt: null }),
    output: ({ context }) => context,
    initial: 'looking',
    states: {
      looking: {
        invoke: {
          id: 'look',
          src: 'look',
          input: ({ context }) => ({ n: context.n }),
          onDone: { target: 'waiting', actions: take },
          onError: 'failed',
        },
      },
      waiting: { after: { 2_000: 'booking' } },
      booking: {
        invoke: {
          id: 'book',
          src: 'book',
          input: ({ context }) => ({ n: context.n }),
          onDone: { target: 'paying', actions: take },
          onError: 'failed',
        },
      },
      paying: {
        invoke: {
          id: 'pay',
          src: 'pay',
          input: ({ context }) => ({ n: context.n }),
          onDone: { target: 'paid', actions: take },
          onError: {
            target: 'unsure',
            actions: assign(({ event }) => ({ doubt: failureOf(event.error).code })),
          },
        },
      },
      paid: { type: 'final' },
      unsure: { type: 'final', tags: ['degraded'] },
      failed: { type: 'final', tags: ['degraded'] },
    },
  });
}

/** A process that stops dead at its n-th write: before it, or after it but before anybody hears of it. */
function dying(journal: JournalStore, at: number, when: 'before' | 'after'): JournalStore {
  const never = new Promise<never>(() => {});
  let writes = 0;
  const write = async <T>(act: () => Promise<T>): Promise<T> => {
    writes++;
    if (writes > at || (writes === at && when === 'before')) return never;
    const result = await act();
    return writes === at ? never : result;
  };
  return {
    create: (batch) => write(() => journal.create(batch)),
    commit: (fence, batch) => write(() => journal.commit(fence, batch)),
    load: (runId) => journal.load(runId),
    entries: (runId, fromSeq) => journal.entries(runId, fromSeq),
    claim: (runId) => journal.claim(runId),
    list: (filter) => journal.list(filter),
    release: (fence) => journal.release(fence),
    shapes: journal.shapes,
    inbox: journal.inbox,
    close: () => journal.close(),
  };
}

const engineOn = (journal: JournalStore, clock: VirtualClock): Engine =>
  createEngine({ gateway: scriptedGateway(), journal, clock });

/** Lets an engine run until it stops dead, and another one on the same journal go on. */
async function crashAndRecover(at: number, when: 'before' | 'after') {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const deeds: Deeds = [];
  const workflow = chain(deeds, clock);
  void engineOn(dying(journal, at, when), clock).start(workflow, { n: 0 }, { runId: 'run' });
  await clock.advance(3_000);
  const before = deeds.length;
  const { runs, left } = await clock.run(engineOn(journal, clock).recover([workflow]));
  const outcomes = await clock.run(Promise.all(runs.map(({ result }) => result)));
  return { outcomes, left, deeds, before, record: await journal.load('run') };
}

const WRITES = [1, 2, 3, 4, 5];

describe.each(['before', 'after'] as const)('a process that dies %s its write', (when) => {
  test.each(WRITES)('%i is followed by one that ends the run, repeating nothing that ended', async (at) => {
    const { outcomes, left, deeds, record } = await crashAndRecover(at, when);
    expect(left).toEqual([]);
    if (record === undefined) return void expect([at, when, deeds]).toEqual([1, 'before', []]);
    if (outcomes.length === 0) {
      // Its end was written, only nobody heard of it.
      return void expect([at, when, record.status]).toEqual([5, 'after', 'succeeded']);
    }
    expect(['succeeded', 'degraded']).toContain(outcomes[0]?.status);
    // A step whose end was recorded is not begun again, and what takes effect once is begun once.
    const begun = (what: string) => deeds.filter((deed) => deed.startsWith(`begin ${what}`));
    expect(begun('pay')).toHaveLength(at === 4 && when === 'after' ? 0 : 1);
    expect(begun('look').length).toBeLessThanOrEqual(at === 2 && when === 'before' ? 2 : at === 1 ? 1 : 1);
    expect(new Set(begun('book')).size).toBe(1);
    const inDoubt = (at === 4 && when === 'after') || (at === 5 && when === 'before');
    expect(outcomes[0]).toMatchObject(
      inDoubt
        ? { status: 'degraded', output: { n: 2, doubt: 'UNCERTAIN' } }
        : { status: 'succeeded', output: { n: 3, doubt: null } },
    );
  });
});

async function recoveredAfter(stillMs: number, jumpMs: number) {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const deeds: Deeds = [];
  const workflow = chain(deeds, clock, { totalMs: 10_000 });
  // Dies while it waits, 100 ms after its start.
  void engineOn(dying(journal, 3, 'before'), clock).start(workflow, { n: 0 }, { runId: 'run' });
  await clock.advance(100 + stillMs);
  clock.jumpEpoch(jumpMs);
  const startedMs = clock.nowMs();
  const { runs } = await clock.run(engineOn(journal, clock).recover([workflow]));
  const [outcome] = await clock.run(Promise.all(runs.map(({ result }) => result)));
  const tookMs = clock.nowMs() - startedMs;
  for await (const event of runs[0]!.events) {
    if (event.type === 'run-resume') return { outcome, tookMs, leftMs: event.leftMs };
  }
  throw new Error('It did not say that it goes on.');
}

describe('the deadline', () => {
  test('holds over the restart: what is left is what was left, less the time the run lay still', async () => {
    const { outcome } = await recoveredAfter(9_000, 0);
    // The wait ended long ago, by its due time; 900 ms are enough for the two steps.
    expect(outcome).toMatchObject({ status: 'succeeded', withinBudget: true, ms: 9_300 });
    const late = await recoveredAfter(9_750, 0);
    expect(late.outcome?.status).not.toBe('succeeded');
    expect(late.outcome?.ms).toBeLessThanOrEqual(10_000);
  });

  test('a run that lay still beyond its deadline ends at once, and does nothing more', async () => {
    const { outcome, tookMs } = await recoveredAfter(60_000, 0);
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'DEADLINE_EXCEEDED' } });
    expect(tookMs).toBe(0);
  });

  test.each([2, 4, 5])(
    'nothing takes effect any more for a run that died at write %i and lay still beyond it',
    async (at) => {
      const clock = createVirtualClock();
      const journal = memoryJournal();
      const deeds: Deeds = [];
      const workflow = chain(deeds, clock);
      void engineOn(dying(journal, at, 'before'), clock).start(workflow, { n: 0 }, { runId: 'run' });
      await clock.advance(3_000);
      const before = [...deeds];
      clock.jumpEpoch(3_600_000);
      const { runs } = await clock.run(engineOn(journal, clock).recover([workflow]));
      const outcome = await clock.run(runs[0]!.result);
      expect(outcome).toMatchObject({ status: 'failed', error: { code: 'DEADLINE_EXCEEDED' } });
      expect(deeds).toEqual(before);
    },
  );

  test.each([-3_600_000, -86_400_000])(
    'a wall clock that went back %i ms gives it no more time',
    async (jumpMs) => {
      const { outcome, leftMs } = await recoveredAfter(500, jumpMs);
      expect(outcome).toMatchObject({ status: 'succeeded', withinBudget: true });
      // As much as when it was last heard of.
      expect(leftMs).toBe(9_900);
    },
  );

  test.each([3_600_000, 86_400_000])(
    'a wall clock that went ahead %i ms ends it in time rather than late',
    async (jumpMs) => {
      const { outcome, tookMs } = await recoveredAfter(500, jumpMs);
      expect(outcome).toMatchObject({ status: 'failed', error: { code: 'DEADLINE_EXCEEDED' } });
      expect(tookMs).toBe(0);
    },
  );
});

describe('what is left alone', () => {
  test('runs of workflows that are not given, or are other ones by now, are named and untouched', async () => {
    const clock = createVirtualClock();
    const journal = memoryJournal();
    const workflow = chain([], clock);
    void engineOn(dying(journal, 2, 'before'), clock).start(workflow, { n: 0 }, { runId: 'run' });
    await clock.advance(1_000);
    const engine = engineOn(journal, clock);
    expect(await engine.recover([])).toMatchObject({
      runs: [],
      left: [{ runId: 'run', workflowId: 'chain', code: 'WORKFLOW_INVALID' }],
    });
    const changed = chain([], clock, { looking: 'idempotent' });
    expect(await engine.recover([changed])).toMatchObject({
      runs: [],
      left: [{ runId: 'run', code: 'WORKFLOW_CHANGED' }],
    });
    const { runs } = await engine.recover([workflow]);
    expect((await clock.run(runs[0]!.result)).status).toBe('succeeded');
  });

  test('runs that were not asked for', async () => {
    const clock = createVirtualClock();
    const journal = memoryJournal();
    const workflow = chain([], clock);
    const gone = engineOn(dying(journal, 3, 'before'), clock);
    for (const runId of ['one', 'two']) void gone.start(workflow, { n: 0 }, { runId });
    await clock.advance(1_000);
    const engine = engineOn(journal, clock);
    const asked = await engine.recover([workflow], { runIds: ['two', 'nobody'] });
    expect(asked.runs.map(({ runId }) => runId)).toEqual(['two']);
    expect(asked.left).toEqual([]);
    expect((await engine.recover([workflow])).runs.map(({ runId }) => runId)).toEqual(['one']);
    await clock.run(engine.close());
  });

  test('runs that this engine has in flight', async () => {
    const clock = createVirtualClock();
    const engine = engineOn(memoryJournal(), clock);
    const workflow = chain([], clock);
    const { result } = engine.start(workflow, { n: 0 });
    await clock.advance(50);
    expect(await engine.recover([workflow])).toEqual({ runs: [], left: [] });
    expect((await clock.run(result)).status).toBe('succeeded');
  });
});

test('the owner that was thought dead can write nothing any more', async () => {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const deeds: Deeds = [];
  const workflow = chain(deeds, clock);
  const first = engineOn(journal, clock).start(workflow, { n: 0 }, { runId: 'run' });
  await clock.advance(50);
  const { runs } = await engineOn(journal, clock).recover([workflow]);
  await expect(clock.run(first.result)).rejects.toMatchObject({ code: 'FENCED' });
  expect((await clock.run(runs[0]!.result)).status).toBe('succeeded');
  expect(deeds.filter((deed) => deed === 'begin pay')).toHaveLength(1);
});

test('a recovered run tells its listeners that it goes on, and how it ends', async () => {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const workflow = chain([], clock);
  void engineOn(dying(journal, 2, 'before'), clock).start(
    workflow,
    { n: 0 },
    { runId: 'run', labels: { team: 'cx' } },
  );
  await clock.advance(1_000);
  const { runs } = await engineOn(journal, clock).recover([workflow]);
  await clock.run(runs[0]!.result);
  const types: string[] = [];
  for await (const event of runs[0]!.events) {
    types.push(event.type);
    if (event.type === 'run-resume')
      expect(event).toMatchObject({ workflowId: 'chain', labels: { team: 'cx' }, seq: 1, leftMs: 59_000 });
  }
  expect(types[0]).toBe('run-resume');
  expect(types.at(-1)).toBe('run-end');
});

test('an engine that leaves its runs stops their work at once, and another one goes on', async () => {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const deeds: Deeds = [];
  const workflow = chain(deeds, clock);
  const first = engineOn(journal, clock);
  const { result } = first.start(workflow, { n: 0 }, { runId: 'run' });
  await clock.advance(50);
  const ended = result.catch((error: unknown) => error);
  await clock.run(first.close({ unfinished: 'leave' }));
  expect(await ended).toMatchObject({ code: 'ENGINE_CLOSED' });
  expect((await journal.load('run'))?.status).toBe('running');
  expect(deeds).toEqual(['begin look']);
  const { runs } = await engineOn(journal, clock).recover([workflow]);
  expect((await clock.run(runs[0]!.result)).status).toBe('succeeded');
  expect(clock.pendingTimers()).toBe(0);
});
