import type { RunOutcome } from 'paceline';

/** What a batch came to. `runs = succeeded + degraded + failed`; a cancelled run counts as failed. */
export interface Summary {
  readonly runs: number;
  readonly succeeded: number;
  /** Runs that kept their deadline and their cap. */
  readonly withinBudget: number;
  /** Runs that ended in their workflow's second-best ending. */
  readonly degraded: number;
  readonly failed: number;
  /** Exact quantiles (nearest rank) of the runs that began, in milliseconds; `null` if none did. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  /** Model calls. */
  readonly calls: number;
  /** Upstream requests of those calls. */
  readonly attempts: number;
  /** Attempts that went to another target than the one before. */
  readonly failovers: number;
  /** Attempts that went to the same target again. */
  readonly retries: number;
  /** `null`: the price of at least one attempt is unknown, so the sum is too. */
  readonly costUsd: number | null;
  /** What the providers' prompt caches have saved, as far as it is known. Below 0 where writing has cost more than reading has saved. */
  readonly savedUsd: number;
  /** Known cost by provider name. */
  readonly costByProvider: Readonly<Record<string, number>>;
  /** The providers were simulated: times and costs say nothing about real ones. */
  readonly simulated: boolean;
  /** Present when runs are recorded: unfinished ones that are left alone. */
  readonly left?: number;
  /** Present under a virtual clock: equal for two runs exactly if every row, attempt and virtual time was. */
  readonly traceHash?: string;
}

/** Adds outcomes up. Holds one number per run. */
export interface Tally {
  add(outcome: RunOutcome<unknown>): void;
  readonly counts: Readonly<Counts>;
  summary(extra: Pick<Summary, 'simulated' | 'left' | 'traceHash'>): Summary;
}

export interface Counts {
  runs: number;
  succeeded: number;
  degraded: number;
  failed: number;
  withinBudget: number;
}

export function createTally(): Tally {
  const counts: Counts = { runs: 0, succeeded: 0, degraded: 0, failed: 0, withinBudget: 0 };
  const spend = { calls: 0, attempts: 0, failovers: 0, retries: 0 };
  const byProvider = new Map<string, number>();
  const runsMs: number[] = [];
  let knownUsd = 0;
  let unpriced = 0;
  let savedUsd = 0;

  const addSpend = (run: RunOutcome<unknown>['spend']): void => {
    for (const key of ['calls', 'attempts', 'failovers', 'retries'] as const) spend[key] += run[key];
    for (const [name, usd] of Object.entries(run.byProvider)) {
      byProvider.set(name, (byProvider.get(name) ?? 0) + usd);
    }
    knownUsd += run.knownUsd;
    unpriced += run.unpricedAttempts;
    savedUsd += run.savedUsd;
  };

  return {
    counts,
    add(outcome) {
      counts.runs++;
      counts[outcome.status === 'cancelled' ? 'failed' : outcome.status]++;
      if (outcome.withinBudget) counts.withinBudget++;
      if (outcome.ok || outcome.error.code !== 'INPUT_INVALID') runsMs.push(outcome.ms);
      addSpend(outcome.spend);
    },
    summary(extra) {
      const { runs, succeeded, withinBudget, degraded, failed } = counts;
      runsMs.sort((a, b) => a - b);
      return {
        runs,
        succeeded,
        withinBudget,
        degraded,
        failed,
        p50Ms: quantile(runsMs, 0.5),
        p95Ms: quantile(runsMs, 0.95),
        p99Ms: quantile(runsMs, 0.99),
        ...spend,
        costUsd: unpriced > 0 ? null : roundUsd(knownUsd),
        savedUsd: roundUsd(savedUsd),
        costByProvider: Object.fromEntries([...byProvider].map(([name, usd]) => [name, roundUsd(usd)])),
        ...extra,
      };
    },
  };
}

/** The smallest value that at least the share `q` of the values does not exceed. */
function quantile(sorted: readonly number[], q: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
  return value === undefined ? null : Math.round(value);
}

/** To a ten-millionth of a dollar: below the price of one token, above the noise of adding floats. */
export function roundUsd(usd: number): number {
  return Math.round(usd * 1e7) / 1e7;
}
