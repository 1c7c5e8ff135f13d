import type { Command } from 'commander';
import { forkFile } from '../../fork-file.ts';
import type { Io } from '../../io.ts';
import { duration, exitCodeOf, setting, wholeNumber } from '../options.ts';
import { withCommonOptions } from './common.ts';
import type { Finish, RunsFlags } from './common.ts';

interface Flags extends RunsFlags {
  readonly at: number;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly deadline?: number;
  readonly config?: string;
  readonly seed: number;
}

const HELP = `
The fork is a run of its own: it begins where the other was after the entry, with its state and outputs, and has the workflow's
whole budget of time and money. Steps before that point do not run again; one in flight there begins anew, also one that takes
effect once. The other run is only read, and may be unfinished. \`paceline runs events\` shows the entries by number.

--set changes the context, by path; its value is JSON.

Exit code: 0 it succeeded (a degraded ending counts as success), 1 it failed, 2 it could not begin, 130 interrupted.

Examples:
  $ paceline runs fork run_1m83g448rb2nsezqap4 support.ts --at 7 --journal runs.db
  $ paceline runs fork run_1m83g448rb2nsezqap4 support.ts --at 7 --set context.plan='{"item":"pen"}' --journal runs.db`;

/** Adds `paceline runs fork`. @param finish is given the exit code */
export function addForkCommand(runs: Command, io: Io, finish: Finish): void {
  const command = runs
    .command('fork')
    .argument('<run>', 'its id')
    .argument('<workflow>', 'file of the workflow it ran');
  withCommonOptions(command)
    .description('Starts a new run from a recorded point of another, and brings it to its end.')
    .requiredOption('--at <seq>', 'the last entry that the two have in common', wholeNumber(1))
    .option(
      '--set <path=json>',
      'another value in the context, e.g. context.plan.item=\'"pen"\'; repeatable',
      setting,
    )
    .option('--deadline <duration>', "time for the fork, if less than the workflow's own budget", duration)
    .option('--config <file>', 'config to use instead of the one beside the workflow')
    .option('--seed <n>', 'fixes the fate of every simulated call', wholeNumber(0), 1)
    .addHelpText('after', HELP)
    .action(async (runId: string, workflowFile: string, flags: Flags) => {
      const { journal: journalFile, at: atSeq, set = {}, deadline, config, json = false, seed } = flags;
      const request = {
        workflowFile,
        journalFile,
        runId,
        atSeq,
        set,
        json,
        seed,
        ...(deadline !== undefined && { deadlineMs: deadline }),
        ...(config !== undefined && { configFile: config }),
      };
      finish(exitCodeOf(await forkFile(request, io)));
    });
}
