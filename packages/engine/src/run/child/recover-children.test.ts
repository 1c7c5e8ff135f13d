import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { child } from '../../define/child.ts';
import { setupWorkflow } from '../../define/setup-workflow.ts';
import { map } from '../../define/map.ts';
import { code, reason } from '../../define/steps.ts';
import { createEngine } from '../../engine.ts';
import type { Engine } from '../../engine.ts';
import { memoryJournal } from '../../journal/memory-store.ts';
import type { JournalStore } from '../../journal/store.ts';
import { dying } from '../../test-support/dying.ts';
import { resultOf, scriptedGateway } from '../../test-support/gateway.ts';
import { flow } from '../../test-support/nested.ts';
import type { FlowOptions } from '../../test-support/nested.ts';

const anything = z.json();

const engineOn = (journal: JournalStore, clock: VirtualClock): Engine =>
  createEngine({ gateway: scriptedGateway(), journal, clock });

/** A run, its child and its child's child, which pays once; that takes 100 ms. */
function threeLevels(clock: VirtualClock, payments: unknown[], inner: FlowOptions = {}) {
  const pay = code({
    input: anything,
    output: anything,
    effect: 'once',
    run: async ({ input }) => {
      payments.push(input);
      await new Promise<void>((resolve) => void clock.setTimer(100, resolve));
      return { paid: input };
    },
  });
  return flow('outer', child(flow('middle', child(flow('inner', pay, inner)))));
}

const ENTRIES = [1, 2, 3, 4, 5, 6];

describe.each(['before', 'after'] as const)('a process that dies %s its write', (when) => {
  test.each(ENTRIES)('%i: its runs find their children again, and nothing is done twice', async (at) => {
    const clock = createVirtualClock();
    const journal = memoryJournal();
    const payments: unknown[] = [];
    const workflow = threeLevels(clock, payments);
    void engineOn(dying(journal, at, when), clock).start(workflow, 7, { runId: 'run' });
    await clock.advance(1_000);
    const { runs, left } = await engineOn(journal, clock).recover([workflow]);
    expect(left).toEqual([]);
    const outcomes = await clock.run(Promise.all(runs.map(({ result }) => result)));
    expect(await journal.list({ unfinished: true })).toEqual([]);
    const started = at > 1 || when === 'after';
    const inDoubt = (at === 3 && when === 'after') || (at === 4 && when === 'before');
    expect(payments).toHaveLength(!started || (at === 3 && when === 'after') ? 0 : 1);
    if (!started) return void expect(outcomes).toEqual([]);
    if (at === 6 && when === 'after')
      return void expect((await journal.load('run'))?.output).toEqual({ paid: 7 });
    expect(outcomes).toMatchObject([
      { runId: 'run', status: 'succeeded', output: inDoubt ? { code: 'UNCERTAIN' } : { paid: 7 } },
    ]);
  });

  test.each([2, 3, 4, 5, 6, 7])('%i while it cancels leaves no child that goes on', async (at) => {
    const clock = createVirtualClock();
    const journal = memoryJournal();
    const payments: unknown[] = [];
    const workflow = threeLevels(clock, payments);
    const { cancel } = engineOn(dying(journal, at, when), clock).start(workflow, 7, { runId: 'run' });
    await clock.advance(50);
    cancel('Enough.');
    await clock.advance(1_000);
    const before = payments.length;
    const ended = (await journal.load('run'))?.status === 'cancelled';
    const { runs, left } = await engineOn(journal, clock).recover([workflow]);
    expect(left).toEqual([]);
    await clock.run(Promise.all(runs.map(({ result }) => result)));
    await clock.advance(1_000);
    expect(await journal.list({ unfinished: true })).toEqual([]);
    if (ended) {
      expect(runs).toEqual([]);
      expect(payments).toHaveLength(before);
    }
  });
});

/** A child that takes 100 ms, of which its parent waits for 50. */
function impatient(clock: VirtualClock, ends: unknown[], goesOn: 'end' | 'wait') {
  const slow = code({
    input: anything,
    output: anything,
    effect: 'idempotent',
    run: async () => {
      await new Promise<void>((resolve) => void clock.setTimer(100, resolve));
      ends.push('end');
      return null;
    },
  });
  return setupWorkflow({
    id: 'impatient',
    input: anything,
    output: anything,
    context: z.object({}),
    budget: { totalMs: 10_000 },
    steps: { slow: child(flow('inner', slow)) },
  }).createMachine({
    context: {},
    output: null,
    initial: 'working',
    states: {
      working: {
        invoke: { id: 'slow', src: 'slow', input: 1, onDone: 'done', onError: 'done' },
        after: { 50: [{ guard: () => goesOn === 'end', target: 'done' }, { target: 'waiting' }] },
      },
      waiting: { after: { 1_000: 'done' } },
      done: { type: 'final' },
    },
  });
}

