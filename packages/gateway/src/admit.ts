import { isResilienceError } from '@paceline/resilience';
import type { BreakerOutcome, BulkheadRequest } from '@paceline/resilience';
import type { Target } from './targets.ts';

export type Admission =
  | {
      readonly ok: true;
      /** Gives the place back and tells the breaker. Call it exactly once. */
      leave(outcome: BreakerOutcome): void;
    }
  | {
      readonly ok: false;
      readonly code: 'QUEUE_FULL' | 'BREAKER_OPEN';
      /** When asking again makes sense; `null` if nobody knows. */
      readonly retryInMs: number | null;
    };

/**
 * Asks a target to take one attempt: first for a place, because a full queue is no failure of the provider, then the
 * breaker, whose probe must not wait in a queue.
 * @param pastBreaker lets the attempt through whatever the breaker says, and tells it nothing
 * @throws `signal.reason` when it aborts while waiting for a place
 */
export async function admit(target: Target, wait: BulkheadRequest, pastBreaker: boolean): Promise<Admission> {
  let giveBack: () => void;
  try {
    giveBack = await target.bulkhead.acquire(wait);
  } catch (error) {
    if (isResilienceError(error)) return { ok: false, code: 'QUEUE_FULL', retryInMs: null };
    throw error;
  }
  if (pastBreaker) return { ok: true, leave: giveBack };
  const permit = target.breaker.tryAcquire();
  if (!permit.ok) {
    giveBack();
    return { ok: false, code: 'BREAKER_OPEN', retryInMs: permit.retryInMs };
  }
  return {
    ok: true,
    leave(outcome) {
      permit.release(outcome);
      giveBack();
    },
  };
}
