import type { AttemptRecord } from '@paceline/gateway';
import type { Spend } from './record.ts';

export const NO_SPEND: Spend = {
  knownUsd: 0,
  unpricedAttempts: 0,
  calls: 0,
  attempts: 0,
  retries: 0,
  failovers: 0,
  hedges: 0,
  byProvider: {},
};

export function addSpend(spend: Spend, attempts: readonly AttemptRecord[]): Spend {
  return attempts.length === 0 ? spend : attempts.reduce(addAttempt, spend);
}

function addAttempt(spend: Spend, { kind, target, costUsd }: AttemptRecord): Spend {
  const provider = target.slice(0, target.indexOf('/'));
  return {
    knownUsd: spend.knownUsd + (costUsd ?? 0),
    unpricedAttempts: spend.unpricedAttempts + (costUsd === null ? 1 : 0),
    calls: spend.calls + (kind === 'first' ? 1 : 0),
    attempts: spend.attempts + 1,
    retries: spend.retries + (kind === 'retry' ? 1 : 0),
    failovers: spend.failovers + (kind === 'failover' || kind === 'continuation' ? 1 : 0),
    hedges: spend.hedges + (kind === 'hedge' ? 1 : 0),
    byProvider: { ...spend.byProvider, [provider]: (spend.byProvider[provider] ?? 0) + (costUsd ?? 0) },
  };
}

/** Sum of the known costs. */
export function knownUsd(attempts: readonly AttemptRecord[]): number {
  return attempts.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0);
}
