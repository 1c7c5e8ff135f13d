import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { EngineError, isEngineError } from '../../errors.ts';
import { Anchor } from './anchor.ts';
import type { Place } from './anchor.ts';
import { checkForm, migrate } from './schema.ts';

/** Longest that opening waits for another process's lock: nothing goes on here before it is done. */
const OPENING_BUSY_MS = 5_000;

/** Longest that a statement may hold up the event loop for one; beyond it the group is tried again later. */
const BUSY_MS = 20;

/**
 * Opens the file, or makes it, for its owner's eyes alone.
 * @throws EngineError `JOURNAL_UNUSABLE` when it cannot be opened, is something else, or is damaged beyond reading
 */
function openDatabase(path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    // Made before SQLite does it: its -wal and -shm files then take over the mode.
    closeSync(openSync(path, 'a', 0o600));
    // Not imported at the top: on Node 22 the mere import prints a warning, journal or not.
    const sqlite = process.getBuiltinModule('node:sqlite');
    db = new sqlite.DatabaseSync(path, { timeout: OPENING_BUSY_MS });
    lockIfAlone(db);
    checkForm(db, path);
    db.exec(SETTINGS);
    migrate(db);
    return db;
  } catch (error) {
    db?.close();
    throw unusable(path, error);
  }
}

export interface JournalFiles {
  readonly db: DatabaseSync;
  readonly anchor: Anchor;
  /** How far each run had come, by what was noted outside the database. */
  readonly furthest: ReadonlyMap<number, Place>;
}

/** Opens the database and what vouches for it. @throws EngineError `JOURNAL_UNUSABLE` */
export function openFiles(path: string): JournalFiles {
  // SQLite's names for a database without a file: it would be lost with the process, and its anchor left behind.
  if (path === '' || path === ':memory:') {
    throw new EngineError('JOURNAL_UNUSABLE', `\`${path}\` names no file. Name one, or use memoryJournal().`);
  }
  // Read before the data: another process may go on writing both, data first.
  const furthest = Anchor.read(`${path}.anchor`);
  const db = openDatabase(path);
  try {
    return { db, anchor: new Anchor(`${path}.anchor`), furthest };
  } catch (error) {
    db.close();
    throw unusable(path, error);
  }
}

/** From now on others are not waited for. */
export function endOpening(db: DatabaseSync): void {
  db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
}

/** What is thrown for a file that cannot be opened. */
export function unusable(path: string, error: unknown): EngineError {
  if (isEngineError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new EngineError('JOURNAL_UNUSABLE', `Cannot open the journal ${path}: ${message}.`, error);
}

/** The WAL's sync before each commit is told is what makes a run survive a power cut. */
const SETTINGS = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA cell_size_check = ON;
  PRAGMA trusted_schema = OFF;
`;

/** Before anything touches the file: the lock of a lone connection is taken by its first read. */
function lockIfAlone(db: DatabaseSync): void {
  const { version } = db.prepare('SELECT sqlite_version() AS version').get() as { version: string };
  if (!isSafeForSeveral(version)) db.exec('PRAGMA locking_mode = EXCLUSIVE');
}

/**
 * SQLite 3.7.0 to 3.51.2 can lose a committed write when two connections meet at the start of a new WAL (fixed in 3.51.3, 3.50.7 and
 * 3.44.6; https://www.sqlite.org/wal.html#walresetbug). Node 22.19 comes with 3.50.4: there the file is one process's alone.
 */
export function isSafeForSeveral(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major !== 3) return major > 3;
  if (minor === 44) return patch >= 6;
  if (minor === 50) return patch >= 7;
  return minor > 51 || (minor === 51 && patch >= 3);
}
