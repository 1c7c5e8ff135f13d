import type { RunRecord } from './record.ts';

/** How many message ids a run remembers: a repetition comes soon after, and every row of the run holds them. */
const KEPT = 256;

/** Whether a message from outside was taken before. A signal that still waits is known, however many came since. */
export function hasHeard({ heard = [], mailbox = [] }: RunRecord, id: string): boolean {
  return heard.includes(id) || mailbox.some((mail) => mail.id === id);
}

/** Notes that a message from outside was taken. */
export function withHeard(record: RunRecord, id: string): RunRecord {
  return { ...record, heard: [...(record.heard ?? []), id].slice(-KEPT) };
}
