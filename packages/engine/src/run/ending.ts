import type { Failure } from '../define/failure.ts';
import type { Workflow } from '../define/workflow.ts';
import { stopAll } from './in-flight.ts';
import type { CompensationReport, RunEffect, RunEnd, RunRecord, Undo } from './record.ts';
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
  const keepsUndo = 'failure' in end || record.parent !== undefined;
  const over = { ...(keepsUndo ? record : withoutUndo(record)), pending: {}, timers: {} };
  const stopped = withStopped(over, Object.values(record.pending), workflow);
  const { record: ended, effects } = towardsEnd(stopped, end);
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
  return goOnToEnd(record);
}

/** A compensation has ended, well or not; the next older one follows. @returns `null` if it is not the one under way */
export function compensationEnded(
  record: RunRecord,
  { token, failure }: { readonly token: string; readonly failure?: Failure },
): Change | null {
  const { undo = [], compensations = [], ending } = record;
  const newest = undo.at(-1);
  if (ending === undefined || newest?.token !== token) return null;
  const { step, visit, within } = newest;
  const report: CompensationReport = {
    step,
    visit,
    ...(within !== undefined && { childRunId: within.runId }),
    ...(failure !== undefined && { failure }),
  };
  return goOnToEnd({ ...record, undo: undo.slice(0, -1), compensations: [...compensations, report] });
}

/** What child runs of a visit did stands in the visit's place. @returns `null` if it is not the one that is being undone */
export function undoFound(
  record: RunRecord,
  { token, undo: found }: { readonly token: string; readonly undo: readonly Undo[] },
): Change | null {
  const { undo = [], ending } = record;
  if (ending === undefined || undo.at(-1)?.token !== token) return null;
  return goOnToEnd({ ...record, undo: [...undo.slice(0, -1), ...found] });
}

/** Of a run that may be on its way to its end. */
function goOnToEnd(record: RunRecord): Change {
  const { ending, ...over } = record;
  return ending === undefined ? { record, effects: [] } : towardsEnd(over, ending);
}

/** What comes next: everything stopped at rest, then one compensation after the other, then the end. */
function towardsEnd(over: RunRecord, ending: RunEnd): Change {
  if (over.stopping !== undefined) return { record: { ...over, ending }, effects: [] };
  if ('output' in ending) return { record: { ...over, ...ending }, effects: [RUN_END] };
  const newest = over.undo?.at(-1);
  if (newest !== undefined) {
    return { record: { ...over, ending }, effects: [{ type: 'compensation-start', undo: newest }] };
  }
  return { record: { ...withoutUndo(over), ...loudly(ending, over.compensations) }, effects: [RUN_END] };
}

/** Copied only if it has any: most runs have none. */
function withoutUndo(record: RunRecord): RunRecord {
  if (record.undo === undefined) return record;
  const { undo: _, ...rest } = record;
  return rest;
}

type FailedEnd = Extract<RunEnd, { readonly failure: Failure }>;

/** What could not be undone is the first thing to know about a run, before why it was to be undone. */
function loudly(ending: FailedEnd, compensations: readonly CompensationReport[] = []): FailedEnd {
  const failed = compensations.filter(({ failure }) => failure !== undefined);
  if (failed.length === 0) return ending;
  const steps = failed.map(
    ({ step, childRunId, failure }) =>
      `\`${step}\`${childRunId === undefined ? '' : ` of run ${childRunId}`} (${failure?.message})`,
  );
  const { code, message } = ending.failure;
  return {
    status: 'failed',
    failure: {
      code: 'COMPENSATION_FAILED',
      message: `Could not be undone: ${steps.join(', ')}. The run ended with ${code}: ${message}`,
    },
  };
}
