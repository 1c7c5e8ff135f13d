import { checkedNumber } from './validate.ts';

export interface RetryBudgetOptions {
  /** Tokens the bucket holds. Minimum 0. @default 10 */
  readonly capacity?: number;
  /** Tokens it holds at the start, from 0 to the capacity. 0 for extra calls that must be earned first: hedges. @default `capacity` */
  readonly initial?: number;
  /** Tokens each first attempt puts in. From 0 to 1. @default 0.1 */
  readonly perCall?: number;
}

/** What an ordinary retry takes out of the bucket. */
export const RETRY_COST = 1;

/** What a retry after a time-out takes out: the first attempt may still be running, and paid for, upstream. */
export const TIMEOUT_RETRY_COST = 2;

/**
 * Retries that many calls share, so that a failing upstream gets about 10 % more calls and not three times as many:
 * `retries <= initial + perCall * calls`, for any sequence of calls and failures.
 *
 * A token bucket like Finagle's RetryBudget and gRPC's retryThrottling (proposal A6), with one change: nothing is refilled by
 * time. At the few calls a second that models get, a floor such as Finagle's 10 retries a second is no limit at all (100 %
 * failures at 5 calls/s: 3.0 attempts a call with it, 1.1 without).
 */
export interface RetryBudget {
  /** Counts a call's first attempt. */
  onCall(): void;
  /**
   * Takes `cost` tokens out if there are so many, and says whether it did. A refused retry costs nothing.
   * @param cost `RETRY_COST` (the default) or, after a time-out, `TIMEOUT_RETRY_COST`.
   */
  tryRetry(cost?: number): boolean;
  /** Tokens left, from 0 to the capacity. */
  readonly level: number;
}

/** Counts in thousandths of a token, as gRPC does: added up ten times, 0.1 is not 1 in binary fractions, but 100 is 1,000. */
const MILLI = 1_000;

/** @throws TypeError when an option is out of range */
export function createRetryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  const held = checkedNumber('capacity', options.capacity ?? 10, { min: 0 });
  const perCall = checkedNumber('perCall', options.perCall ?? 0.1, { min: 0, max: 1 });
  const initial = checkedNumber('initial', options.initial ?? held, { min: 0, max: held });
  return new TokenBudget({ held, perCall, initial });
}

/** A class, since a literal with a getter takes V8 a microsecond, and every run has one. */
class TokenBudget implements RetryBudget {
  private readonly capacity: number;
  private readonly perCall: number;
  private tokens: number;

  constructor({ held, perCall, initial }: Readonly<Record<'held' | 'perCall' | 'initial', number>>) {
    this.capacity = MILLI * held;
    this.perCall = MILLI * perCall;
    this.tokens = MILLI * initial;
  }

  onCall(): void {
    this.tokens = Math.min(this.capacity, this.tokens + this.perCall);
  }

  tryRetry(cost = RETRY_COST): boolean {
    if (this.tokens < cost * MILLI) return false;
    this.tokens -= cost * MILLI;
    return true;
  }

  get level(): number {
    return this.tokens / MILLI;
  }
}
