import { isResilienceError, remainingMs, sleep } from '@paceline/resilience';
import type { BreakerOutcome, BulkheadRequest } from '@paceline/resilience';
import { learnFrom } from './limit-feed.ts';
import type { Refusal } from './call.ts';
import type { Gate } from './gate.ts';
import type { LatencyView } from './ledger.ts';
import type { AttemptEnd } from './limit-feed.ts';
import type { Criticality, ModelRequest } from './request.ts';
import type { Target } from './targets.ts';

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
  /** Lets the attempt through whatever the target's guards say, and tells its breaker only of an answer. It still needs a place. */
  readonly forced: boolean;
}

export type Admission = Admitted | Refused;

export interface Admitted {
  readonly ok: true;
  /** Gives the place back and tells the target's guards. Call it exactly once. `null`: no attempt was made. */
  leave(end: AttemptEnd | null): void;
}

type Refused = { readonly ok: false } & Pick<Refusal, 'code' | 'retryInMs'>;

/**
 * Asks a target to take one attempt; being refused costs nothing upstream. First what can be told at once: it refuses most calls
 * for overload anyway, or has said that its rate limit is used up. Then for a place, because a full queue is no failure of the provider.
 * The breaker comes last, as its probe must not wait in a queue.
 * @throws `signal.reason` when it aborts while waiting
 */
export async function admit(target: Target, asked: AdmissionRequest, gate: Gate): Promise<Admission> {
  if (!gate.guards) return { ok: true, leave() {} };
  if (!asked.forced && heldBack(target)) return refused('PROVIDER_OVERLOADED', null);
  const place = await freePlace(target, asked, gate);
  if (!place.ok) return place;
  const { giveBack } = place;

  const permit = asked.forced ? null : target.breaker.tryAcquire();
  if (permit?.ok === false) {
    giveBack();
    return refused('BREAKER_OPEN', permit.retryInMs);
  }
  return {
    ok: true,
    leave(end) {
      if (end !== null) teach(end, target, { asked, gate });
      const outcome = outcomeOf(end);
      if (permit !== null) permit.release(outcome, { slow: isSlow(end, asked) });
      else if (outcome === 'ok') target.breaker.onSignOfLife();
      giveBack();
    },
  };
}

type Place = { readonly ok: true; readonly giveBack: () => void } | Refused;

/** A place at a target whose credential is of use, once the attempt has it: while it waited, another attempt may have been told otherwise. */
async function freePlace(target: Target, asked: AdmissionRequest, gate: Gate): Promise<Place> {
  for (;;) {
    if (!asked.forced) {
      const { now: parked } = target.parking;
      if (parked !== null && parked.code !== 'RATE_LIMITED') return refused(parked.code, parked.forMs);
      const retryInMs = await untilRate(target, asked, gate);
      if (retryInMs > 0) return refused('RATE_LIMITED', retryInMs);
    }
    const giveBack = await placeIn(target, asked, gate);
    if (giveBack === null) return refused('QUEUE_FULL', null);
    if (asked.forced || target.parking.now === null) return { ok: true, giveBack };
    giveBack();
  }
}

function refused(code: Refused['code'], retryInMs: number | null): Refused {
  return { ok: false, code, retryInMs };
}

/** A breaker that is not closed lets through so little already that nothing more needs to be held back. */
function heldBack({ breaker, throttle }: Target): boolean {
  return breaker.phase === 'closed' && !throttle().tryPass();
}

/**
 * Takes the attempt's share of the rate limit, or says when it will be there. A call without another target waits for it, if
 * that leaves time for the answer; others have then come first, maybe.
 */
async function untilRate(
  { rates, parking }: Target,
  asked: AdmissionRequest,
  { clock }: Gate,
): Promise<number> {
  const { promptTokens, signal, request, others, usual } = asked;
  for (;;) {
    const waitMs = Math.max(
      parking.now?.forMs ?? 0,
      rates.requests.retryInMs(),
      rates.tokens.retryInMs(promptTokens),
    );
    if (waitMs === 0) {
      rates.requests.tryTake(1);
      rates.tokens.tryTake(promptTokens);
      return 0;
    }
    const fits = waitMs + (usual?.p50Ms ?? 0) < remainingMs(request.deadline, clock);
    if (others || !fits) return waitMs;
    await sleep(clock, waitMs, signal);
  }
}

/** What the four levels come to in the order of a queue. */
const RANKS: Readonly<Record<Criticality, number>> = {
  'critical-plus': 0,
  critical: 1,
  'sheddable-plus': 2,
  sheddable: 3,
};

/** Resolves to what gives the place back, or to `null` when there is none in time. */
async function placeIn(target: Target, asked: AdmissionRequest, gate: Gate): Promise<(() => void) | null> {
  const { criticality = 'critical' } = asked.request;
  const wait: BulkheadRequest = {
    ...patience(asked, gate),
    signal: asked.signal,
    tenant: tenantOf(asked),
    cost: Math.max(1, asked.promptTokens),
    rank: RANKS[criticality],
  };
  try {
    return await target.bulkhead.acquire(wait);
  } catch (error) {
    if (isResilienceError(error)) return null;
    throw error;
  }
}

/**
 * While another target could have it, a place is not worth more than the time in which that would have begun to answer (about this one's
 * own), nor half of what is left. The last target's is not when too little is left for an answer.
 */
function patience({ request: { deadline }, usual, others }: AdmissionRequest, { clock }: Gate) {
  if (!others) return { deadline, usefulMs: usual?.p50Ms ?? 0 };
  const patienceMs = Math.min(remainingMs(deadline, clock) / 2, usual?.p50Ms ?? Infinity);
  return { deadline: { atMs: clock.nowMs() + patienceMs } };
}

function teach(
  end: AttemptEnd,
  target: Target,
  { asked, gate }: { asked: AdmissionRequest; gate: Gate },
): void {
  const { limit, name } = target;
  const { limit: before } = limit;
  learnFrom(end, target, tenantOf(asked));
  if (limit.limit !== before) gate.emit('limit-change', { target: name, limit: limit.limit });
}

function outcomeOf(end: AttemptEnd | null): BreakerOutcome {
  return end === null ? 'ignored' : (end.verdict?.breaker ?? 'ok');
}

/** Fewer say too little about a p95. */
const ENOUGH_SAMPLES = 50;

/** Slow is what takes twice as long as nearly all do. It is a reason to leave a target only where there is another. */
function isSlow(end: AttemptEnd | null, { usual, others }: AdmissionRequest): boolean {
  if (!others || usual === null || usual.samples < ENOUGH_SAMPLES) return false;
  return (end?.firstChunkMs ?? 0) > 2 * usual.p95Ms;
}

function tenantOf({ request: { tenant = '' } }: AdmissionRequest): string {
  return tenant;
}
