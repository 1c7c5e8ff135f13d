import type { SpendLedger } from './spend/contract.ts';

/**
 * What outlives a call: learned latencies, spend and what counts on caps. The gateway ships a memory implementation; the
 * engine's SQLite file brings its own behind the same contract.
 */
export interface Ledger {
  /** Adds one completed duration under `key`, e.g. `first-chunk:openai/gpt-5-mini` or `step:support/triage`. */
  recordLatency(key: string, ms: number): void;
  /** Recent quantiles under `key`; `null` before the first sample. */
  latency(key: string): LatencyView | null;
  readonly spend: SpendLedger;
}

export interface LatencyView {
  readonly samples: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p98Ms: number;
}
