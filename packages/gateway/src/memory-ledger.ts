import { createQuantiles, type Quantiles } from '@paceline/resilience';
import type { Ledger } from './ledger.ts';
import { memorySpend } from './spend/memory-spend.ts';

/** Latencies and spend that last as long as the process. */
export function memoryLedger(): Ledger {
  const quantilesByKey = new Map<string, Quantiles>();
  return {
    spend: memorySpend(),
    recordLatency(key, ms) {
      let quantiles = quantilesByKey.get(key);
      if (quantiles === undefined) quantilesByKey.set(key, (quantiles = createQuantiles()));
      quantiles.record(ms);
    },
    latency(key) {
      const quantiles = quantilesByKey.get(key);
      if (quantiles === undefined) return null;
      return {
        samples: quantiles.samples,
        p50Ms: quantiles.quantile(0.5),
        p95Ms: quantiles.quantile(0.95),
        p98Ms: quantiles.quantile(0.98),
      };
    },
  };
}
