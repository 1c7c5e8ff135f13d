import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { CliError, isCliError, processIo, runFile } from '@paceline/cli';
import type { Io, RunFileResult, Summary } from '@paceline/cli';

/** What the demo promises. It fails if it does not hold, so that it shows something true. */
const PROMISES: readonly { readonly text: string; readonly holds: (summary: Summary) => boolean }[] = [
  { text: 'at least 95 % succeeded', holds: (s) => s.succeeded >= 0.95 * s.runs },
  { text: 'at most 4 % degraded', holds: (s) => s.degraded <= 0.04 * s.runs },
  { text: 'at least 99 % within budget', holds: (s) => s.withinBudget >= 0.99 * s.runs },
  { text: 'some failovers', holds: (s) => s.failovers > 0 },
  { text: 'a known cost above 0', holds: (s) => s.costUsd !== null && s.costUsd > 0 },
];

/** The control: without failover the same calls meet the same fates, and this is what the engine saves. */
const CONTROL: typeof PROMISES = [
  { text: 'less than 90 % succeeded', holds: (s) => s.succeeded < 0.9 * s.runs },
];

const HELP = `The support chain over its tickets.jsonl, 16 at a time, against three simulated providers with everyday faults, one of
them in trouble for the middle third of the tickets.

  --seed <n>         fixes the fate of every call (default 1)
  --virtual          virtual time, in process: seconds become milliseconds and a seed repeats exactly
  --no-failover      the control: one attempt per call, so that you see what failover saves
  --limit <n>        only the first n tickets; what the demo promises is checked for all of them only
  --concurrency <n>  runs in flight (default 16)
  --json             a JSON line for each ticket, then one with the summary
  --live             the real providers whose keys are in the environment; this costs money
`;

const OPTIONS = {
  seed: { type: 'string', default: '1' },
  virtual: { type: 'boolean', default: false },
  failover: { type: 'boolean', default: true },
  limit: { type: 'string' },
  concurrency: { type: 'string', default: '16' },
  json: { type: 'boolean', default: false },
  live: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/**
 * Runs the demo and says whether it kept its promises.
 * @returns the exit code: 0 kept, 1 not kept, 2 it could not begin
 */
export async function demo(argv: readonly string[], io: Io = processIo()): Promise<number> {
  try {
    const flags = readFlags(argv);
    if (flags.help) {
      io.stdout.write(HELP);
      return 0;
    }
    if (!flags.live)
      io.stderr.write('Three simulated providers on this machine: no key, no network, no cost.\n');
    const result = await runTickets(flags, io);
    return verdict(flags, result, io);
  } catch (error) {
    if (!isCliError(error)) throw error;
    io.stderr.write(`${error.message}\n`);
    return 2;
  }
}

type Flags = ReturnType<typeof readFlags>;

function readFlags(argv: readonly string[]) {
  try {
    const { values } = parseArgs({ args: [...argv], options: OPTIONS, allowNegative: true });
    const { seed, limit, concurrency, ...flags } = values;
    return {
      ...flags,
      seed: wholeNumber('seed', seed),
      concurrency: wholeNumber('concurrency', concurrency),
      limit: limit === undefined ? undefined : wholeNumber('limit', limit),
    };
  } catch (error) {
    throw new CliError(
      'USAGE',
      `${error instanceof Error ? error.message : String(error)}\n\n${HELP}`,
      error,
    );
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text))
    throw new TypeError(`Expected --${name} to be a whole number above 0, got ${text}`);
  return Number(text);
}

function runTickets(flags: Flags, io: Io): Promise<RunFileResult> {
  const { json, seed, virtual, failover, concurrency, limit } = flags;
  return runFile(
    {
      workflowFile: beside('workflow.ts'),
      configFile: beside(flags.live ? 'live.config.ts' : 'demo.config.ts'),
      input: { file: beside('tickets.jsonl'), ...(limit === undefined ? {} : { limit }) },
      labels: { team: 'demo' },
      json,
      seed,
      virtual,
      failover,
      concurrency,
    },
    io,
  );
}

function beside(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function verdict(flags: Flags, { summary, interrupted }: RunFileResult, io: Io): number {
  const say = (line: string): void => void io.stderr.write(`${line}\n`);
  if (interrupted) return 130;
  // A handful of tickets, or somebody else's models, can promise nothing.
  const checked = !flags.live && flags.limit === undefined;
  const promises = flags.failover ? PROMISES : CONTROL;
  const broken = checked ? promises.filter(({ holds }) => !holds(summary)) : [];
  for (const { text } of broken) say(`Promised and not kept: ${text}.`);
  if (!flags.failover) {
    const share = ((100 * summary.succeeded) / Math.max(1, summary.runs)).toFixed(1);
    say(
      `\nThe control: without failover ${share} % succeeded. The same command without --no-failover shows the rest.`,
    );
  } else if (!flags.json) say(NEXT);
  return broken.length === 0 ? 0 : 1;
}

const NEXT = `
What to try next
  pnpm demo --no-failover             the same calls and the same faults without failover
  pnpm demo --virtual --seed 7        another day, in virtual time
  pnpm demo --live                    real providers, with your keys
  pnpm paceline run examples/support/workflow.ts --input '{"text": "Where is my refund?", "orderId": "A-10233"}'
  examples/support/workflow.ts        the chain itself: change a label, a prompt, a model`;
