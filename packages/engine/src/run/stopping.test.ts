import { expect, test } from 'vitest';
import { z } from 'zod';
import { child } from '../define/child.ts';
import { map } from '../define/map.ts';
import type { Step } from '../define/step.ts';
import { code } from '../define/steps.ts';
import type { Workflow } from '../define/workflow.ts';
import { flow } from '../test-support/nested.ts';
import { advance } from './advance.ts';
import type { Advance } from './advance.ts';
import type { RunEvent, RunRecord } from './record.ts';
import { NO_SPEND } from './spend.ts';

const see = code({ input: z.json(), output: z.json(), effect: 'pure', run: () => null });
const cent = { ...NO_SPEND, knownUsd: 0.01, calls: 1, attempts: 1 };

/** A run of one step, and how it takes one event after the other. */
function runOf(step: Step, input: readonly number[] = [1, 2, 3]) {
  const workflow = flow('outer', step) as unknown as Workflow;
  const take = (record: RunRecord | null, event: RunEvent): Advance | null =>
    advance({ workflow, record, event, nowEpochMs: 1_000 });
  const start: RunEvent = {
    type: 'run-start',
    runId: 'run',
    input: [...input],
    labels: {},
    totalMs: 100,
    capUsd: null,
  };
  const { record } = take(null, start)!.batch;
  return { take, record, token: record.pending['step']!.token };
}

const inner = child(flow('inner', see));

test('a run that is cancelled asks for its child to be stopped, and ends when that has come to rest', () => {
  const { take, record, token } = runOf(inner);
  const cancelled = take(record, { type: 'cancel', reason: 'Enough.' })!;
  const stopped = { runId: 'run.step.1', token, step: 'step' };
  expect(cancelled.batch.record).toMatchObject({ status: 'running', pending: {}, stopping: [stopped] });
  expect(cancelled.effects).toEqual([
    { type: 'step-abort', token },
    { type: 'child-stop', child: stopped },
  ]);
  const ended = take(cancelled.batch.record, {
    type: 'child-stopped',
    runId: 'run.step.1',
    token,
    spend: cent,
  })!;
  expect(ended.batch.record).toMatchObject({ status: 'cancelled', spend: { knownUsd: 0.01 } });
  expect(ended.batch.record).not.toHaveProperty('stopping');
  expect(ended.batch.record).not.toHaveProperty('ending');
  expect(ended.effects).toEqual([{ type: 'run-end' }]);
});

test('a child’s rest is taken once, and that of a stranger never', () => {
  const { take, record, token } = runOf(inner);
  const rested = (runId: string): RunEvent => ({ type: 'child-stopped', runId, token, spend: cent });
  expect(take(record, rested('run.step.1'))).toBeNull();
  const { record: stopping } = take(record, { type: 'deadline' })!.batch;
  expect(take(stopping, rested('another'))).toBeNull();
  const { record: ended } = take(stopping, rested('run.step.1'))!.batch;
  expect(take(ended, rested('run.step.1'))).toBeNull();
});

test('of a list, the children that have begun and not ended are stopped', () => {
  const { take, record, token } = runOf(map(inner));
  const after = [
    { type: 'item-start', index: 0 } as const,
    { type: 'item-start', index: 2 } as const,
    { type: 'item-end', index: 0, ms: 1, output: null, attempts: [], childSpend: cent } as const,
  ].reduce((now, progress) => take(now, { type: 'step-progress', token, progress })!.batch.record, record);
  const { record: stopping } = take(after, { type: 'deadline' })!.batch;
  expect(stopping.stopping?.map(({ runId }) => runId)).toEqual(['run.step.1.2']);
});

test('what a step says it has stopped is waited for, though the step has ended', () => {
  const { take, record, token } = runOf(inner);
  const failure = { code: 'DEADLINE_EXCEEDED', message: 'Too late.' };
  const failed = take(record, {
    type: 'step-failed',
    token,
    failure,
    attempts: [],
    stopped: ['run.step.1'],
  })!;
  expect(failed.batch.record).toMatchObject({ status: 'running', ending: { status: 'degraded' } });
  const ended = take(failed.batch.record, {
    type: 'child-stopped',
    runId: 'run.step.1',
    token,
    spend: cent,
  })!;
  expect(ended.batch.record).toMatchObject({ status: 'degraded', output: { code: 'DEADLINE_EXCEEDED' } });
});

test('a step that starts no runs leaves nothing to be stopped', () => {
  const { take, record } = runOf(see);
  expect(take(record, { type: 'deadline' })!.batch.record).toMatchObject({ status: 'failed' });
});
