import type { AttemptRecord } from '@paceline/gateway';
import type { RunEvent, RunRecord } from 'paceline';
import { expect, test } from 'vitest';
import { Timeline } from './timeline.ts';

const STARTED = 1_000_000;

const attemptOf = (overrides: Partial<AttemptRecord>) =>
  ({
    attempt: 1,
    target: 'openai/a',
    outcome: 'ok',
    startedAfterMs: 0,
    ms: 100,
    costUsd: 0.5,
    ...overrides,
  }) as AttemptRecord;

/** What the timeline makes of events, each of them a second after the one before. */
function itemsOf(events: readonly object[], record: Partial<RunRecord> = {}, nowAfterMs = 10_000) {
  const run = {
    runId: 'a/run',
    startedEpochMs: STARTED,
    expiresEpochMs: STARTED + 8_000,
    pending: {},
    timers: {},
  };
  const timeline = new Timeline({ ...run, ...record } as RunRecord);
  const all = [{ type: 'run-start' }, ...events] as RunEvent[];
  all.forEach((event, at) =>
    timeline.add({ runId: 'a/run', seq: at + 1, atEpochMs: STARTED + 1_000 * at, event }),
  );
  return timeline.upTo(STARTED + nowAfterMs);
}

test('a step began when the entry that asked for it was written, and ended with its own', () => {
  const items = itemsOf([
    { type: 'step-done', token: 'a/run/1/look/1', output: {}, attempts: [] },
    {
      type: 'step-failed',
      token: 'a/run/2/pay/at/once/3',
      failure: { code: 'UNCERTAIN', message: '?' },
      attempts: [],
    },
  ]);
  expect(items).toMatchObject([
    {
      kind: 'step',
      name: 'look',
      visit: 1,
      startedAfterMs: 0,
      endedAfterMs: 1_000,
      result: 'done',
      leftMs: 7_000,
    },
    {
      name: 'pay/at/once',
      visit: 3,
      startedAfterMs: 1_000,
      endedAfterMs: 2_000,
      result: 'failed',
      leftMs: 6_000,
    },
  ]);
  expect(items[1]?.failure?.code).toBe('UNCERTAIN');
});

test('attempts, waits and cost are those of recorded turns and of the end together', () => {
  const token = 'a/run/1/act/1';
  const [item] = itemsOf([
    // 50 ms in a queue.
    {
      type: 'step-progress',
      token,
      progress: { type: 'turn', attempts: [attemptOf({ startedAfterMs: 50 })] },
    },
    { type: 'step-progress', token, progress: { type: 'tool-start', tool: 'mail' } },
    // A second call: fails after 100 ms, and 200 ms of backoff follow.
    {
      type: 'step-done',
      token,
      attempts: [attemptOf({}), attemptOf({ attempt: 2, startedAfterMs: 300, costUsd: 0.25 })],
    },
  ]);
  expect(item).toMatchObject({ attempts: 3, waitedMs: 250, costUsd: 1.25, tools: 1, endedAfterMs: 3_000 });
});

test('a sum with an unknown price in it is unknown', () => {
  const [item] = itemsOf([
    { type: 'step-done', token: 'a/run/1/act/1', attempts: [attemptOf({}), attemptOf({ costUsd: null })] },
  ]);
  expect(item?.costUsd).toBeNull();
});

test('waits, the cost of what nobody waited for, and how the run was ended', () => {
  const failure = { code: 'CANCELLED', message: 'by hand' };
  const items = itemsOf(
    [
      { type: 'timer-due', token: 'a/run/1/after 1 s/of/a' },
      { type: 'cancel', reason: 'by hand' },
      { type: 'step-stopped', token: 'a/run/2/look/1', attempts: [attemptOf({})] },
    ],
    { failure },
  );
  expect(items).toMatchObject([
    { kind: 'wait', name: 'after 1 s/of/a', visit: null, startedAfterMs: 0, endedAfterMs: 1_000 },
    { kind: 'cancel', startedAfterMs: 2_000, failure },
    { kind: 'step', name: 'look', result: 'stopped', costUsd: 0.5 },
  ]);
});

