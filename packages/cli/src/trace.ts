import { createHash } from 'node:crypto';
import type { RunOutcome } from 'paceline';

/** Folds everything a batch did into one hash: under a virtual clock the same seed must give the same one. */
export interface Trace {
  /** Call it in the order in which rows end: the order is part of what must repeat. */
  add(row: number, outcome: RunOutcome<unknown>): void;
  /** SHA-256, hexadecimal. */
  digest(): string;
}

/** @param nowMs virtual time, taken at each row's end */
export function createTrace(nowMs: () => number): Trace {
  const hash = createHash('sha256');
  return {
    add: (row, outcome) => void hash.update(`${JSON.stringify([row, nowMs(), outcome])}\n`),
    digest: () => hash.digest('hex'),
  };
}
