export { abortable, AbortReason, isAbortReason, linkedController } from './abort.ts';
export { createAdaptiveLimit } from './adaptive-limit.ts';
export { backoffMs } from './backoff.ts';
export { bounded } from './bounded.ts';
export { createBreaker } from './breaker.ts';
export { createBulkhead } from './bulkhead.ts';
export { dateAt, parseEpochMs, systemClock } from './clock.ts';
export { deadlineIn, earliest, NO_DEADLINE, remainingMs } from './deadline.ts';
export { isResilienceError, RESILIENCE_ERRORS, ResilienceError } from './errors.ts';
export { createLoopMonitor } from './loop-delay.ts';
export { createQuantiles } from './quantiles.ts';
export { hashUnit, randomId, seededRandom, systemRandom, timedId } from './random.ts';
export { createRateWindow } from './rate-window.ts';
export { retry } from './retry.ts';
export { createRetryBudget, RETRY_COST, TIMEOUT_RETRY_COST } from './retry-budget.ts';
export { sleep } from './sleep.ts';
export { createThrottle } from './throttle.ts';
export { createWatchdog } from './watchdog.ts';

export type { AbortCause, LinkedController } from './abort.ts';
export type { AdaptiveLimit, AdaptiveLimitOptions, AnsweredCall } from './adaptive-limit.ts';
export type { BackoffOptions } from './backoff.ts';
export type { BoundedOptions } from './bounded.ts';
export type {
  Breaker,
  BreakerDetails,
  BreakerOptions,
  BreakerOutcome,
  BreakerPermit,
  BreakerPhase,
} from './breaker.ts';
export type { Bulkhead, BulkheadOptions, BulkheadRequest } from './bulkhead.ts';
export type { Clock, Timer } from './clock.ts';
export type { Deadline } from './deadline.ts';
export type { ResilienceErrorCode } from './errors.ts';
export type { LoopMonitor, LoopMonitorOptions } from './loop-delay.ts';
export type { Quantiles } from './quantiles.ts';
export type { Random } from './random.ts';
export type { RateReport, RateWindow, RateWindowOptions } from './rate-window.ts';
export type { RetryNotice, RetryOptions } from './retry.ts';
export type { RetryBudget, RetryBudgetOptions } from './retry-budget.ts';
export type { Throttle, ThrottleOptions } from './throttle.ts';
export type { StallLimit, Watchdog, WatchdogLimits, WatchdogOptions } from './watchdog.ts';
