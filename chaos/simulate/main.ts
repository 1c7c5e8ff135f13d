import { parseArgs } from 'node:util';
import { systemClock } from '@paceline/resilience';
import { reportText, shortfalls, summarize } from './report.ts';
import { simulateAll } from './seeds.ts';
import { simulate as simulateOne } from './simulate.ts';
import type { ChaosCommand } from '../command.ts';
import type { SimulateReport } from './report.ts';

/** Seeds that are simulated twice. */
const TWICE = 50;

const USAGE = `Usage: pnpm chaos simulate [--seeds N] [--seed N [--trace]] [--json]

Deterministic simulation: each seed makes a random workflow, random faults of providers and journal, crashes at random moments, processes
that are taken for dead and go on, and jumps of the wall clock, all under the virtual clock in one thread. When all runs have ended, ten
invariants are held against what was told, recorded and done. The first ${TWICE} seeds are simulated twice and have to give one history.

  --seeds  how many, from 1 on (default 2000: about a minute)
  --seed   this one only
  --trace  with --seed: prints all that happens
  --json   one line of JSON instead of the report

Progress goes to standard error. Exits 1 when an invariant is broken or nothing was shown, 2 on wrong usage.`;

/** `pnpm chaos simulate`. */
export const simulate: ChaosCommand = async (args, print) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '2000' },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const seeds = seedsFor(values);
  if (values.help || seeds === null) {
    print(USAGE);
    return values.help ? 0 : 2;
  }
  const report = values.trace ? await traced(seeds[0] ?? 1, print) : await measure(seeds);
  const short = shortfalls(report);
  print(
    values.json
      ? JSON.stringify({ ok: short.length === 0, shortfalls: short, ...report })
      : reportText(report),
  );
  return short.length === 0 ? 0 : 1;
};

function seedsFor({
  seeds,
  seed,
}: {
  readonly seeds: string;
  readonly seed?: string | undefined;
}): number[] | null {
  if (seed !== undefined) return Number.isInteger(Number(seed)) ? [Number(seed)] : null;
  const count = Number(seeds);
  return Number.isInteger(count) && count > 0 ? Array.from({ length: count }, (_, at) => at + 1) : null;
}

async function measure(seeds: readonly number[]): Promise<SimulateReport> {
  const startedMs = systemClock.nowMs();
  const reports = await simulateAll(seeds, (done) => {
    if (done % 200 === 0) process.stderr.write(`${done} of ${seeds.length} seeds\n`);
  });
  const seconds = (systemClock.nowMs() - startedMs) / 1_000;
  return summarize(reports, await simulateAll(seeds.slice(0, TWICE), () => {}), seconds);
}

async function traced(seed: number, print: (line: string) => void): Promise<SimulateReport> {
  return summarize([await simulateOne(seed, print)], [], 0);
}
