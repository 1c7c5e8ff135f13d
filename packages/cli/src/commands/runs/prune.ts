import type { Command } from 'commander';
import type { Io } from '../../io.ts';
import { pruneRuns } from '../../runs/prune.ts';
import { duration } from '../options.ts';
import { onJournal, withCommonOptions } from './common.ts';
import type { RunsFlags } from './common.ts';

interface Flags extends RunsFlags {
  readonly endedBefore: number;
  readonly yes?: boolean;
}

const HELP = `
Without --yes it only says how many they are. What is forgotten cannot be brought back: its journal, input and output are gone,
and its id may be used again. Unfinished runs are never touched, and other processes may go on working. What the attempts of forgotten
runs cost is kept: \`paceline cost prune\` forgets that.

With --json: {"runs", "endedBefore", "forgotten"}.

Exit code: 0 done, 2 there is no such file.

Examples:
  $ paceline runs prune --ended-before 30d --journal runs.db
  $ paceline runs prune --ended-before 30d --journal runs.db --yes`;

/** Adds `paceline runs prune`. */
export function addPruneCommand(runs: Command, io: Io): void {
  withCommonOptions(runs.command('prune'))
    .description('Forgets runs that ended long ago and gives their room back.')
    .requiredOption('--ended-before <age>', 'how long ago they ended at least: 12h, 30d', duration)
    .option('--yes', 'forget them')
    .addHelpText('after', HELP)
    .action(async ({ endedBefore: ageMs, yes = false, ...flags }: Flags) => {
      const options = { ageMs, forget: yes, json: flags.json === true };
      await onJournal(flags, io, (journal) => pruneRuns(journal, options, io));
    });
}
