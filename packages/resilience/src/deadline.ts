import type { Clock } from './clock.ts';
import { checkedNumber } from './validate.ts';

/** An absolute point on the injected clock's monotonic time. It travels on the wire as remaining milliseconds. */
export interface Deadline {
  /** Compare with `clock.nowMs()`; `Infinity` means none. */
  readonly atMs: number;
}

/** Never comes. */
export const NO_DEADLINE: Deadline = { atMs: Number.POSITIVE_INFINITY };

/** The deadline `budgetMs` from now; a negative budget is a deadline that has passed. Throws TypeError for NaN. */
export function deadlineIn(clock: Clock, budgetMs: number): Deadline {
  return { atMs: clock.nowMs() + checkedNumber('budgetMs', budgetMs) };
}

/** Time left, never negative. */
export function remainingMs(deadline: Deadline, clock: Clock): number {
  return Math.max(0, deadline.atMs - clock.nowMs());
}

/** Which of them comes first; without any, none at all. */
export function earliest(...deadlines: readonly Deadline[]): Deadline {
  return deadlines.reduce((first, next) => (next.atMs < first.atMs ? next : first), NO_DEADLINE);
}
