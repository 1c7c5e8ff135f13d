import { hash } from 'node:crypto';
import type { RunStatus } from '../../run/record.ts';
import type { Batch } from '../store.ts';
import { stateSumOf } from './damage.ts';
import { entryText, nameOfEvent } from './entries.ts';
import { limited } from './payload.ts';
import { LONGEST_INLINE, startText } from './rows.ts';
import type { Payload } from './rows.ts';
import { splitState } from './split-state.ts';

/** A transition as it is written. */
export interface Transition {
  readonly seq: number;
  readonly status: RunStatus;
  /** `null` for a run that goes on. */
  readonly endedEpochMs: number | null;
  readonly state: string;
  /** A part of the state that is kept apart. */
  readonly base: Payload | undefined;
  readonly entry: string;
  /** A long event, which the entry only names. */
  readonly longEvent: Payload | undefined;
}

/** What never changes about a run. @throws EngineError `VALUE_TOO_LARGE` */
export function startOf({ entry, record }: Batch, maxBytes: number): string {
  return limited(startText(record, entry.event), { runId: record.runId, maxBytes });
}

/** @throws EngineError `VALUE_TOO_LARGE` */
export function transitionOf({ entry, record }: Batch, maxBytes: number): Transition {
  const { runId, status, startedEpochMs } = record;
  const { seq, atEpochMs } = entry;
  const { state: text, base } = splitState(record);
  const state = limited(text, { runId, maxBytes });
  if (base !== undefined) limited(base.text, { runId, maxBytes });
  const event = limited(JSON.stringify(entry.event), { runId, maxBytes });
  const longEvent = event.length > LONGEST_INLINE ? { text: event, key: hash('sha256', event) } : undefined;
  const stateSum = stateSumOf(status, state);
  const said = longEvent === undefined ? event : nameOfEvent(longEvent.key);
  return {
    seq,
    status,
    endedEpochMs: status === 'running' ? null : atEpochMs,
    state,
    base,
    entry: entryText({ afterMs: atEpochMs - startedEpochMs, stateSum, event: said }),
    longEvent,
  };
}
