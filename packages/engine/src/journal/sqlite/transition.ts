import type { Batch } from '../store.ts';
import { stateSumOf } from './damage.ts';
import { limited } from './payload.ts';
import { startText } from './rows.ts';
import { splitState } from './split-state.ts';
import type { Base } from './split-state.ts';

/** A transition as it is written. */
export interface Transition {
  readonly event: string;
  readonly state: string;
  readonly stateSum: number;
  /** A part of the state that is kept apart. */
  readonly base?: Base;
}

/** What never changes about a run. @throws EngineError `VALUE_TOO_LARGE` */
export function startOf({ entry, record }: Batch, maxBytes: number): string {
  return limited(startText(record, entry.event), { runId: record.runId, maxBytes });
}

/** @throws EngineError `VALUE_TOO_LARGE` */
export function transitionOf({ entry, record }: Batch, maxBytes: number): Transition {
  const { runId, status } = record;
  const { state: text, base } = splitState(record);
  const state = limited(text, { runId, maxBytes });
  if (base !== undefined) limited(base.text, { runId, maxBytes });
  const event = limited(JSON.stringify(entry.event), { runId, maxBytes });
  return { event, state, stateSum: stateSumOf(status, state), ...(base !== undefined && { base }) };
}

/** When the entry that ended the run was written. */
export function endOf({ entry, record }: Batch): number | null {
  return record.status === 'running' ? null : entry.atEpochMs;
}
