import type { Random } from './random.ts';

export interface BackoffOptions {
  /** Upper bound of the wait before the first retry, in milliseconds; it doubles with each further one. @default 250 */
  readonly baseMs?: number;
  /** What the upper bound never exceeds, in milliseconds. @default 8_000 */
  readonly capMs?: number;
  /** What the server asked for (`retry-after`), in milliseconds. A minimum: it wins over a shorter wait and over the cap. @default 0 */
  readonly hintMs?: number;
}

/** Doubling any base this often exceeds every sensible cap; beyond it `2 ** n` would overflow. */
const MOST_DOUBLINGS = 60;

/**
 * How long to wait before retry number `retry` (1 = the first retry), in milliseconds.
 *
 * Full jitter, `random(0, min(cap, base * 2^n))`: of the common schemes it spreads the callers of a recovering server best
 * (AWS Architecture Blog, "Exponential Backoff And Jitter").
 */
export function backoffMs(retry: number, options: BackoffOptions, random: Random): number {
  const { baseMs = 250, capMs = 8_000, hintMs = 0 } = options;
  const ceilingMs = Math.min(capMs, baseMs * 2 ** Math.min(retry - 1, MOST_DOUBLINGS));
  return Math.max(hintMs, random.next() * ceilingMs);
}
