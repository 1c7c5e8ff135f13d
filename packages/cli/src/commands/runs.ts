import type { Command } from 'commander';
import type { Io } from '../io.ts';
import { addApprovalCommands } from './runs/approve.ts';
import { addCancelCommand } from './runs/cancel.ts';
import type { Finish } from './runs/common.ts';
import { addEventsCommand } from './runs/events.ts';
import { addForkCommand } from './runs/fork.ts';
import { addListCommand } from './runs/list.ts';
import { addPruneCommand } from './runs/prune.ts';
import { addResolveCommand } from './runs/resolve.ts';
import { addShowCommand } from './runs/show.ts';
import { addSignalCommand } from './runs/signal.ts';

const HELP = `
All of them work while other processes work on the file, and on the runs of those. Long values are cut to the width of the
terminal; with --json they are whole. A run is named by its id, or by the beginning of it: 4 characters at least.

Exit code: 0 done, 1 the run is damaged or refused it, 2 there is no such file or run, or it has ended.

Examples:
  $ paceline runs list --journal runs.db --status running
  $ paceline runs show run_1m83g448rb2nsezqap4 --journal runs.db
  $ paceline runs events run_1m83g448rb2nsezqap4 --journal runs.db --follow
  $ paceline runs signal run_1m83g448rb2nsezqap4 approve '{"by": "ann"}' --journal runs.db
  $ paceline runs approve run_1m83g448rb2nsezqap4 --journal runs.db --by ann
  $ paceline runs cancel run_1m83g448rb2nsezqap4 --journal runs.db`;

/** Adds `paceline runs` with its commands. @param finish is given the exit code */
export function addRunsCommand(program: Command, io: Io, finish: Finish): void {
  const runs = program
    .command('runs')
    .summary('see and steer recorded runs')
    .description('Shows the runs of a journal, and tells them what they wait for.')
    .addHelpText('after', HELP);
  addListCommand(runs, io);
  addShowCommand(runs, io);
  addEventsCommand(runs, io, finish);
  addSignalCommand(runs, io, finish);
  addApprovalCommands(runs, io, finish);
  addResolveCommand(runs, io, finish);
  addCancelCommand(runs, io, finish);
  addForkCommand(runs, io, finish);
  addPruneCommand(runs, io);
}
