import { Option } from 'commander';
import type { Command } from 'commander';
import type { Io } from '../../io.ts';
import { printEvents } from '../../runs/events.ts';
import { wholeNumber } from '../options.ts';
import { onJournal, withCommonOptions } from './common.ts';
import type { Finish, RunsFlags } from './common.ts';

interface Flags extends RunsFlags {
  readonly from: number;
  readonly after?: number;
  readonly follow?: boolean;
}

const HELP = `
Entries are in the order in which the run took them; their numbers start at 1 and have no gaps.

With --follow it goes on with each entry as it is recorded, by whichever process, to the run's end or Ctrl-C. A reader that was
cut off goes on where it was with --after and the last number it saw.

Exit code: 0 shown, 1 the run is damaged, 2 there is no such file or run, 130 interrupted.

Examples:
  $ paceline runs events run_1m83g448rb2nsezqap4 --journal runs.db
  $ paceline runs events run_1m83g448rb2nsezqap4 --journal runs.db --from 12 --json
  $ paceline runs events run_1m83g448rb2nsezqap4 --journal runs.db --follow --after 12 --json`;

/** Adds `paceline runs events`. @param finish is given the exit code */
export function addEventsCommand(runs: Command, io: Io, finish: Finish): void {
  withCommonOptions(runs.command('events').argument('<run>', 'its id, or the beginning of it'))
    .description("Shows a run's journal, one line for each entry.")
    .option('--from <seq>', 'the first entry to show', wholeNumber(1), 1)
    .addHelpText('after', HELP)
    .addOption(
      new Option('--after <seq>', 'the last entry known already').argParser(wholeNumber(0)).conflicts('from'),
    )
    .option('--follow', 'go on with each entry as it is recorded')
    .action(async (run: string, { from, after = from - 1, follow = false, ...flags }: Flags) => {
      const options = { run, afterSeq: after, follow, json: flags.json === true };
      finish(await onJournal(flags, io, (journal) => printEvents(journal, options, io)));
    });
}
