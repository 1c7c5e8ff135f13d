import type { LatencyView, Ledger } from './ledger.ts';

/** One completed answer, as far as it says how fast its target is. */
export interface AnswerTimes {
  readonly promptTokens: number;
  readonly firstChunkMs: number;
  /** From the first content to the end. */
  readonly restMs: number;
  readonly outputTokens: number;
}

/**
 * How fast each target has been lately, by what it had to read. Completed answers only: cut-off ones would drag the quantiles
 * up. Used by watchdogs, hedges, the deadline floor and the `fastest` strategy.
 */
export interface LatencyBook {
  record(target: string, times: AnswerTimes): void;
  /** Times to the first content for prompts about this long; `null` before the first sample. */
  firstChunk(target: string, promptTokens: number): LatencyView | null;
}

export function createLatencyBook(ledger: Ledger): LatencyBook {
  return {
    record: (target, { firstChunkMs }) => ledger.recordLatency(key(target), firstChunkMs),
    firstChunk: (target) => ledger.latency(key(target)),
  };
}

const key = (target: string): string => `first-chunk:${target}`;
