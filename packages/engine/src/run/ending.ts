import type { Json } from '@paceline/gateway';
import { stopAll } from './in-flight.ts';
import type { Failure, RunEffect, RunRecord } from './record.ts';

/** A new record and what it asks of the driver. */
export interface Change {
  readonly record: RunRecord;
  readonly effects: readonly RunEffect[];
}

export type RunEnd =
  | { readonly status: 'succeeded' | 'degraded'; readonly output: Json }
  | { readonly status: 'failed' | 'cancelled'; readonly failure: Failure };

/** The run is over: whatever is in flight is stopped, and `run-end` is the last effect it ever asks for. */
export function endRun(record: RunRecord, end: RunEnd): Change {
  return {
    record: { ...record, ...end, pending: {}, timers: {} },
    effects: [...stopAll(record), { type: 'run-end' }],
  };
}
