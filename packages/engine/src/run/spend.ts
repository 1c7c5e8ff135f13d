import { roundUsd } from '@paceline/gateway';
import type { AttemptRecord } from '@paceline/gateway';

export interface Spend {
  /** Cost of all attempts whose price is known. */
  readonly knownUsd: number;
  /** Attempts whose price is unknown; while above 0 the true cost is higher than `knownUsd`. */
  readonly unpricedAttempts: number;
  /** Model calls of which at least one attempt was made. */
  readonly calls: number;
  readonly attempts: number;
  readonly retries: number;
  /** Continuations included. */
  readonly failovers: number;
  readonly hedges: number;
  /** What the providers' prompt caches have saved, as far as it is known. Below 0 where writing has cost more than reading has saved. */
  readonly savedUsd: number;
  /** Known cost by provider name. */
  readonly byProvider: Readonly<Record<string, number>>;
}

/** What a visit has cost, as far as its recorded progress does not hold it. */
export interface Cost {
  readonly attempts: readonly AttemptRecord[];
  /** Of the child runs that it started and that came to rest, their own children included; absent if there is none. */
  readonly childSpend?: Spend;
  /** Child runs, by id, that it has stopped and that had not come to rest: `child-stopped` says what each has spent. */
  readonly stopped?: readonly string[];
}

export const NO_SPEND: Spend = {
  knownUsd: 0,
  unpricedAttempts: 0,
  calls: 0,
  attempts: 0,
  retries: 0,
  failovers: 0,
  hedges: 0,
  savedUsd: 0,
  byProvider: {},
};

export function addSpend(spend: Spend, attempts: readonly AttemptRecord[]): Spend {
  return attempts.length === 0 ? spend : attempts.reduce(addAttempt, spend);
}

/** What a visit has cost, that of its child runs included. */
export function addCost(spend: Spend, { attempts, childSpend }: Cost): Spend {
  const withAttempts = addSpend(spend, attempts);
  return childSpend === undefined ? withAttempts : sumOfSpends(withAttempts, childSpend);
}

export function sumOfSpends(a: Spend, b: Spend): Spend {
  const byProvider = { ...a.byProvider };
  for (const [provider, usd] of Object.entries(b.byProvider)) {
    byProvider[provider] = roundUsd((byProvider[provider] ?? 0) + usd);
  }
  return {
    knownUsd: roundUsd(a.knownUsd + b.knownUsd),
    unpricedAttempts: a.unpricedAttempts + b.unpricedAttempts,
    calls: a.calls + b.calls,
    attempts: a.attempts + b.attempts,
    retries: a.retries + b.retries,
    failovers: a.failovers + b.failovers,
    hedges: a.hedges + b.hedges,
    savedUsd: roundUsd(a.savedUsd + b.savedUsd),
    byProvider,
  };
}

function addAttempt(spend: Spend, { kind, target, costUsd, savedUsd }: AttemptRecord): Spend {
  const provider = target.slice(0, target.indexOf('/'));
  const usd = costUsd ?? 0;
  return {
    knownUsd: roundUsd(spend.knownUsd + usd),
    unpricedAttempts: spend.unpricedAttempts + (costUsd === null ? 1 : 0),
    calls: spend.calls + (kind === 'first' ? 1 : 0),
    attempts: spend.attempts + 1,
    retries: spend.retries + (kind === 'retry' ? 1 : 0),
    failovers: spend.failovers + (kind === 'failover' || kind === 'continuation' ? 1 : 0),
    hedges: spend.hedges + (kind === 'hedge' ? 1 : 0),
    savedUsd: roundUsd(spend.savedUsd + (savedUsd ?? 0)),
    byProvider: { ...spend.byProvider, [provider]: roundUsd((spend.byProvider[provider] ?? 0) + usd) },
  };
}

/** Sum of the known costs. */
export function knownUsd(attempts: readonly AttemptRecord[]): number {
  return attempts.reduce((sum, { costUsd }) => roundUsd(sum + (costUsd ?? 0)), 0);
}