test.each(['end', 'wait'] as const)(
  'a child whose parent has gone on without it (to %s) is recovered only to be cancelled',
  async (goesOn) => {
    const clock = createVirtualClock();
    const journal = memoryJournal();
    const ends: unknown[] = [];
    const workflow = impatient(clock, ends, goesOn);
    // It dies when the parent has left the state and nobody has told the child.
    void engineOn(dying(journal, 3, 'after'), clock).start(workflow, 1, { runId: 'run' });
    await clock.advance(60);
    expect((await journal.load('run.slow.1'))?.status).toBe('running');
    const { runs, left } = await engineOn(journal, clock).recover([workflow]);
    expect(left).toEqual([]);
    expect(runs.map(({ runId }) => runId)).toEqual(['run']);
    await clock.run(Promise.all(runs.map(({ result }) => result)));
    await clock.advance(1_000);
    expect(await journal.load('run.slow.1')).toMatchObject({
      status: 'cancelled',
      failure: { message: 'The run that had started it no longer waits for it.' },
    });
    // Only the process that is gone had begun it.
    expect(ends).toEqual(['end']);
  },
);

async function stoppedAfter(at: number, stillMs: number) {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const payments: unknown[] = [];
  const workflow = threeLevels(clock, payments);
  void engineOn(dying(journal, at, 'before'), clock).start(workflow, 7, { runId: 'run' });
  await clock.advance(stillMs);
  const { runs } = await engineOn(journal, clock).recover([workflow]);
  const outcome = await clock.run(runs[0]!.result);
  return { outcome, payments, journal, clock };
}

test('a run that lay still beyond its deadline ends at once, and its children with it', async () => {
  const { outcome, journal, clock } = await stoppedAfter(4, 60_000);
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'DEADLINE_EXCEEDED' } });
  expect(await journal.list({ unfinished: true })).toEqual([]);
  expect(clock.pendingTimers()).toBe(0);
});

test('what a child had spent before counts against its parent’s cap, and is in its spend', async () => {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const ask = reason({ input: anything, output: z.object({ n: z.number() }), prompt: () => 'Well?' });
  const room: unknown[] = [];
  const gateway = scriptedGateway(async ({ budget }) => {
    const held = budget?.money.reserve(0.001);
    room.push(held?.ok);
    if (held?.ok) held.settle(0.01);
    return resultOf({ text: '{"n":1}' });
  });
  const asking = map(child(flow('inner', ask)), { concurrency: 1 });
  const workflow = flow('outer', asking, { budget: { totalMs: 10_000, usd: 0.01 } });
  const engine = (store: JournalStore) => createEngine({ gateway, journal: store, clock });
  // It dies when the first child has ended and nobody has heard of it.
  void engine(dying(journal, 4, 'after')).start(workflow, [1, 2], { runId: 'run' });
  await clock.advance(1_000);
  expect((await journal.load('run.step.1.0'))?.status).toBe('succeeded');
  const { runs } = await engine(journal).recover([workflow]);
  const outcome = await clock.run(runs[0]!.result);
  expect(outcome.spend).toMatchObject({ knownUsd: 0.02, calls: 2 });
  expect(room).toEqual([true, false]);
});

test('the children of a run that was not asked for are left with it', async () => {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const workflow = threeLevels(clock, []);
  const gone = engineOn(dying(journal, 7, 'before'), clock);
  for (const runId of ['one', 'two']) void gone.start(workflow, 7, { runId });
  await clock.advance(1_000);
  const engine = engineOn(journal, clock);
  const { runs } = await engine.recover([workflow], { runIds: ['two'] });
  await clock.run(Promise.all(runs.map(({ result }) => result)));
  const unfinished = await journal.list({ unfinished: true });
  expect(unfinished.map(({ runId }) => runId.slice(0, 3))).toEqual(expect.arrayContaining(['one']));
  expect(unfinished.some(({ runId }) => runId.startsWith('two'))).toBe(false);
});
