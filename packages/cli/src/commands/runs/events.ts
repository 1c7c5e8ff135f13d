import type { Command } from 'commander';
import type { Io } from '../../io.ts';
import { printEvents } from '../../runs/events.ts';
import { wholeNumber } from '../options.ts';
import { onJournal, withCommonOptions } from './common.ts';
import type { RunsFlags } from './common.ts';

interface Flags extends RunsFlags {
  readonly from: number;
}

const HELP = `
Entries are in the order in which the run took them; their numbers start at 1 and have no gaps.

Examples:
  $ paceline runs events run_9mx4457b2nsezqap --journal runs.db
  $ paceline runs events run_9mx4457b2nsezqap --journal runs.db --from 12 --json`;

/** Adds `paceline runs events`. */
export function addEventsCommand(runs: Command, io: Io): void {
  withCommonOptions(runs.command('events').argument('<run>', 'its id'))
    .description("Shows a run's journal, one line for each entry.")
    .option('--from <seq>', 'the first entry to show', wholeNumber(1), 1)
    .addHelpText('after', HELP)
    .action(async (runId: string, { from, ...flags }: Flags) => {
      await onJournal(flags, io, (journal) =>
        printEvents(journal, { runId, fromSeq: from, json: flags.json === true }, io),
      );
    });
}
