import type { Command } from 'commander';
import type { Io } from '../../io.ts';
import { showRun } from '../../runs/show.ts';
import { onJournal, withCommonOptions } from './common.ts';
import type { RunsFlags } from './common.ts';

const HELP = `
Times count from the run's start. \`waited\` is what a step spent before and between its attempts, \`deadline\` what was left of
the run's time when the step ended, or is left now.

Examples:
  $ paceline runs show run_1m83g448rb2nsezqap4 --journal runs.db`;

/** Adds `paceline runs show`. */
export function addShowCommand(runs: Command, io: Io): void {
  withCommonOptions(runs.command('show').argument('<run>', 'its id, or the beginning of it'))
    .description('Shows one run: how it stands, what it spent, and its steps with their times.')
    .addHelpText('after', HELP)
    .action(async (run: string, flags: RunsFlags) => {
      await onJournal(flags, io, (journal) => showRun(journal, { run, json: flags.json === true }, io));
    });
}
