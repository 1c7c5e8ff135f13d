import type { FaultRule, LatencyModel } from '@paceline/simulator';

/** Calls of a chain, one after the other. */
export const CALLS = 10;

/** For the whole chain. */
export const DEADLINE_MS = 3_000;

/** Twenty chains a second begin, whatever became of those before. */
export const EVERY_MS = 50;

/** A healthy call: log-normal with a sigma of 0.5, as in the comparison of engines that this repeats. The rest of the answer adds under 1 ms. */
export const LATENCY: LatencyModel = { firstTokenMs: { p50: 50, p95: 113.8 }, tokensPerSecond: 10_000 };

export const ANSWER = 'Done.';

/** At both providers, all the time: 2 % of the calls stall for two seconds, 3 % fail. */
const EVERYDAY: readonly FaultRule[] = [
  { fault: 'stall', probability: 0.02, forMs: 2_000 },
  { fault: 'error-500', probability: 0.03 / 0.98 },
];

/** From and to, in milliseconds after the start; `to` is not included. */
export type Span = readonly [fromMs: number, toMs: number];

/** When what happens, in milliseconds. After the warm-up, steady time and brown-outs take turns. */
export interface Timeline {
  /** Not counted. Learned latencies need 50 answers of each target; the second one gets few as long as all is well. */
  readonly warmUpMs: number;
  readonly steadyMs: number;
  readonly brownOutMs: number;
}

export const TIMELINE: Timeline = { warmUpMs: 20_000, steadyMs: 30_000, brownOutMs: 10_000 };

/** When the first provider is browned out, until `endMs`. */
export function brownOuts({ warmUpMs, steadyMs, brownOutMs }: Timeline, endMs: number): readonly Span[] {
  const spans: Span[] = [];
  for (let fromMs = warmUpMs + steadyMs; fromMs < endMs; fromMs += steadyMs + brownOutMs) {
    spans.push([fromMs, fromMs + brownOutMs]);
  }
  return spans;
}

export interface Faults {
  readonly first: readonly FaultRule[];
  readonly second: readonly FaultRule[];
}

/** What goes wrong at the two providers: a call that the first one receives while it is browned out takes a second to fail. */
export function faultsIn(spans: readonly Span[]): Faults {
  const brownedOut = spans.map((betweenMs): FaultRule => ({
    fault: 'unavailable-503',
    afterMs: 1_000,
    betweenMs,
  }));
  return { first: [...brownedOut, ...EVERYDAY], second: EVERYDAY };
}
