import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { checkFile } from '../check/check-file.ts';
import type { CheckRequest } from '../check/check-file.ts';
import type { Io } from '../io.ts';
import { simulateFile } from '../simulate/simulate-file.ts';
import type { SimulateRequest } from '../simulate/simulate-file.ts';
import { wholeNumber } from './options.ts';

/** As commander hands them over. */
interface Flags {
  readonly config?: string;
  readonly journal?: string;
  readonly json?: boolean;
  readonly strict?: boolean;
  readonly simulate?: number;
  readonly seed: number;
  readonly scenario: string;
  readonly branch?: SimulateRequest['weights'];
  readonly tokens?: SimulateRequest['tokens'];
}

const HELP = `
Shows where the time of a run goes, and looks for what the definition allows and runs would suffer from: paths that do not fit
the budget, steps of which nobody knows how long they take, routes without a model or a key, states that wait without a limit,
loops without a bound, side effects that nothing undoes. docs/checking.md explains each finding. Nothing is run.

With --journal the times that its runs have shown count, instead of those that the steps declare.

--simulate draws so many runs from a model of the chain: branches by --branch (else each as likely as the others), steps by the
latencies and faults of simulated providers. It is a model of the chain, not of the wire: no call is made, and breakers, limits
and queues are left out.

Exit code: 0 no errors, 1 errors (with --strict warnings too), 2 it could not begin.

Examples:
  $ paceline check support.ts
  $ paceline check support.ts --journal runs.db --strict
  $ paceline check support.ts --simulate 10000 --scenario brownout
  $ paceline check support.ts --simulate 10000 --branch triaging=8,2 --tokens reply=900/150`;

/** Adds `paceline check`. @param finish is given the exit code */
export function addCheckCommand(program: Command, io: Io, finish: (exitCode: number) => void): void {
  program
    .command('check')
    .summary('find mistakes in a workflow, and where its time goes')
    .description('Checks a workflow file against its budget, its config and what has been learned.')
    .argument('<workflow>', 'TypeScript or JavaScript file whose default export is a workflow')
    .option('--config <file>', 'config to use instead of the one beside the workflow')
    .option('--journal <file>', 'SQLite file with the learned times of earlier runs')
    .addOption(new Option('--strict', 'warnings count as errors').conflicts('simulate'))
    .option('--json', 'print one JSON object')
    .option('--simulate <runs>', 'predict so many runs instead', wholeNumber(1, MOST_RUNS))
    .option('--seed <n>', 'fixes the draws', wholeNumber(0), 1)
    .option(
      '--scenario <name|file>',
      'latencies and faults of the providers, as for `paceline sim`',
      'everyday',
    )
    .option('--branch <state=weights>', 'how likely the branches of a state are; repeatable', branch)
    .option('--tokens <step=in/out>', 'length of a prompt and its answer; repeatable', tokens)
    .addHelpText('after', HELP)
    .action(async (workflowFile: string, flags: Flags) => {
      const { simulate: runs, seed, scenario, branch: weights = {}, tokens: expected = {} } = flags;
      const request = requestOf(workflowFile, flags);
      finish(
        runs === undefined
          ? await checkFile(request, io)
          : await simulateFile({ ...request, runs, seed, scenario, weights, tokens: expected }, io),
      );
    });
}

/** All are held in memory. */
const MOST_RUNS = 1_000_000;

function requestOf(
  workflowFile: string,
  { config, journal, json = false, strict = false }: Flags,
): CheckRequest {
  return {
    workflowFile,
    json,
    strict,
    ...(config !== undefined && { configFile: config }),
    ...(journal !== undefined && { journalFile: journal }),
  };
}

/** Collects `state=1,2` over repeated options. */
function branch(text: string, before: SimulateRequest['weights'] = {}): SimulateRequest['weights'] {
  const [, state, listed] = /^([^=]+)=([\d.,]+)$/.exec(text) ?? [];
  const weights = listed?.split(',').map(Number) ?? [];
  const isSound = weights.every((weight) => weight >= 0) && weights.some((weight) => weight > 0);
  if (state !== undefined && isSound) return { ...before, [state]: weights };
  throw new InvalidArgumentError(
    'Expected a state and a weight for each of its branches, such as triaging=8,2.',
  );
}

/** Collects `step=200/30` over repeated options. */
function tokens(text: string, before: SimulateRequest['tokens'] = {}): SimulateRequest['tokens'] {
  const [, step, input, output] = /^([^=]+)=(\d+)\/(\d+)$/.exec(text) ?? [];
  if (step === undefined) {
    throw new InvalidArgumentError(
      'Expected a step with tokens of its prompt and answer, such as reply=900/150.',
    );
  }
  return { ...before, [step]: { inputTokens: Number(input), outputTokens: Number(output) } };
}
