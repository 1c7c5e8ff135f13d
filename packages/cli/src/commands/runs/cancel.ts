import type { Command } from 'commander';
import type { Io } from '../../io.ts';
import { tellRun } from '../../runs/tell.ts';
import { onJournal, withCommonOptions } from './common.ts';
import type { Finish, RunsFlags } from './common.ts';

interface Flags extends RunsFlags {
  readonly reason: string;
}

const HELP = `
It reaches the run in whichever process works on it, within 250 ms: what is at work stops, what declares how it is undone is
undone, and the run ends as cancelled. A run that nobody works on ends so with \`paceline resume\`; nothing of it begins again.

With --json: {"runId", "type", "id", "receipt", "status", "attended"}; receipt is taken, recorded or refused.

Exit code: 0 sent, 1 the run ended otherwise before, 2 there is no such file or run, or it had ended.

Examples:
  $ paceline runs cancel run_1m83g448rb2nsezqap4 --journal runs.db
  $ paceline runs cancel run_9mx4 --reason 'The customer withdrew.' --journal runs.db`;

/** Adds `paceline runs cancel`. @param finish is given the exit code */
export function addCancelCommand(runs: Command, io: Io, finish: Finish): void {
  withCommonOptions(runs.command('cancel').argument('<run>', 'its id, or the beginning of it'))
    .description('Ends a run before its time.')
    .option('--reason <text>', 'recorded with its end', 'Cancelled from the command line.')
    .addHelpText('after', HELP)
    .action(async (run: string, { reason, ...flags }: Flags) => {
      const options = { run, said: { type: 'cancel', reason }, json: flags.json === true } as const;
      finish(await onJournal(flags, io, (journal) => tellRun(journal, options, io)));
    });
}
