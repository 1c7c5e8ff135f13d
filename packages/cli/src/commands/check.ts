import type { Command } from 'commander';
import { checkFile } from '../check/check-file.ts';
import type { Io } from '../io.ts';

/** As commander hands them over. */
interface Flags {
  readonly config?: string;
  readonly journal?: string;
  readonly json?: boolean;
  readonly strict?: boolean;
}

const HELP = `
Shows where the time of a run goes, and looks for what the definition allows and runs would suffer from: paths that do not fit
the budget, steps of which nobody knows how long they take, routes without a model or a key, states that wait without a limit,
loops without a bound, side effects that nothing undoes. docs/checking.md explains each finding. Nothing is run.

With --journal the times that its runs have shown count, instead of those that the steps declare.

Exit code: 0 no errors, 1 errors (with --strict warnings too), 2 it could not begin.

Examples:
  $ paceline check support.ts
  $ paceline check support.ts --journal runs.db --strict`;

/** Adds `paceline check`. @param finish is given the exit code */
export function addCheckCommand(program: Command, io: Io, finish: (exitCode: number) => void): void {
  program
    .command('check')
    .summary('find mistakes in a workflow, and where its time goes')
    .description('Checks a workflow file against its budget, its config and what has been learned.')
    .argument('<workflow>', 'TypeScript or JavaScript file whose default export is a workflow')
    .option('--config <file>', 'config to use instead of the one beside the workflow')
    .option('--journal <file>', 'SQLite file with the learned times of earlier runs')
    .option('--strict', 'warnings count as errors')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (workflowFile: string, flags: Flags) => {
      const { config, journal, json = false, strict = false } = flags;
      const request = {
        workflowFile,
        json,
        strict,
        ...(config !== undefined && { configFile: config }),
        ...(journal !== undefined && { journalFile: journal }),
      };
      finish(await checkFile(request, io));
    });
}
