import { Option } from 'commander';
import type { Command } from 'commander';
import type { RunStatus, SqliteJournal } from 'paceline';
import type { Io } from '../io.ts';
import { withJournal } from '../journal-file.ts';
import { printEvents } from '../runs/events.ts';
import { listRuns } from '../runs/list.ts';
import { showRun } from '../runs/show.ts';
import { wholeNumber } from './options.ts';

interface Flags {
  readonly journal: string;
  readonly json?: boolean;
}

interface ListFlags extends Flags {
  readonly status?: RunStatus | 'damaged';
  readonly workflow?: string;
  readonly limit: number;
}

const STATUSES = [
  'running',
  'succeeded',
  'degraded',
  'failed',
  'cancelled',
  'damaged',
] as const satisfies readonly (RunStatus | 'damaged')[];

const HELP = `
These commands only read, also while other processes work on the file. Long values are cut to the width of the terminal; with
--json they are whole.

Exit code: 0 shown, 1 the run is damaged, 2 there is no such file or run.

Examples:
  $ paceline runs list --journal runs.db --status running
  $ paceline runs show run_9mx4457b2nsezqap --journal runs.db
  $ paceline runs events run_9mx4457b2nsezqap --journal runs.db --from 12 --json`;

const LIST_HELP = `
A run that is \`running\` is worked on by a process, or was left by one: \`paceline resume\` goes on with those. One that is
\`damaged\` is no longer what was written; it is kept aside until the file is restored from a copy.

Examples:
  $ paceline runs list --journal runs.db
  $ paceline runs list --journal runs.db --status failed --workflow support --limit 100 --json`;

const SHOW_HELP = `
Times count from the run's start. \`waited\` is what a step spent before and between its attempts, \`deadline\` what was left of
the run's time when the step ended, or is left now.

Examples:
  $ paceline runs show run_9mx4457b2nsezqap --journal runs.db`;

const EVENTS_HELP = `
Entries are in the order in which the run took them; their numbers start at 1 and have no gaps.

Examples:
  $ paceline runs events run_9mx4457b2nsezqap --journal runs.db
  $ paceline runs events run_9mx4457b2nsezqap --journal runs.db --from 12 --json`;

/** Adds `paceline runs` with its commands. */
export function addRunsCommand(program: Command, io: Io): void {
  const runs = program
    .command('runs')
    .summary('list and show recorded runs')
    .description('Shows the runs of a journal: all of them, one with its timeline, or its entries.')
    .addHelpText('after', HELP);
  addList(runs, io);
  addShow(runs, io);
  addEvents(runs, io);
}

function addList(runs: Command, io: Io): void {
  withCommonOptions(runs.command('list'))
    .description('Lists runs, the latest first.')
    .addOption(new Option('--status <status>', 'only those').choices(STATUSES))
    .option('--workflow <id>', 'only those of one workflow')
    .option('--limit <n>', 'the latest n', wholeNumber(1), 20)
    .addHelpText('after', LIST_HELP)
    .action(async ({ status, workflow, limit, ...flags }: ListFlags) => {
      const filter = {
        ...(status !== undefined && { status }),
        ...(workflow !== undefined && { workflowId: workflow }),
      };
      await reading(flags, io, (journal) =>
        listRuns(journal, { ...filter, limit, json: flags.json === true }, io),
      );
    });
}

function addShow(runs: Command, io: Io): void {
  withCommonOptions(runs.command('show').argument('<run>', 'its id'))
    .description('Shows one run: how it stands, what it spent, and its steps with their times.')
    .addHelpText('after', SHOW_HELP)
    .action(async (runId: string, flags: Flags) => {
      await reading(flags, io, (journal) => showRun(journal, { runId, json: flags.json === true }, io));
    });
}

function addEvents(runs: Command, io: Io): void {
  withCommonOptions(runs.command('events').argument('<run>', 'its id'))
    .description("Shows a run's journal, one line for each entry.")
    .option('--from <seq>', 'the first entry to show', wholeNumber(1), 1)
    .addHelpText('after', EVENTS_HELP)
    .action(async (runId: string, { from, ...flags }: Flags & { readonly from: number }) => {
      await reading(flags, io, (journal) =>
        printEvents(journal, { runId, fromSeq: from, json: flags.json === true }, io),
      );
    });
}

function withCommonOptions(command: Command): Command {
  return command
    .requiredOption('--journal <file>', 'SQLite file that the runs were recorded in')
    .option('--json', 'print whole values, as JSON');
}

function reading(
  { journal: file }: Flags,
  io: Io,
  use: (journal: SqliteJournal) => Promise<void>,
): Promise<void> {
  return withJournal({ file, create: false }, io, use);
}
