import type { Json } from '@paceline/gateway';
import type { Failure } from '../define/failure.ts';
import { stopAll } from './in-flight.ts';
import type { CompensationReport, RunEffect, RunRecord } from './record.ts';

/** A new record and what it asks of the driver. */
export interface Change {
  readonly record: RunRecord;
  readonly effects: readonly RunEffect[];
}

export type RunEnd =
  | { readonly status: 'succeeded' | 'degraded'; readonly output: Json }
  | { readonly status: 'failed' | 'cancelled'; readonly failure: Failure };

/**
 * The run is over: whatever is in flight is stopped, and `run-end` is the last effect it ever asks for. A run that did not reach
 * its goal first undoes what it began.
 */
export function endRun(record: RunRecord, end: RunEnd): Change {
  const stopped: RunRecord = { ...record, pending: {}, timers: {} };
  const { undo = [], ...rest } = stopped;
  const { record: ended, effects } =
    'failure' in end && undo.length > 0
      ? undoNewest({ ...stopped, ending: end })
      : { record: { ...rest, ...end }, effects: [RUN_END] };
  return { record: ended, effects: [...stopAll(record), ...effects] };
}

const RUN_END: RunEffect = { type: 'run-end' };

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
  return undoNewest({ ...record, undo: undo.slice(0, -1), compensations: [...compensations, report] });
}

function undoNewest(record: RunRecord): Change {
  const { undo = [], ending, ...rest } = record;
  const newest = undo.at(-1);
  if (newest !== undefined) return { record, effects: [{ type: 'compensation-start', undo: newest }] };
  return { record: { ...rest, ...(ending && loudly(ending, rest.compensations)) }, effects: [RUN_END] };
}

type FailedEnd = NonNullable<RunRecord['ending']>;

/** What could not be undone is the first thing to know about a run, before why it was to be undone. */
function loudly(ending: FailedEnd, compensations: readonly CompensationReport[] = []): FailedEnd {
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
