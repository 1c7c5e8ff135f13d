import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isEngineError, sqliteJournal } from 'paceline';
import type { SqliteJournal } from 'paceline';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';

export interface JournalPlace {
  readonly file: string;
  /** Make the file if there is none. */
  readonly create: boolean;
}

/**
 * Opens a journal for as long as `use` takes. Other processes may be at work on it: nothing of theirs is touched.
 * @throws CliError `JOURNAL_UNUSABLE`, and whatever `use` throws
 */
export async function withJournal<T>(
  place: JournalPlace,
  io: Io,
  use: (journal: SqliteJournal) => Promise<T>,
): Promise<T> {
  const journal = openJournal(place, io);
  try {
    return await use(journal);
  } finally {
    await journal.close();
  }
}

function openJournal({ file, create }: JournalPlace, io: Io): SqliteJournal {
  const path = resolve(io.cwd, file);
  if (!create) {
    if (!existsSync(path)) throw new CliError('JOURNAL_UNUSABLE', `${file}: there is no such file.`);
    // SQLite would take it for a new one.
    if (statSync(path).size === 0) throw new CliError('JOURNAL_UNUSABLE', `${file} is empty, no journal.`);
  }
  try {
    return sqliteJournal({ path, clock: io.clock });
  } catch (error) {
    if (isEngineError(error)) throw new CliError('JOURNAL_UNUSABLE', error.message, error);
    throw error;
  }
}
