import type { Clock } from './clock.ts';

/** What one response said about a limit. */
export interface RateReport {
  /** Units in a full window; absent if it was not said. */
  readonly limit?: number | undefined;
  /** Units left. */
  readonly remaining: number;
  /** Until all of it is back, in milliseconds from now. */
  readonly resetMs: number;
}

export interface RateWindowOptions {
  readonly clock: Clock;
  /**
   * Whether units come back bit by bit until the reset (OpenAI, Anthropic: token buckets) or all at once (fixed windows). Needs
   * reports that name the limit. @default false: all at once, the careful reading
   */
  readonly steady?: boolean;
}

/**
 * One rate limit as its headers tell it: requests, or tokens, a minute. Unknown is open, and after the reset it is open again
 * until the next report. Between reports it counts down by itself, so that concurrent calls do not all take the last unit.
 */
export interface RateWindow {
  /** Takes in what a response said. Nonsense (negative, not a number, a reset more than 31 days off) is ignored. */
  update(report: RateReport): void;
  /** Takes `amount` units if there are so many, and says whether it did. More than a full window holds counts as a full window. */
  tryTake(amount: number): boolean;
  /** When `amount` units will be there, in milliseconds; 0: now. @param amount @default 1 */
  retryInMs(amount?: number): number;
  /** What is left of a full window, from 0 to 1; 1 while unknown. */
  readonly share: number;
}

interface Known {
  /** Infinity: never said. */
  readonly limit: number;
  readonly resetAtMs: number;
  /** Units that come back each millisecond until then. */
  readonly perMs: number;
  /** Units left at `asOfMs`. */
  remaining: number;
  asOfMs: number;
}

const LONGEST_RESET_MS = 31 * 86_400_000;

/** Resets reported for the same moment differ by this much: whole seconds, and the way of the response. */
const SAME_RESET_MS = 1_000;

export function createRateWindow({ clock, steady = false }: RateWindowOptions): RateWindow {
  let known: Known | undefined;

  /** What holds now, brought up to date; `undefined` while nothing is known. */
  const current = (): Known | undefined => {
    const nowMs = clock.nowMs();
    if (known === undefined || nowMs >= known.resetAtMs) return (known = undefined);
    known.remaining = Math.min(known.limit, known.remaining + known.perMs * (nowMs - known.asOfMs));
    known.asOfMs = nowMs;
    return known;
  };

  return {
    update(report) {
      if (!makesSense(report)) return;
      const { remaining, resetMs } = report;
      const limit = limitOf(report);
      const nowMs = clock.nowMs();
      const before = current();
      // Reports overtake each other, and know nothing of calls on their way: within one window only the lowest count is safe.
      const sameWindow = before !== undefined && nowMs + resetMs <= before.resetAtMs + SAME_RESET_MS;
      known = {
        limit,
        perMs: steady && limit < Infinity ? (limit - remaining) / resetMs : 0,
        remaining: sameWindow ? Math.min(before.remaining, remaining) : remaining,
        resetAtMs: sameWindow ? before.resetAtMs : nowMs + resetMs,
        asOfMs: nowMs,
      };
    },
    tryTake(amount) {
      const now = current();
      if (now === undefined) return true;
      if (now.remaining < Math.min(amount, now.limit)) return false;
      now.remaining = Math.max(0, now.remaining - amount);
      return true;
    },
    retryInMs(amount = 1) {
      const now = current();
      const needed = now === undefined ? 0 : Math.min(amount, now.limit);
      if (now === undefined || now.remaining >= needed) return 0;
      const untilResetMs = now.resetAtMs - clock.nowMs();
      return Math.min(untilResetMs, (needed - now.remaining) / now.perMs);
    },
    get share() {
      const now = current();
      return now === undefined || now.limit === Infinity ? 1 : now.remaining / now.limit;
    },
  };
}

/** A full window holds what is left at least; what says otherwise was never meant as its size. */
function limitOf({ limit = Infinity, remaining }: RateReport): number {
  return limit > 0 && limit >= remaining ? limit : Infinity;
}

function makesSense({ remaining, resetMs }: RateReport): boolean {
  return remaining >= 0 && remaining < Infinity && resetMs > 0 && resetMs <= LONGEST_RESET_MS;
}
