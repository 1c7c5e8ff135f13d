import { initialAdaptiveLimit, nextAdaptiveLimit, placesOf } from './adaptive-limit-state.ts';
import type { AdaptiveLimitEvent } from './adaptive-limit-state.ts';
import type { Clock } from './clock.ts';
import { checkedNumber } from './validate.ts';

export interface AdaptiveLimitOptions {
  readonly clock: Clock;
  /** What the limit never falls below. Minimum 1. @default 1 */
  readonly min?: number;
  /** What it never exceeds. Minimum `min`. */
  readonly max: number;
  /** Where it starts, from `min` to `max`. Model providers publish their limits and refuse at once, so starting high costs little. @default `max` */
  readonly initial?: number;
}

/** What a call that was answered tells about how much its target takes. */
export interface AnsweredCall {
  /** To the first content, in milliseconds; null if there was none to measure. */
  readonly firstChunkMs: number | null;
  /** Calls at once when it ended, itself included. */
  readonly inFlight: number;
}

/** How many calls a target takes at once, found out by what it does. Use it as a bulkhead's `maxInFlight`. */
export interface AdaptiveLimit {
  /** Whole, from `min` to `max`. */
  readonly limit: number;
  /** The target refused a call for rate or overload: down to 70 %, at most once a second, so that one burst is one signal. */
  onRateLimited(): void;
  /**
   * A call was answered: up by one for each second without a refusal while at least half of the limit is in use, and down
   * when the first content takes more than one and a half times as long as is normal for this target.
   */
  onOk(call: AnsweredCall): void;
  /** The target has recovered: 10 % of the limit at once, and evenly more until all of it is there. @param overMs @default 10_000 */
  ramp(overMs?: number): void;
}

/**
 * AIMD on refusals and Netflix's Gradient2 (concurrency-limits, `Gradient2Limit`) on the time to first token: the total time
 * depends on how much is written, the time to the first token on how busy the target is. The gradient only lowers, as raising
 * is AIMD's part, and it compares windows of at least a second and ten answers, as single answers of models vary too much.
 * @throws TypeError when an option is out of range
 */
export function createAdaptiveLimit(options: AdaptiveLimitOptions): AdaptiveLimit {
  const { clock } = options;
  const min = checkedNumber('min', options.min ?? 1, { min: 1, integer: true });
  const max = checkedNumber('max', options.max, { min, max: Number.MAX_SAFE_INTEGER, integer: true });
  const initial = checkedNumber('initial', options.initial ?? max, { min, max });
  const moment = () => ({ nowMs: clock.nowMs(), bounds: { min, max } });
  let state = initialAdaptiveLimit(initial, clock.nowMs());
  const apply = (event: AdaptiveLimitEvent): void => {
    state = nextAdaptiveLimit(state, event, moment());
  };
  return {
    get limit() {
      return placesOf(state, moment());
    },
    onRateLimited: () => apply({ type: 'rate-limited' }),
    onOk: (call) => apply({ type: 'ok', ...call }),
    ramp: (overMs = 10_000) => apply({ type: 'ramp', overMs: checkedNumber('overMs', overMs, { min: 1 }) }),
  };
}
