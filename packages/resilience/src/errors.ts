const brand = Symbol.for('paceline.resilience.error');

/**
 * Every way a bounded call can end badly without the call itself being at fault. Watchdog and breaker only tell; whoever asked
 * them throws `STALLED` and `BREAKER_OPEN`, so that `retry` and the reader of a log know what it was.
 */
export const RESILIENCE_ERRORS = {
  /** The absolute deadline passed, or what was asked for does not fit before it. */
  DEADLINE_EXCEEDED: {},
  /** Nothing arrived within a watchdog's limit (connect, first chunk, chunk, total). */
  STALLED: {},
  /** The bulkhead's queue is full. */
  QUEUE_FULL: {},
  /** The breaker is open; `retryInMs` says when to come back. */
  BREAKER_OPEN: {},
  /** A virtual clock was asked to run work that no timer can move. */
  VIRTUAL_CLOCK_IDLE: {},
} as const satisfies Record<string, object>;

/** What to dispatch on, instead of the message. */
export type ResilienceErrorCode = keyof typeof RESILIENCE_ERRORS;

/** The one error class of this package. Aborts are not errors of ours: they reject with the signal's own reason. */
export class ResilienceError extends Error {
  readonly [brand] = true;
  override readonly name = 'ResilienceError';
  readonly code: ResilienceErrorCode;
  /** When a new try may succeed, in milliseconds from the throw; absent if unknown. `declare`: a plain field would exist as undefined. */
  declare readonly retryInMs?: number;

  constructor(
    code: ResilienceErrorCode,
    message: string,
    details: { cause?: unknown; retryInMs?: number } = {},
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.code = code;
    if (details.retryInMs !== undefined) this.retryInMs = details.retryInMs;
  }
}

/** Works across duplicate installs of this package, unlike `instanceof`. */
export function isResilienceError(error: unknown): error is ResilienceError {
  return typeof error === 'object' && error !== null && brand in error;
}
