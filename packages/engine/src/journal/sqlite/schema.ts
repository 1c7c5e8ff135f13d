import type { DatabaseSync } from 'node:sqlite';
import { EngineError } from '../../errors.ts';

/** "PACE": tells a journal from any other SQLite file. */
const APPLICATION_ID = 0x50414345;

/**
 * Each brings a file from the version before to the next one; the file's `user_version` says how many it has had. Never
 * change one that was released.
 *
 * What never changes about a run stands apart from what every transition rewrites, so that a large input is written once.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE run (
    run INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE,
    workflow_id TEXT NOT NULL,
    started_epoch_ms REAL NOT NULL,
    parent_run_id TEXT,
    start ANY NOT NULL
  ) STRICT;

  -- What a transition writes stands in one row, and so mostly on one page: the state it led to, and the entries since the last segment.
  CREATE TABLE state (
    run INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    owner INTEGER NOT NULL,
    status TEXT NOT NULL,
    ended_epoch_ms REAL,
    chain TEXT NOT NULL,
    state TEXT NOT NULL,
    tail TEXT NOT NULL
  ) STRICT;
  CREATE INDEX run_children ON run (parent_run_id) WHERE parent_run_id IS NOT NULL;
  CREATE INDEX state_by_end ON state (ended_epoch_ms);

  -- Earlier entries of long runs, each row up to its last_seq.
  CREATE TABLE segment (
    run INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    chain TEXT NOT NULL,
    entries TEXT NOT NULL,
    PRIMARY KEY (run, last_seq)
  ) STRICT, WITHOUT ROWID;

  -- Which payloads the entries of a run name.
  CREATE TABLE entry_payload (
    run INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (run, hash)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE payload (
    hash BLOB PRIMARY KEY,
    text TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE workflow (
    hash TEXT PRIMARY KEY,
    shape TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE owner (
    owner INTEGER PRIMARY KEY AUTOINCREMENT,
    pid INTEGER NOT NULL,
    born_epoch_ms REAL NOT NULL,
    host TEXT NOT NULL,
    lease_until_epoch_ms REAL NOT NULL
  ) STRICT;

  CREATE TABLE inbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL,
    id TEXT NOT NULL,
    text TEXT NOT NULL,
    seal TEXT NOT NULL,
    UNIQUE (run, id)
  ) STRICT;

  CREATE TABLE quarantine (
    run INTEGER PRIMARY KEY,
    reason TEXT NOT NULL,
    at_epoch_ms REAL NOT NULL
  ) STRICT;

  CREATE TABLE latency (
    key TEXT PRIMARY KEY,
    at_epoch_ms REAL NOT NULL,
    samples BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Of a cap, each value's in each window. What is held belongs to attempts in flight; amounts are picodollars.
  CREATE TABLE spend_counter (
    counter INTEGER PRIMARY KEY,
    cap TEXT NOT NULL,
    window TEXT NOT NULL,
    value TEXT NOT NULL,
    held INTEGER NOT NULL,
    holds INTEGER NOT NULL,
    kept_until_epoch_ms REAL NOT NULL,
    UNIQUE (cap, window, value)
  ) STRICT;

  CREATE TABLE spend_slot (
    counter INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    PRIMARY KEY (counter, slot)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE spend_hold (
    id TEXT PRIMARY KEY,
    expires_epoch_ms REAL NOT NULL,
    pico INTEGER NOT NULL,
    priced INTEGER NOT NULL,
    counters TEXT NOT NULL,
    attempt TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX spend_hold_by_expiry ON spend_hold (expires_epoch_ms);

  -- What attempts have in common stands once, as JSON.
  CREATE TABLE spend_key (
    key INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
  ) STRICT;

  -- Values that callers chose, to know when there are too many of a kind.
  CREATE TABLE spend_value (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, value)
  ) STRICT, WITHOUT ROWID;

  -- Those of one key side by side, so that a report adds them up as it reads. Money in picodollars.
  CREATE TABLE spend_attempt (
    key INTEGER NOT NULL,
    at_epoch_ms INTEGER NOT NULL,
    id BLOB NOT NULL UNIQUE,
    calls INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    saved INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    output INTEGER NOT NULL,
    PRIMARY KEY (key, at_epoch_ms, id)
  ) STRICT, WITHOUT ROWID;
  `,
];

/**
 * Looks at a file without changing it.
 * @throws EngineError `JOURNAL_UNUSABLE` for a file of something else, or of a later version
 */
export function checkForm(db: DatabaseSync, path: string): void {
  const { application_id: application } = db.prepare('PRAGMA application_id').get() as {
    application_id: number;
  };
  const empty = db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  const version = versionOf(db);
  if (application !== APPLICATION_ID && !(empty && version === 0)) {
    throw new EngineError(
      'JOURNAL_UNUSABLE',
      `${path} is a database of something else. Name a file of the journal's own.`,
    );
  }
  if (version > MIGRATIONS.length) {
    throw new EngineError(
      'JOURNAL_UNUSABLE',
      `${path} was written by a later version of paceline (form ${version}, this one knows ${MIGRATIONS.length}). Upgrade paceline.`,
    );
  }
}

/** Brings the file to this version's form, in one transaction. */
export function migrate(db: DatabaseSync): void {
  if (versionOf(db) === MIGRATIONS.length) return;
  db.exec('BEGIN EXCLUSIVE');
  try {
    // Another process may have been first.
    for (const sql of MIGRATIONS.slice(versionOf(db))) db.exec(sql);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`);
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function versionOf(db: DatabaseSync): number {
  return (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
}
