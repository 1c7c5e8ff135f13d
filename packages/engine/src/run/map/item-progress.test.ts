import { expect, test } from 'vitest';
import { map } from '../../define/map.ts';
import { attempt } from '../../test-support/attempts.ts';
import { flow } from '../../test-support/nested.ts';
import { asWorkflow, echo } from '../../test-support/workflows.ts';
import { advance } from '../advance.ts';
import type { RunEvent, RunRecord } from '../record.ts';
import type { ItemProgress } from '../progress.ts';

const workflow = asWorkflow(flow('flow', map(echo)));

function begun(): RunRecord {
  const event = {
    type: 'run-start',
    runId: 'run',
    input: [{ n: 1 }, { n: 2 }, { n: 3 }],
    labels: {},
    totalMs: 1_000,
    capUsd: null,
  } as const;
  return advance({ workflow, record: null, event, nowEpochMs: 0 })!.batch.record;
}

function after(record: RunRecord, progress: ItemProgress): RunRecord | undefined {
  const { token } = record.pending['step']!;
  const event: RunEvent = { type: 'step-progress', token, progress };
  return advance({ workflow, record, event, nowEpochMs: 1 })?.batch.record;
}

const turn = { type: 'turn', message: 'hello', attempts: [attempt({ costUsd: 0.01 })] } as const;

test('the row says which items have ended and what the open ones have done; it holds no output', () => {
  let record = after(begun(), { type: 'item-start', index: 1 })!;
  expect(record.pending['step']?.items).toEqual({ settled: '', open: { 1: [] } });
  record = after(record, { type: 'item-progress', index: 1, progress: turn })!;
  record = after(record, { type: 'item-progress', index: 0, progress: turn })!;
  expect(record.pending['step']?.items).toEqual({ settled: '', open: { 0: [turn], 1: [turn] } });
  const childSpend = { ...record.spend, knownUsd: 1 };
  record = after(record, { type: 'item-end', index: 1, ms: 5, output: 'two', attempts: [], childSpend })!;
  expect(record.pending['step']?.items).toEqual({ settled: '1', open: { 0: [turn] } });
  expect(record.spend).toMatchObject({ knownUsd: 1.02, attempts: 4 });
  expect(JSON.stringify(record)).not.toContain('two');
  expect(record.pending['step']?.progress).toEqual([]);
});

test('nothing more is taken of an item that has ended', () => {
  const failure = { code: 'STEP_FAILED', message: 'no' };
  const ended = after(begun(), { type: 'item-end', index: 0, ms: 5, failure, attempts: [] })!;
  expect(after(ended, { type: 'item-end', index: 0, ms: 5, output: 1, attempts: [] })).toBeUndefined();
  expect(after(ended, { type: 'item-start', index: 0 })).toBeUndefined();
  expect(after(ended, { type: 'item-progress', index: 0, progress: turn })).toBeUndefined();
  expect(after(ended, { type: 'item-start', index: 1 })).toBeDefined();
});
