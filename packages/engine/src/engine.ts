import type { AttemptRecord, Gateway } from '@paceline/gateway';
import type { Clock, Random } from '@paceline/resilience';
import type { JournalStore } from './journal/store.ts';
import type { Failure, Spend } from './run/record.ts';

export interface EngineOptions {
  readonly gateway: Gateway;
  /** @default memoryJournal() */
  readonly journal?: JournalStore;
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface RunOptions {
  /** Tightens the workflow's `budget.totalMs` for this run. */
  readonly deadlineMs?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Aborting it cancels the run. */
  readonly signal?: AbortSignal;
  /** The caller's own id; starting a second run with it fails with `RUN_EXISTS`. @default a random one */
  readonly runId?: string;
}

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
  readonly ms: number;
  readonly withinBudget: boolean;
  readonly spend: Spend;
  readonly steps: readonly StepReport[];
}

export interface StepReport {
  readonly step: string;
  readonly visit: number;
  readonly ok: boolean;
  readonly ms: number;
  readonly attempts: readonly AttemptRecord[];
  readonly failure?: Failure;
}
