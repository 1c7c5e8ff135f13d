import { backoffMs } from './backoff.ts';
import type { BackoffOptions } from './backoff.ts';
import { bounded } from './bounded.ts';
import type { BoundedOptions } from './bounded.ts';
import { remainingMs } from './deadline.ts';
import { isResilienceError } from './errors.ts';
import type { Random } from './random.ts';
import { RETRY_COST, TIMEOUT_RETRY_COST } from './retry-budget.ts';
import type { RetryBudget } from './retry-budget.ts';
import { sleep } from './sleep.ts';
import { checkedNumber } from './validate.ts';

export interface RetryOptions extends BoundedOptions {
  /** The first attempt included. Minimum 1. */
  readonly attempts: number;
  readonly random: Random;
  /** Retries draw on it, and so share a limit with all other calls that do. @default none */
  readonly budget?: RetryBudget;
  /** How the waits between attempts grow. */
  readonly backoff?: Omit<BackoffOptions, 'hintMs'>;
  /** Whether another attempt may help. @default always */
  readonly shouldRetry?: (error: unknown) => boolean;
  /** What the failed attempt asked to wait (`retry-after`), in milliseconds: a minimum. @default none */
  readonly hintMs?: (error: unknown) => number | undefined;
  /** Called before each wait. */
  readonly onRetry?: (retry: RetryNotice) => void;
}

export interface RetryNotice {
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  readonly error: unknown;
  /** How long the wait before the next one is. */
  readonly delayMs: number;
}

/**
 * Calls until it works, for code steps and tools (the gateway has a loop of its own for model calls).
 *
 * Each attempt has its own signal and is bounded by the one deadline. A wait that would not end before the deadline is never
 * begun, and an abort ends a wait at once: no further attempt starts.
 *
 * Rejects with the last attempt's error, or with `signal.reason`; with TypeError when `attempts` is out of range.
 */
export async function retry<T>(
  call: (signal: AbortSignal, attempt: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  checkedNumber('attempts', options.attempts, { min: 1, integer: true });
  options.budget?.onCall();
  for (let attempt = 1; ; attempt++) {
    try {
      return await bounded((signal) => call(signal, attempt), options);
    } catch (error) {
      options.signal.throwIfAborted();
      const delayMs = delayBeforeRetry(error, attempt, options);
      if (delayMs === undefined) throw error;
      options.onRetry?.({ attempt, error, delayMs });
      await sleep(options.clock, delayMs, options.signal);
    }
  }
}

/** `undefined`: no retry. The budget is asked last, so that only retries that will happen are paid for. */
function delayBeforeRetry(error: unknown, attempt: number, options: RetryOptions): number | undefined {
  if (attempt >= options.attempts || options.shouldRetry?.(error) === false) return undefined;
  const hintMs = options.hintMs?.(error) ?? 0;
  const delayMs = backoffMs(attempt, { ...options.backoff, hintMs }, options.random);
  if (delayMs >= remainingMs(options.deadline, options.clock)) return undefined;
  const cost = isTimeout(error) ? TIMEOUT_RETRY_COST : RETRY_COST;
  return options.budget?.tryRetry(cost) === false ? undefined : delayMs;
}

function isTimeout(error: unknown): boolean {
  return isResilienceError(error) && (error.code === 'DEADLINE_EXCEEDED' || error.code === 'STALLED');
}
