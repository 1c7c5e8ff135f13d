import { DatabaseSync } from 'node:sqlite';
import { createVirtualClock } from '@paceline/resilience/testing';
import { boot, startRun } from './process.ts';
import type { VirtualClock } from '@paceline/resilience/testing';
import type { Process } from './process.ts';

export interface FullDiskReport {
  readonly acknowledgedBefore: number;
  /** Told to callers while nothing could be written. */
  readonly acknowledgedWhileFull: number;
  readonly runs: number;
  readonly succeeded: number;
  /** Acknowledged, and not in the file. */
  readonly notRecorded: readonly string[];
}

const RUNS = 200;
const FULL_MS = 30_000;

/** Real trouble: SQLite's own `SQLITE_FULL`, since the file may not grow; after half a minute it may. */
export function fillDisk(path: string): Promise<FullDiskReport> {
  const connections = connectionsTo(path);
  return throughTrouble(path, {
    // Room for a part of the runs only.
    begin: () => connections.exec('PRAGMA max_page_count = 60'),
    end: () => connections.exec('PRAGMA max_page_count = 1000000'),
  }).finally(() => connections.forget());
}

/** Real trouble: another connection holds the lock for half a minute. */
export function lockOut(path: string): Promise<FullDiskReport> {
  let other: DatabaseSync | undefined;
  return throughTrouble(path, {
    begin: () => {
      other = new DatabaseSync(path);
      other.exec('BEGIN IMMEDIATE');
    },
    end: () => other?.close(),
  });
}

interface Acts {
  begin(): void;
  end(): void;
}

async function throughTrouble(path: string, acts: Acts): Promise<FullDiskReport> {
  const clock = createVirtualClock();
  const process = boot({ path, clock, deeds: [] });
  acts.begin();
  const ends = Promise.all(Array.from({ length: RUNS }, (_, run) => startSoon(process, { clock, run })));
  await clock.advance(RUNS);
  const acknowledgedBefore = process.acknowledged.size;
  const recorded = new Set(await runsIn(path));
  await clock.advance(FULL_MS - RUNS);
  const acknowledgedWhileFull = process.acknowledged.size - acknowledgedBefore;
  const notRecorded = [...process.acknowledged].filter((runId) => !recorded.has(runId));
  acts.end();
  const succeeded = (await clock.run(ends)).filter((end) => end === 'succeeded').length;
  await process.journal.close();
  return { acknowledgedBefore, acknowledgedWhileFull, runs: RUNS, succeeded, notRecorded };
}

/** A run a millisecond. */
async function startSoon(
  process: Process,
  { clock, run }: { readonly clock: VirtualClock; readonly run: number },
): Promise<string> {
  await new Promise<void>((resolve) => void clock.setTimer(run, resolve));
  return startRun(process, `run-${run}`);
}

/** What another reader of the file sees. */
function runsIn(path: string): readonly string[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db
      .prepare('SELECT run_id FROM run')
      .all()
      .map((row) => row['run_id'] as string);
  } finally {
    db.close();
  }
}

/** The limit of a file's size is each connection's own: this reaches the journal's. */
function connectionsTo(path: string) {
  const original = DatabaseSync.prototype.prepare;
  const found = new Set<DatabaseSync>();
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, ...args) {
    if (this.location() === path) found.add(this);
    return original.apply(this, args);
  };
  return {
    exec: (sql: string) => {
      for (const db of found) if (db.isOpen) db.exec(sql);
    },
    forget: () => void (DatabaseSync.prototype.prepare = original),
  };
}
