import { Option } from 'commander';
import type { Command } from 'commander';
import { CliError } from '../errors.ts';
import type { Io } from '../io.ts';
import { logFileOption, logOption, logOptionsOf } from '../log-options.ts';
import type { LogOptions } from '../log-options.ts';
import { runFile } from '../run-file.ts';
import type { RunRequest } from '../run-file.ts';
import { duration, each, exitCodeOf, jsonValue, label, wholeNumber } from './options.ts';

/** As commander hands them over. */
interface Flags extends LogOptions {
  readonly input?: string;
  readonly inputFile?: string;
  readonly field?: readonly string[];
  readonly limit?: number;
  readonly concurrency: number;
  readonly deadline?: number;
  readonly label?: Readonly<Record<string, string>>;
  readonly config?: string;
  readonly json?: boolean;
  readonly seed: number;
  readonly virtual?: boolean;
  readonly failover: boolean;
  readonly journal?: string;
}

const HELP = `
The config decides which models answer. It is the paceline.config.ts beside the workflow unless --config names another.
Without one, the keys in the environment decide (OPENAI_API_KEY, ANTHROPIC_API_KEY ...), and it says what they chose.

Input is one JSON value (--input) or a file with a row for each run (--input-file): JSON Lines, CSV with a header line,
or a JSON array. A row that does not fit the workflow's input fails alone (INPUT_INVALID, naming row and field).
Rows count from 1.

Results go to standard output, progress to standard error. With --json every row is one line
  {"row", "runId", "ok", "status", "output" | "error", "ms", "costUsd", "attempts"}
and the last line is the summary.

Ctrl-C once takes no further rows, lets what runs finish (10 s at most), cancels the rest and prints the summary; twice
stops now. SIGTERM does the same; with --journal it leaves what has not ended in 5 s for \`paceline resume\` instead.

With --journal every transition is on the disk before anything follows from it. What was unfinished when the process was
killed, or stopped by a second Ctrl-C, \`paceline resume\` goes on with; \`paceline runs\` shows what is recorded.

Exit code: 0 all succeeded (a degraded ending counts as success), 1 some failed, 2 it could not begin, 130
interrupted, 143 ended by SIGTERM.

Examples:
  $ paceline run support.ts --input '{"text": "Where is my refund?"}'
  $ paceline run support.ts --input-file tickets.jsonl --concurrency 16
  $ paceline run support.ts --input-file messages.csv --field text --limit 100 --json > results.jsonl
  $ paceline run support.ts --input-file tickets.jsonl --journal runs.db
  $ cat tickets.jsonl | paceline run support.ts --input-file - --deadline 5s --label team=cx`;

/** Adds `paceline run`. @param finish is given the exit code */
export function addRunCommand(program: Command, io: Io, finish: (exitCode: number) => void): void {
  program
    .command('run')
    .summary('run a workflow over one input or a file of them')
    .description('Runs a workflow file: one input, or a batch with live progress, cost and failovers.')
    .argument('<workflow>', 'TypeScript or JavaScript file whose default export is a workflow')
    .option('--input <json>', 'one input as JSON, or - to read it from standard input')
    .option(
      '--input-file <file>',
      'rows from a .jsonl, .csv or .json file, or - for JSON Lines from standard input',
    )
    .addOption(fieldOption())
    .addOption(
      new Option('--limit <n>', 'take the first n rows only').argParser(wholeNumber(1)).conflicts('input'),
    )
    .option('--concurrency <n>', 'runs in flight', wholeNumber(1), 8)
    .option(
      '--deadline <duration>',
      "time for each run, if less than the workflow's own budget: 500ms, 8s, 2m",
      duration,
    )
    .option('--label <key=value>', 'attribute the runs, e.g. team=cx; repeatable', label)
    .option('--config <file>', 'config to use instead of the one beside the workflow')
    .option(
      '--journal <file>',
      'record the runs in this SQLite file, so that `paceline resume` can go on with them',
    )
    .option('--json', 'print a JSON line for each row and one for the summary')
    .addOption(logOption())
    .addOption(logFileOption())
    .option('--seed <n>', 'fixes the fate of every simulated call', wholeNumber(0), 1)
    .addOption(virtualOption())
    .option(
      '--no-failover',
      "one attempt at each route's first target: the control that shows what failover saves",
    )
    .addHelpText('after', HELP)
    .action(async (workflowFile: string, flags: Flags) => {
      finish(exitCodeOf(await runFile(await requestOf(workflowFile, flags, io), io)));
    });
}

function fieldOption(): Option {
  return new Option(
    '--field <name>',
    'keep only this field of each row (a bare value becomes it); repeatable',
  )
    .argParser(each)
    .conflicts('input');
}

function virtualOption(): Option {
  return new Option(
    '--virtual',
    'simulate in virtual time: the same seed repeats exactly; needs simulated providers',
  ).conflicts('journal');
}

async function requestOf(workflowFile: string, flags: Flags, io: Io): Promise<RunRequest> {
  const { concurrency, json = false, seed, virtual = false, failover, label: labels = {} } = flags;
  return {
    workflowFile,
    concurrency,
    json,
    seed,
    virtual,
    failover,
    labels,
    input: await inputOf(flags, io),
    ...logOptionsOf(flags),
    ...(flags.config === undefined ? {} : { configFile: flags.config }),
    ...(flags.deadline === undefined ? {} : { deadlineMs: flags.deadline }),
    ...(flags.journal === undefined ? {} : { journalFile: flags.journal }),
  };
}

async function inputOf({ input, inputFile, field, limit }: Flags, io: Io): Promise<RunRequest['input']> {
  if (input !== undefined && inputFile !== undefined) {
    throw new CliError('USAGE', 'Give either --input or --input-file, not both.');
  }
  if (inputFile !== undefined) {
    return {
      file: inputFile,
      ...(field === undefined ? {} : { fields: field }),
      ...(limit === undefined ? {} : { limit }),
    };
  }
  if (input === undefined) {
    throw new CliError(
      'USAGE',
      `Nothing to run on: give --input '{"text": "..."}' or --input-file rows.jsonl.`,
    );
  }
  const text = input === '-' ? await textOf(io.stdin) : input;
  return { value: jsonValue(text, '--input') };
}

async function textOf(chunks: Io['stdin']): Promise<string> {
  const bytes: Buffer[] = [];
  for await (const chunk of chunks) bytes.push(Buffer.from(chunk));
  return Buffer.concat(bytes).toString('utf8');
}
