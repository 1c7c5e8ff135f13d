import type { Failure } from '../define/failure.ts';
import type { Workflow } from '../define/workflow.ts';
import { stopAll } from './in-flight.ts';
import type { CompensationReport, RunEffect, RunEnd, RunRecord } from './record.ts';
import { addChildSpend } from './spend.ts';
import type { Spend } from './spend.ts';
import { withoutStopping, withStopped } from './stopping.ts';
import { readStepToken } from './token.ts';

/** A new record and what it asks of the driver. */
export interface Change {
  readonly record: RunRecord;
  readonly effects: readonly RunEffect[];
}

/**
 * The run is over: whatever is in flight is stopped, and `run-end` is the last effect it ever asks for. Before that, child runs that
 * were stopped come to rest, and a run that did not reach its goal undoes what it began.
 */
export function endRun(record: RunRecord, end: RunEnd, workflow: Workflow): Change {
  const { undo, ...rest } = record;
  const over: RunRecord = { ...rest, pending: {}, timers: {}, ending: end };
  const stopped = withStopped(over, Object.values(record.pending), workflow);
  const { record: ended, effects } = towardsEnd(
    'failure' in end && undo !== undefined ? { ...stopped, undo } : stopped,
  );
  return { record: ended, effects: [...stopAll(record), ...effects] };
}

const RUN_END: RunEffect = { type: 'run-end' };

/** A child run that was stopped has come to rest. @returns `null` if it is none that was being stopped */
export function childStopped(
  before: RunRecord,
  { runId, spend }: { readonly runId: string; readonly spend: Spend },
): Change | null {
  const stopped = before.stopping?.find((child) => child.runId === runId);
  if (stopped === undefined) return null;
  const { invokeId } = readStepToken(before.runId, stopped.token);
  const after = withoutStopping(before, stopped);
  const record = { ...after, spend: addChildSpend(after.spend, invokeId, spend) };
  return record.ending === undefined ? { record, effects: [] } : towardsEnd(record);
}

/** A compensation has ended, well or not; the next older one follows. @returns `null` if it is not the one under way */
export function compensationEnded(
  record: RunRecord,
  { token, failure }: { readonly token: string; readonly failure?: Failure },
): Change | null {
  const { undo = [], compensations = [], ending } = record;
  const newest = undo.at(-1);
  if (ending === undefined || newest?.token !== token) return null;
  const { step, visit } = newest;
  const report: CompensationReport = { step, visit, ...(failure !== undefined && { failure }) };
  return towardsEnd({ ...record, undo: undo.slice(0, -1), compensations: [...compensations, report] });
}

/** What comes next: everything stopped at rest, then one compensation after the other, then the end. */
function towardsEnd(record: RunRecord): Change {
  const { stopping, undo = [], ending, ...rest } = record;
  if (stopping !== undefined) return { record, effects: [] };
  const newest = undo.at(-1);
  if (newest !== undefined) return { record, effects: [{ type: 'compensation-start', undo: newest }] };
  return { record: { ...rest, ...(ending && loudly(ending, rest.compensations)) }, effects: [RUN_END] };
}

/** What could not be undone is the first thing to know about a run, before why it was to be undone. */
function loudly(ending: RunEnd, compensations: readonly CompensationReport[] = []): RunEnd {
  if ('output' in ending) return ending;
  const failed = compensations.filter(({ failure }) => failure !== undefined);
  if (failed.length === 0) return ending;
  const steps = failed.map(({ step, failure }) => `\`${step}\` (${failure?.message})`).join(', ');
  const { code, message } = ending.failure;
  return {
    status: 'failed',
    failure: {
      code: 'COMPENSATION_FAILED',
      message: `Could not be undone: ${steps}. The run ended with ${code}: ${message}`,
    },
  };
}
