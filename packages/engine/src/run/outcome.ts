import type { AttemptRecord } from '@paceline/gateway';
import type { Failure } from '../define/failure.ts';
import type { CompensationReport, RunRecord } from './record.ts';
import type { Spend } from './spend.ts';
import { NO_SPEND } from './spend.ts';

/** How a run ended. A run that fails is an outcome, not an exception. */
export type RunOutcome<Output> = RunReport &
  (
    | { readonly ok: true; readonly status: 'succeeded' | 'degraded'; readonly output: Output }
    | {
        readonly ok: false;
        readonly status: 'failed' | 'cancelled';
        readonly error: Failure;
        /** Outputs of the steps that did finish, by step name. */
        readonly partial: Readonly<Record<string, unknown>>;
      }
  );

export interface RunReport {
  readonly runId: string;
  /** From start to end, in milliseconds of monotonic time. */
  readonly ms: number;
  /** Ended no later than its deadline and spent no more than its cap. */
  readonly withinBudget: boolean;
  readonly spend: Spend;
  /** Every step visit in the order it ended. */
  readonly steps: readonly StepReport[];
  /** What was undone because the run did not reach its goal, in that order. Absent if there was nothing to undo. */
  readonly compensations?: readonly CompensationReport[];
}

export interface StepReport {
  readonly step: string;
  /** Counts the visits of the step's invoke from 1. */
  readonly visit: number;
  readonly ok: boolean;
  readonly ms: number;
  readonly attempts: readonly AttemptRecord[];
  /** The child run that the visit was; its own attempts are in that run's report. */
  readonly childRunId?: string;
  readonly failure?: Failure;
}

/** What the record does not know about how a run went. */
export interface RunTiming {
  readonly ms: number;
  /** The run's budget of time, in milliseconds; what it spent waiting does not count where that is free. */
  readonly totalMs: number;
  readonly steps: readonly StepReport[];
}

/** What the caller gets. `record` has to be that of a run that has ended. */
export function outcomeOf(record: RunRecord, { ms, totalMs, steps }: RunTiming): RunOutcome<unknown> {
  const { runId, status, spend, capUsd, outputs, output, failure, compensations } = record;
  const withinCap = capUsd === null || spend.knownUsd <= capUsd;
  const withinBudget =
    ms - (record.waiting?.waitedMs ?? 0) <= totalMs && failure?.code !== 'DEADLINE_EXCEEDED' && withinCap;
  const undone = compensations === undefined ? {} : { compensations };
  const report: RunReport = { runId, ms, withinBudget, spend, steps, ...undone };
  if (status === 'succeeded' || status === 'degraded') return { ...report, ok: true, status, output };
  return {
    ...report,
    ok: false,
    status: status as 'failed' | 'cancelled',
    error: failure as Failure,
    partial: outputs,
  };
}

/** The outcome of a run that was refused before anything of it was recorded. */
export function refusedOutcome(
  runId: string,
  error: Failure,
  status: 'failed' | 'cancelled' = 'failed',
): RunOutcome<unknown> {
  const report = { runId, ms: 0, withinBudget: true, spend: NO_SPEND, steps: [] };
  return { ...report, ok: false, status, error, partial: {} };
}
