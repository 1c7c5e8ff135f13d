import type { Command } from 'commander';
import type { SqliteJournal } from 'paceline';
import type { Io } from '../../io.ts';
import { withJournal } from '../../journal-file.ts';

/** What every command of `paceline runs` is given. */
export interface RunsFlags {
  readonly journal: string;
  readonly json?: boolean;
}

/** Is given the exit code. */
export type Finish = (exitCode: number) => void;

/** Adds `--journal` and `--json`. */
export function withCommonOptions(command: Command): Command {
  return command
    .requiredOption('--journal <file>', 'SQLite file that the runs were recorded in')
    .option('--json', 'print whole values, as JSON');
}

/** Opens the journal for as long as `use` takes; a file that is not there is not made. @throws CliError `JOURNAL_UNUSABLE` */
export function onJournal<T>(
  { journal: file }: RunsFlags,
  io: Io,
  use: (journal: SqliteJournal) => Promise<T>,
): Promise<T> {
  return withJournal({ file, create: false }, io, use);
}
