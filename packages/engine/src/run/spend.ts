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
  readonly byProvider: UsdBy;
  /** Known cost by target, `provider/model`. */
  readonly byTarget: UsdBy;
  /** Known cost by the id under which a state invokes the step, that of its child runs included. */
  readonly byStep: UsdBy;
}

export type UsdBy = Readonly<Record<string, number>>;

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
  byTarget: {},
  byStep: {},
};

/** @param step the id under which a state invokes it */
export function addSpend(spend: Spend, step: string, attempts: readonly AttemptRecord[]): Spend {
  return attempts.reduce((sum, attempt) => addAttempt(sum, step, attempt), spend);
}

/** What a visit of a step has cost, that of its child runs included. */
export function addCost(spend: Spend, step: string, { attempts, childSpend }: Cost): Spend {
  const withAttempts = addSpend(spend, step, attempts);
  return childSpend === undefined ? withAttempts : addChildSpend(withAttempts, step, childSpend);
}

/** The steps of a child run are none of its parent's. */
export function addChildSpend(spend: Spend, step: string, childSpend: Spend): Spend {
  return sumOfSpends(spend, { ...childSpend, byStep: { [step]: childSpend.knownUsd } });
}

export function sumOfSpends(a: Spend, b: Spend): Spend {
  return {
    knownUsd: roundUsd(a.knownUsd + b.knownUsd),
    unpricedAttempts: a.unpricedAttempts + b.unpricedAttempts,
    calls: a.calls + b.calls,
    attempts: a.attempts + b.attempts,
    retries: a.retries + b.retries,
    failovers: a.failovers + b.failovers,
    hedges: a.hedges + b.hedges,
    savedUsd: roundUsd(a.savedUsd + b.savedUsd),
    byProvider: sumsOf(a.byProvider, b.byProvider),
    byTarget: sumsOf(a.byTarget, b.byTarget),
    byStep: sumsOf(a.byStep, b.byStep),
  };
}

function addAttempt(spend: Spend, step: string, attempt: AttemptRecord): Spend {
  const { kind, target, costUsd, savedUsd } = attempt;
  const usd = costUsd ?? 0;
  return sumOfSpends(spend, {
    knownUsd: usd,
    unpricedAttempts: costUsd === null ? 1 : 0,
    calls: kind === 'first' ? 1 : 0,
    attempts: 1,
    retries: kind === 'retry' ? 1 : 0,
    failovers: kind === 'failover' || kind === 'continuation' ? 1 : 0,
    hedges: kind === 'hedge' ? 1 : 0,
    savedUsd: savedUsd ?? 0,
    byProvider: { [target.slice(0, target.indexOf('/'))]: usd },
    byTarget: { [target]: usd },
    byStep: { [step]: usd },
  });
}

function sumsOf(a: UsdBy, b: UsdBy): UsdBy {
  const sums = new Map(Object.entries(a));
  for (const [name, usd] of Object.entries(b)) sums.set(name, roundUsd((sums.get(name) ?? 0) + usd));
  return Object.fromEntries(sums);
}

/** Sum of the known costs. */
export function knownUsd(attempts: readonly AttemptRecord[]): number {
  return attempts.reduce((sum, { costUsd }) => roundUsd(sum + (costUsd ?? 0)), 0);
}
