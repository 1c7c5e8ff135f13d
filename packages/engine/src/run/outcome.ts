import type { AttemptRecord } from '@paceline/gateway';
import type { Failure, Spend } from './record.ts';

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
}

export interface StepReport {
  readonly step: string;
  /** Counts the visits of the step's invoke from 1. */
  readonly visit: number;
  readonly ok: boolean;
  readonly ms: number;
  readonly attempts: readonly AttemptRecord[];
  readonly failure?: Failure;
}
