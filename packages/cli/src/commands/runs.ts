import type { Command } from 'commander';
import type { Io } from '../io.ts';
import { addEventsCommand } from './runs/events.ts';
import { addListCommand } from './runs/list.ts';
import { addShowCommand } from './runs/show.ts';

const HELP = `
These commands only read, also while other processes work on the file. Long values are cut to the width of the terminal; with
--json they are whole.

Exit code: 0 shown, 1 the run is damaged, 2 there is no such file or run.

Examples:
  $ paceline runs list --journal runs.db --status running
  $ paceline runs show run_9mx4457b2nsezqap --journal runs.db
  $ paceline runs events run_9mx4457b2nsezqap --journal runs.db --from 12 --json`;

/** Adds `paceline runs` with its commands. */
export function addRunsCommand(program: Command, io: Io): void {
  const runs = program
    .command('runs')
    .summary('list and show recorded runs')
    .description('Shows the runs of a journal: all of them, one with its timeline, or its entries.')
    .addHelpText('after', HELP);
  addListCommand(runs, io);
  addShowCommand(runs, io);
  addEventsCommand(runs, io);
}
