import type { Random } from '@paceline/resilience';

/** How fast a simulated model answers. */
export interface LatencyModel {
  /**
   * Time until the first token, in milliseconds: log-normal through these two quantiles, `0 < p50 <= p95`, but never below
   * `floor`. @default floor 0
   */
  readonly firstTokenMs: { readonly p50: number; readonly p95: number; readonly floor?: number };
  /** Output speed after the first token. Above 0. */
  readonly tokensPerSecond: number;
}

/** Small models: a classification takes about a quarter of a second. */
export const FAST_MODEL: LatencyModel = { firstTokenMs: { p50: 180, p95: 420 }, tokensPerSecond: 150 };

/** Large models. */
export const STRONG_MODEL: LatencyModel = { firstTokenMs: { p50: 500, p95: 1_150 }, tokensPerSecond: 80 };

const FAST_NAME = /\b(mini|nano|lite|flash|haiku|small|instant|[1-9]b)\b/i;

/** The default for a model nobody described, guessed from its name. */
export function latencyOf(model: string): LatencyModel {
  return FAST_NAME.test(model) ? FAST_MODEL : STRONG_MODEL;
}

/** The 95th percentile of the standard normal distribution. */
const Z95 = 1.6449;

/** Draws from the log-normal distribution with these quantiles. */
export function drawFirstTokenMs(
  { p50, p95, floor = 0 }: LatencyModel['firstTokenMs'],
  random: Random,
): number {
  // Box-Muller; 1 - next() because the logarithm must not see 0.
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return Math.max(floor, p50 * Math.exp((Math.log(p95 / p50) / Z95) * normal));
}

/** Time for `tokens` more tokens; the pace varies by 20 % round the model's speed. */
export function drawPaceMs(tokens: number, { tokensPerSecond }: LatencyModel, random: Random): number {
  return (tokens / tokensPerSecond) * 1_000 * (0.8 + 0.4 * random.next());
}
