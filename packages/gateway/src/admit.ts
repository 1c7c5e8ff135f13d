import { isResilienceError, remainingMs } from '@paceline/resilience';
import type { Deadline } from '@paceline/resilience';
import type { Refusal } from './call.ts';
import type { Gate } from './gate.ts';
import type { LatencyView } from './ledger.ts';
import type { ModelRequest } from './request.ts';
import type { Target } from './targets.ts';
import type { Verdict } from './verdict.ts';

/** One attempt that asks its target to take it. */
export interface AdmissionRequest {
  readonly request: ModelRequest;
  /** About what the attempt takes of the target's tokens: the length of its prompt. */
  readonly promptTokens: number;
  /** Aborting it gives up waiting; an attempt of its own (a hedge) has its own. */
  readonly signal: AbortSignal;
  /** How fast the target usually is with such a prompt; `null` if nobody knows. */
  readonly usual: LatencyView | null;
  /** The call has other targets to go to, so this one is waited for less, and being slow counts against it. */
  readonly others: boolean;
  /** Lets the attempt through whatever the target's guards say, and tells its breaker nothing. It still needs a place. */
  readonly forced: boolean;
}

/** How an attempt went, as far as it says something about its target. */
export interface AttemptEnd {
  /** What its failure means; `null`: the answer was complete. */
  readonly verdict: Verdict | null;
  /** Until the first content; `null` if none came. */
  readonly firstChunkMs: number | null;
}

export type Admission =
  | {
      readonly ok: true;
      /** Gives the place back and tells the target's guards. Call it exactly once. `null`: no attempt was made. */
      leave(end: AttemptEnd | null): void;
    }
  | ({ readonly ok: false } & Pick<Refusal, 'code' | 'retryInMs'>);

/**
 * Asks a target to take one attempt: first for a place, because a full queue is no failure of the provider, then the
 * breaker, whose probe must not wait in a queue.
 * @throws `signal.reason` when it aborts while waiting for a place
 */
export async function admit(target: Target, asked: AdmissionRequest, gate: Gate): Promise<Admission> {
  let giveBack: () => void;
  try {
    giveBack = await target.bulkhead.acquire({ deadline: placeBy(asked, gate), signal: asked.signal });
  } catch (error) {
    if (isResilienceError(error)) return { ok: false, code: 'QUEUE_FULL', retryInMs: null };
    throw error;
  }
  if (asked.forced) return { ok: true, leave: giveBack };
  const permit = target.breaker.tryAcquire();
  if (!permit.ok) {
    giveBack();
    return { ok: false, code: 'BREAKER_OPEN', retryInMs: permit.retryInMs };
  }
  return {
    ok: true,
    leave(end) {
      permit.release(end === null ? 'ignored' : (end.verdict?.breaker ?? 'ok'));
      giveBack();
    },
  };
}

/** A queue is not worth more than half of what is left while another target could have it. */
function placeBy({ request: { deadline }, others }: AdmissionRequest, { clock }: Gate): Deadline {
  return others ? { atMs: clock.nowMs() + remainingMs(deadline, clock) / 2 } : deadline;
}
