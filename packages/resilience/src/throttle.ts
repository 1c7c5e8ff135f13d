import type { Clock } from './clock.ts';
import type { Random } from './random.ts';
import { checkedNumber } from './validate.ts';

export interface ThrottleOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Requests let through for each one accepted, before any is held back. Minimum 1; 2 wastes at most half of what is sent. @default 2 */
  readonly k?: number;
  /** Requests in the window below which nothing is held back: a first call refused would hold back half of the next. Minimum 1. @default 1 */
  readonly minimumCalls?: number;
  /** How far back answers count, in milliseconds. Minimum 1. @default 120_000 */
  readonly windowMs?: number;
}

/** Holds calls back here that an overloaded target would only refuse there: refusing costs it capacity too. */
export interface Throttle {
  /** Whether to send one more. A call held back counts as one the target would not have accepted. */
  tryPass(): boolean;
  /** A call that passed ended in anything but a refusal for overload: an answer, an error of the caller's, even a crash. */
  onAccepted(): void;
  /** A call that passed was refused for overload or rate. Calls that say nothing (cancelled, never sent) are reported neither way. */
  onRejected(): void;
  /** The share of calls held back by now, from 0 to 1. */
  readonly rejectShare: number;
}

/** One tenth of the window. `epoch` counts tenths since the clock's origin, so that a stale one is known without any timer. */
interface Bucket {
  epoch: number;
  requests: number;
  accepts: number;
}

const BUCKETS = 10;

/**
 * Client-side throttling (Site Reliability Engineering, ch. 21): a call is held back with the probability
 * `max(0, (requests - k * accepts) / (requests + 1))` over the last two minutes, so some always get through to notice that
 * the target is back.
 *
 * One thing differs from the book: a request counts when its answer is known, not when it is sent. Answers of models take
 * seconds, and a burst of 64 first calls, none of them answered yet, would be held back but for five. What is sent and not
 * yet answered is bounded by the bulkhead instead.
 * @throws TypeError when an option is out of range
 */
export function createThrottle(options: ThrottleOptions): Throttle {
  const { clock, random } = options;
  const k = checkedNumber('k', options.k ?? 2, { min: 1 });
  const minimumCalls = checkedNumber('minimumCalls', options.minimumCalls ?? 1, { min: 1, integer: true });
  const windowMs = checkedNumber('windowMs', options.windowMs ?? 120_000, { min: 1 });
  const buckets: Bucket[] = Array.from({ length: BUCKETS }, () => ({ epoch: -1, requests: 0, accepts: 0 }));
  const epochNow = () => Math.floor((clock.nowMs() * BUCKETS) / windowMs);

  const count = (accepts: 0 | 1): void => {
    const epoch = epochNow();
    const bucket = buckets[epoch % BUCKETS] as Bucket;
    if (bucket.epoch !== epoch) Object.assign(bucket, { epoch, requests: 0, accepts: 0 });
    bucket.requests++;
    bucket.accepts += accepts;
  };
  const rejectShare = (): number => {
    const oldest = epochNow() - BUCKETS + 1;
    let requests = 0;
    let accepts = 0;
    for (const bucket of buckets) {
      if (bucket.epoch < oldest) continue;
      requests += bucket.requests;
      accepts += bucket.accepts;
    }
    return requests < minimumCalls ? 0 : Math.max(0, (requests - k * accepts) / (requests + 1));
  };

  return {
    tryPass() {
      if (random.next() >= rejectShare()) return true;
      count(0);
      return false;
    },
    onAccepted: () => count(1),
    onRejected: () => count(0),
    get rejectShare() {
      return rejectShare();
    },
  };
}
