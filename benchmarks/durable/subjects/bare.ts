import { DatabaseSync } from 'node:sqlite';
import { addOne, STEPS } from '../../engine/chain.ts';
import type { DurableSubject } from '../sample.ts';

/** What a lean engine has to say of a step: its token, its output, its attempts. In characters of JSON. */
const ENTRY_LENGTH = 200;

/**
 * The limit: one synced row per step, the rows of one turn of the event loop in one transaction, and nothing else. No engine can record
 * its steps with less.
 */
export function prepareBare(path: string): DurableSubject {
  const db = new DatabaseSync(path);
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE journal (run INTEGER, seq INTEGER, value TEXT, PRIMARY KEY (run, seq)) STRICT, WITHOUT ROWID`);
  const insert = db.prepare('INSERT INTO journal VALUES (?, ?, ?)');
  let waiting: { readonly row: readonly [number, number, string]; readonly resolve: () => void }[] = [];

  function flush(): void {
    const group = waiting;
    waiting = [];
    db.exec('BEGIN IMMEDIATE');
    for (const { row } of group) insert.run(...row);
    db.exec('COMMIT');
    for (const { resolve } of group) resolve();
  }

  function record(...row: readonly [number, number, string]): Promise<void> {
    return new Promise((resolve) => {
      if (waiting.push({ row, resolve }) === 1) setImmediate(flush);
    });
  }

  let runs = 0;
  return {
    runChain: async (start) => {
      const run = ++runs;
      let value = start;
      for (let step = 0; step < STEPS; step++) {
        value = await addOne(value);
        await record(run, step, JSON.stringify({ value }).padEnd(ENTRY_LENGTH));
      }
      return value;
    },
    close: async () => db.close(),
  };
}
