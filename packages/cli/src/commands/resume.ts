import type { Command } from 'commander';
import { CliError } from '../errors.ts';
import type { Io } from '../io.ts';
import { logFileOption, logOption, logOptionsOf } from '../log-options.ts';
import type { LogOptions } from '../log-options.ts';
import { resumeRuns } from '../resume-runs.ts';
import type { ResumeRequest } from '../resume-runs.ts';
import { exitCodeOf, wholeNumber } from './options.ts';

interface Flags extends LogOptions {
  readonly journal: string;
  readonly all?: boolean;
  readonly config?: string;
  readonly json?: boolean;
  readonly seed: number;
}

/** Whatever ends so is taken for a workflow, everything else for a run's id. */
const WORKFLOW_FILE = /\.[cm]?[jt]s$/;

const HELP = `
Goes on with runs that a process left unfinished when it was killed, crashed or was stopped by a second Ctrl-C. Steps that
ended do not run again. Steps in flight do, under the same idempotency key, except those that take effect once: they fail
with UNCERTAIN, and the workflow's error path says what follows. The deadline is the one the run was given at its start.

Give every workflow that the runs may belong to, as it was when they began or with a migration from it. The config is that beside the first one
unless --config names another.

A run that cannot be gone on with is left as it is, and named with the reason:
  RUN_OWNED         another process works on it
  WORKFLOW_CHANGED  its workflow is another one by now, and says not how its runs go over (\`migrate\`)
  WORKFLOW_INVALID  its workflow's file is not among those given
  JOURNAL_DAMAGED   its record is not what was written: restore the file from a copy

With --json every run is one line, those left alone with "status": "left", and the last line is the summary.

Exit code: 0 all succeeded (a degraded ending counts as success), 1 some failed or were left alone, 2 it could not begin,
130 interrupted, 143 ended by SIGTERM.

Examples:
  $ paceline resume --all --journal runs.db support.ts
  $ paceline resume run_1m83g448rb2nsezqap4 --journal runs.db support.ts refunds.ts`;

/** Adds `paceline resume`. @param finish is given the exit code */
export function addResumeCommand(program: Command, io: Io, finish: (exitCode: number) => void): void {
  program
    .command('resume')
    .summary('go on with runs that a process left unfinished')
    .description('Goes on with the unfinished runs of a journal, from where they had come.')
    .argument('<workflow|run...>', 'workflow files, and the ids of runs unless --all is given')
    .requiredOption('--journal <file>', 'SQLite file that the runs were recorded in')
    .option('--all', 'all that are unfinished')
    .option('--config <file>', 'config to use instead of the one beside the first workflow')
    .option('--json', 'print a JSON line for each run and one for the summary')
    .addOption(logOption())
    .addOption(logFileOption())
    .option('--seed <n>', 'fixes the fate of every simulated call', wholeNumber(0), 1)
    .addHelpText('after', HELP)
    .action(async (named: readonly string[], flags: Flags) => {
      finish(exitCodeOf(await resumeRuns(requestOf(named, flags), io)));
    });
}

function requestOf(named: readonly string[], flags: Flags): ResumeRequest {
  const { journal: journalFile, all = false, config, json = false, seed } = flags;
  const [first, ...others] = named.filter((each) => WORKFLOW_FILE.test(each));
  const runIds = named.filter((each) => !WORKFLOW_FILE.test(each));
  if (first === undefined) {
    throw new CliError('USAGE', 'Give the files of the workflows that the runs belong to, too.');
  }
  if (all === runIds.length > 0) {
    throw new CliError('USAGE', 'Give either the ids of the runs to go on with, or --all.');
  }
  return {
    workflowFiles: [first, ...others],
    journalFile,
    json,
    seed,
    ...logOptionsOf(flags),
    ...(config !== undefined && { configFile: config }),
    ...(!all && { runIds }),
  };
}
