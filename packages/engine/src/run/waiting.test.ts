import { createVirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import type { Budget } from '../define/step.ts';
import { code } from '../define/steps.ts';
import type { Workflow } from '../define/workflow.ts';
import { createEngine } from '../engine.ts';
import type { Engine } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import { approving } from '../test-support/approving.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import { advance } from './advance.ts';
import type { RunEvent } from './record.ts';

const BUDGET = { totalMs: 10_000, waiting: 'free' } as const;

/** A budget of ten seconds, a letter that takes a second to write and one to send, and `after` 30 s of waiting. */
async function asking(waiting: Budget['waiting'] & string) {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const open = (): Engine => createEngine({ gateway: scriptedGateway(), journal, clock, replayCheck: true });
  const engine = open();
  const sent: string[] = [];
  const flow = approving({ sent, clock }, { budget: { ...BUDGET, waiting }, stepMs: 1_000 });
  const handle = engine.start(flow, { text: 'hello' }, { runId: 'letter' });
  await clock.advance(1_500);
  const load = async () => {
    const record = await journal.load('letter');
    if (record === undefined) throw new Error('It is gone.');
    return record;
  };
  return { clock, engine, open, sent, flow, handle, load };
}

describe('time in which a run waits for people', () => {
  test('counts, unless the workflow says otherwise', async () => {
    const { clock, handle } = await asking('counts');
    expect(await clock.run(handle.result)).toMatchObject({
      status: 'failed',
      ms: 10_000,
      error: { code: 'DEADLINE_EXCEEDED', message: "The run's 10000 ms were over." },
    });
  });

  test('does not count where it is free: the deadline stands still, then moves by the wait', async () => {
    const { clock, handle, load } = await asking('free');
    const { startedEpochMs } = await load();
    await clock.advance(20_000);
    await handle.signal('approve', { by: 'ann' });
    expect(await load()).toMatchObject({
      waiting: { waitedMs: 20_500 },
      expiresEpochMs: startedEpochMs + 30_500,
    });
    await clock.advance(60_000);
    expect((await load()).status).toBe('running');
    await handle.signal('confirm', null);
    expect(await clock.run(handle.result)).toMatchObject({
      status: 'succeeded',
      withinBudget: true,
      ms: 81_500,
    });
    expect(clock.pendingTimers()).toBe(0);
  });

  test('what is left when the wait is over is what was left when it began', async () => {
    const { clock, handle, sent } = await asking('free');
    await clock.advance(25_000);
    sent.length = 0;
    // 9 s are left; a step that would never end is cut off then.
    const hanging = handle.signal('approve', { by: 'slow' });
    expect(await hanging).toBe('taken');
    const before = clock.nowMs();
    const outcome = await clock.run(handle.result);
    expect(outcome).toMatchObject({ status: 'degraded', withinBudget: true });
    const tookMs = clock.nowMs() - before;
    expect(tookMs).toBeGreaterThan(8_900);
    expect(tookMs).toBeLessThanOrEqual(9_000);
  });

  test('is bounded by the `after` of the state', async () => {
    const { clock, handle } = await asking('free');
    expect(await clock.run(handle.result)).toMatchObject({
      status: 'degraded',
      ms: 31_000,
      withinBudget: true,
    });
  });

  test('may be as long as people need where nothing bounds it, and holds no timer', async () => {
    const { clock, handle, load } = await asking('free');
    await handle.signal('approve', { by: 'ann' });
    await clock.advance(1_500);
    expect(clock.pendingTimers()).toBe(0);
    await clock.advance(365 * 86_400_000);
    expect((await load()).status).toBe('running');
    await handle.signal('confirm', null);
    expect((await handle.result).status).toBe('succeeded');
  });

  test('a signal that changes nothing about the wait gives no time away', async () => {
    const { clock, handle, load } = await asking('free');
    await clock.advance(5_000);
    await handle.signal('amend', { text: 'x' });
    await clock.advance(5_000);
    await handle.signal('approve', { by: 'ann' });
    expect((await load()).waiting).toEqual({ waitedMs: 10_500 });
    handle.cancel();
    await clock.run(handle.result);
  });

  test('ends with a cancel', async () => {
    const { clock, handle } = await asking('free');
    await clock.advance(20_000);
    handle.cancel();
    expect(await clock.run(handle.result)).toMatchObject({ status: 'cancelled', withinBudget: true });
    expect(clock.pendingTimers()).toBe(0);
  });
});

test('time in which a step is at work counts, also where its state handles a signal', () => {
  const step = code({ input: z.null(), output: z.null(), effect: 'pure', run: () => null });
  const flow = setupWorkflow({
    id: 'both',
    input: z.null(),
    output: z.null(),
    context: z.object({}),
    budget: { totalMs: 1_000, waiting: 'free' },
    steps: { step },
    signals: { enough: z.null() },
  }).createMachine({
    context: {},
    output: null,
    initial: 'working',
    states: {
      working: {
        invoke: { id: 'step', src: 'step', input: null, onDone: 'done', onError: 'resting' },
        on: { enough: 'done' },
      },
      resting: { on: { enough: 'done' } },
      done: { type: 'final' },
    },
  });
  const workflow = flow as unknown as Workflow;
  const start: RunEvent = {
    type: 'run-start',
    runId: 'run',
    input: null,
    labels: {},
    totalMs: 1_000,
    waiting: 'free',
    capUsd: null,
  };
  const begun = advance({ workflow, record: null, event: start, nowEpochMs: 5_000 })!.batch.record;
  expect(begun.waiting).toEqual({ waitedMs: 0 });

  const failure = { code: 'STEP_FAILED', message: 'no' };
  const { token } = begun.pending['step']!;
  const failed: RunEvent = { type: 'step-failed', token, failure, attempts: [] };
  const resting = advance({ workflow, record: begun, event: failed, nowEpochMs: 5_600 })!.batch.record;
  expect(resting.waiting).toEqual({ waitedMs: 0, sinceEpochMs: 5_600 });
  const deadline: RunEvent = { type: 'deadline' };
  expect(advance({ workflow, record: resting, event: deadline, nowEpochMs: 6_000 })).toBeNull();
});

describe('a run that is recovered while it waits for free', () => {
  const jumps = [0, 3_600_000, -3_600_000, 86_400_000, -86_400_000];

  test.each(jumps)('has what it had left, whatever the wall clock did: a jump of %i ms', async (jumpMs) => {
    const { clock, engine, open, flow, handle, load } = await asking('free');
    // From the approval on it waits without an `after`, with 8 s left.
    await handle.signal('approve', { by: 'ann' });
    await clock.advance(2_000);
    const left = expect(handle.result).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    await clock.run(engine.close({ unfinished: 'leave' }));
    await left;
    expect(clock.pendingTimers()).toBe(0);
    await clock.advance(120_000);
    clock.jumpEpoch(jumpMs);

    const { runs } = await open().recover([flow]);
    const [again] = runs;
    await clock.advance(30_000);
    expect((await load()).status).toBe('running');
    for await (const event of again!.events) {
      expect(event).toMatchObject({ type: 'run-resume', leftMs: 8_000 });
      break;
    }
    expect(await again!.signal('confirm', null)).toBe('taken');
    expect(await clock.run(again!.result)).toMatchObject({ status: 'succeeded', withinBudget: true });
    const { waiting, expiresEpochMs, startedEpochMs } = await load();
    expect(expiresEpochMs - startedEpochMs - waiting!.waitedMs).toBe(10_000);
  });

  test('goes on to wait, and its `after` falls due, though its deadline would have passed', async () => {
    const { clock, engine, open, flow, handle } = await asking('free');
    handle.result.catch(() => {});
    await clock.run(engine.close({ unfinished: 'leave' }));
    await clock.advance(20_000);
    const { runs } = await open().recover([flow]);
    expect(await clock.run(runs[0]!.result)).toMatchObject({ status: 'degraded', ms: 31_000 });
  });

  test('goes over to a new version first, though its deadline would have passed', async () => {
    const { clock, engine, open, sent, handle, load } = await asking('free');
    handle.result.catch(() => {});
    await clock.run(engine.close({ unfinished: 'leave' }));
    await clock.advance(20_000);
    const next = approving({ sent, clock }, { budget: BUDGET, stepMs: 1_000, isNext: true });
    const { runs } = await open().recover([next]);
    await runs[0]!.signal('approve', { by: 'ann' });
    expect(await load()).toMatchObject({ status: 'running', migratedFrom: { version: '1' } });
  });

  test('is cut off by the deadline once it works again', async () => {
    const { clock, engine, open, flow, handle } = await asking('free');
    handle.result.catch(() => {});
    await clock.run(engine.close({ unfinished: 'leave' }));
    await clock.advance(20_000);
    const { runs } = await open().recover([flow]);
    await runs[0]!.signal('approve', { by: 'slow' });
    const before = clock.nowMs();
    expect(await clock.run(runs[0]!.result)).toMatchObject({ status: 'degraded', withinBudget: true });
    expect(clock.nowMs() - before).toBeLessThanOrEqual(9_000);
  });
});
