export { abortable, AbortReason, linkedController } from './abort.ts';
export { systemClock } from './clock.ts';
export { deadlineIn, earliest, NO_DEADLINE, remainingMs } from './deadline.ts';
export { isResilienceError, RESILIENCE_ERRORS, ResilienceError } from './errors.ts';
export { hashUnit, randomId, seededRandom, systemRandom } from './random.ts';
export { sleep } from './sleep.ts';

export type { AbortCause, LinkedController } from './abort.ts';
export type { Clock, Timer } from './clock.ts';
export type { Deadline } from './deadline.ts';
export type { ResilienceErrorCode } from './errors.ts';
export type { Random } from './random.ts';
