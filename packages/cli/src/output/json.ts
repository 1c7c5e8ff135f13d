import type { Failure, RunOutcome, RunStatus, Spend } from 'paceline';
import { roundUsd } from '../summary.ts';

/** The line that `--json` prints for a run. */
export type RowResult = {
  /** Counts from 1; absent for a run that was resumed. */
  readonly row?: number;
  readonly runId: string;
  /** A degraded ending is ok. */
  readonly ok: boolean;
  readonly status: RunStatus;
  readonly ms: number;
  /** `null`: the price of at least one attempt is unknown. */
  readonly costUsd: number | null;
  readonly attempts: number;
  /** The known cost by its parts. Absent if no model was asked. */
  readonly costBy?: {
    readonly provider: Spend['byProvider'];
    readonly model: Spend['byTarget'];
    readonly step: Spend['byStep'];
  };
} & ({ readonly output: unknown } | { readonly error: Failure });

export function rowResult(row: number | null, outcome: RunOutcome<unknown>): RowResult {
  const { runId, ok, status, spend } = outcome;
  return {
    ...(row !== null && { row }),
    runId,
    ok,
    status,
    ...(outcome.ok ? { output: outcome.output } : { error: outcome.error }),
    ms: Math.round(outcome.ms),
    costUsd: spend.unpricedAttempts > 0 ? null : roundUsd(spend.knownUsd),
    attempts: spend.attempts,
    ...(spend.attempts > 0 && {
      costBy: { provider: spend.byProvider, model: spend.byTarget, step: spend.byStep },
    }),
  };
}