test('what is in flight comes last, with what is left now', () => {
  const token = 'a/run/2/look/1';
  const items = itemsOf(
    [
      { type: 'timer-due', token: 'a/run/1/t' },
      { type: 'step-progress', token, progress: { type: 'tool-start', tool: 'mail' } },
    ],
    {
      pending: { look: { token, invokeId: 'look', step: 'look', visit: 1, input: {}, progress: [] } },
      timers: { late: { token: 'a/run/2/late', id: 'late', dueEpochMs: 0, event: { type: 'x' } } },
    },
  );
  expect(items.slice(1)).toMatchObject([
    {
      name: 'look',
      startedAfterMs: 1_000,
      endedAfterMs: null,
      result: 'in flight',
      tools: 1,
      leftMs: -2_000,
    },
    { kind: 'wait', name: 'late', startedAfterMs: 1_000, endedAfterMs: null, leftMs: -2_000 },
  ]);
});

const token = 'a/run/1/act/1';
const asked = { type: 'approval', toolCallId: 'c', tool: 'pay', input: {} } as const;

test('what people took to answer is waiting, and each answer has a line of its own', () => {
  const items = itemsOf([
    { type: 'step-wait', token, wait: asked, ms: 1_000 },
    { type: 'step-answer', id: 'm', token, answer: { type: 'approve', by: 'ann' } },
    { type: 'step-done', token, output: {}, attempts: [] },
  ]);
  expect(items).toMatchObject([
    {
      kind: 'answer',
      name: 'act',
      visit: 1,
      result: 'done',
      startedAfterMs: 1_000,
      endedAfterMs: 2_000,
      asked,
      answer: { by: 'ann' },
    },
    { kind: 'step', name: 'act', result: 'done', startedAfterMs: 0, endedAfterMs: 3_000, waitedMs: 1_000 },
  ]);
});

test.each([
  [{ type: 'done', output: {} }, 'done'],
  [{ type: 'failed', reason: 'no' }, 'failed'],
])('a step in doubt ends by its answer: %o', (answer, result) => {
  const items = itemsOf([
    { type: 'step-wait', token, wait: { type: 'uncertain' }, ms: 1_000 },
    { type: 'step-answer', id: 'm', token, answer },
  ]);
  expect(items).toMatchObject([
    { kind: 'answer', result },
    { kind: 'step', name: 'act', result, endedAfterMs: 2_000, waitedMs: 1_000 },
  ]);
});

test('a tool in doubt goes on after its answer, and a refusal is one', () => {
  const tool = { type: 'uncertain', toolCallId: 'c', tool: 'pay' };
  const items = itemsOf([
    { type: 'step-wait', token, wait: tool, ms: 1_000 },
    { type: 'step-answer', id: 'm', token, answer: { type: 'done', output: {} } },
    { type: 'step-wait', token, wait: asked, ms: 1_000 },
    { type: 'step-answer', id: 'n', token, answer: { type: 'reject' } },
  ]);
  expect(items.map(({ kind, result }) => [kind, result])).toEqual([
    ['answer', 'done'],
    ['answer', 'failed'],
  ]);
});

test('a step that waits says for what, and since when', () => {
  const pending = { act: { token, invokeId: 'act', visit: 1, wait: asked } };
  const items = itemsOf([{ type: 'step-wait', token, wait: asked, ms: 1_000 }], { pending } as never, 5_000);
  expect(items).toMatchObject([
    { kind: 'step', name: 'act', result: 'waiting', asked, endedAfterMs: null, waitedMs: 4_000 },
  ]);
});

test('a signal has no duration, and waits as long as the run keeps it', () => {
  const signal = { type: 'signal', name: 'approve', payload: null };
  const record = { mailbox: [{ id: 'b', name: 'approve', payload: null }] };
  const items = itemsOf(
    [
      { ...signal, id: 'a' },
      { ...signal, id: 'b' },
    ],
    record,
  );
  const shared = { kind: 'signal', name: 'approve', visit: null };
  expect(items).toMatchObject([
    { ...shared, startedAfterMs: 1_000, endedAfterMs: 1_000, result: 'done' },
    { ...shared, startedAfterMs: 2_000, endedAfterMs: 2_000, result: 'waiting' },
  ]);
});

test('while a deadline stands still, what is left is what was left when the wait began', () => {
  const timers = {
    remind: { id: 'remind', token: 'a/run/1/remind', dueEpochMs: 0, event: { type: 'REMIND' } },
  };
  const waiting = { waitedMs: 0, sinceEpochMs: STARTED + 3_000 };
  expect(itemsOf([], { timers, waiting }, 60_000)).toMatchObject([{ kind: 'wait', leftMs: 5_000 }]);
});
