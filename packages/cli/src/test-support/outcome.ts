import type { RunOutcome, Spend } from 'paceline';

const NO_SPEND: Spend = {
  knownUsd: 0,
  unpricedAttempts: 0,
  calls: 0,
  attempts: 0,
  retries: 0,
  failovers: 0,
  hedges: 0,
  savedUsd: 0,
  byProvider: {},
  byTarget: {},
  byStep: {},
};

/** An outcome of a run that took `ms`. */
export function outcomeOf(
  status: RunOutcome<unknown>['status'],
  { ms = 100, withinBudget = true, spend = {}, code = 'STEP_FAILED' } = {} as {
    ms?: number;
    withinBudget?: boolean;
    spend?: Partial<Spend>;
    code?: string;
  },
): RunOutcome<unknown> {
  const report = { runId: 'run-s1-r1', ms, withinBudget, spend: { ...NO_SPEND, ...spend }, steps: [] };
  return status === 'succeeded' || status === 'degraded'
    ? { ...report, ok: true, status, output: {} }
    : { ...report, ok: false, status, error: { code, message: 'it broke' }, partial: {} };
}
