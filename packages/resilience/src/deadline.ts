import type { Clock } from './clock.ts';

/** An absolute point on the injected clock's monotonic time. It travels on the wire as remaining milliseconds. */
export interface Deadline {
  /** Compare with `clock.nowMs()`; `Infinity` means none. */
  readonly atMs: number;
}

export const NO_DEADLINE: Deadline = { atMs: Number.POSITIVE_INFINITY };

/** The deadline `budgetMs` from now. */
export function deadlineIn(clock: Clock, budgetMs: number): Deadline {
  return { atMs: clock.nowMs() + budgetMs };
}

/** Time left, never negative. */
export function remainingMs(deadline: Deadline, clock: Clock): number {
  return Math.max(0, deadline.atMs - clock.nowMs());
}

export function earliest(...deadlines: readonly Deadline[]): Deadline {
  return deadlines.reduce((first, next) => (next.atMs < first.atMs ? next : first), NO_DEADLINE);
}
