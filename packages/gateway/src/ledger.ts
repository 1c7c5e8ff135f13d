/**
 * What outlives a call: learned latencies now, spend and caps later. The gateway ships a memory implementation; the
 * engine's SQLite file brings its own behind the same contract.
 */
export interface Ledger {
  /** Adds one completed duration under `key`, e.g. `first-chunk:openai/gpt-5-mini` or `step:support/triage`. */
  recordLatency(key: string, ms: number): void;
  /** Recent quantiles under `key`; `null` before the first sample. */
  latency(key: string): LatencyView | null;
}

export interface LatencyView {
  readonly samples: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p98Ms: number;
}
