import type { LatencyView, Ledger } from '@paceline/gateway';
import { LatencyTable } from './latency-table.ts';
import { SqliteSpend } from './spend-ledger.ts';
import type { SqliteSpendOptions } from './spend-ledger.ts';

/** What outlives a call, in the journal's file: latencies, which may be lost, and money, which may not. */
export class SqliteLedger implements Ledger {
  readonly latencies: LatencyTable;
  readonly spend: SqliteSpend;

  constructor(options: SqliteSpendOptions) {
    this.latencies = new LatencyTable(options.db, options.clock);
    this.spend = new SqliteSpend(options);
  }

  recordLatency(key: string, ms: number): void {
    this.latencies.recordLatency(key, ms);
  }

  latency(key: string): LatencyView | null {
    return this.latencies.latency(key);
  }
}
