import type { AttemptRecord } from '@paceline/gateway';

/** A successful first attempt at `a/one`, but for what is given. */
export function attempt(given: Partial<AttemptRecord>): AttemptRecord {
  return {
    attempt: 1,
    kind: 'first',
    target: 'a/one',
    reason: 'preferred',
    outcome: 'ok',
    startedAfterMs: 0,
    ms: 10,
    firstChunkMs: 5,
    usage: null,
    costUsd: 0,
    costSource: 'computed',
    priceTable: null,
    savedUsd: 0,
    ...given,
  };
}
