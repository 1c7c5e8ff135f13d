import { parseArgs } from 'node:util';
import { benchDurable } from './durable/bench.ts';
import { benchEngine } from './engine/bench.ts';
import { benchGateway } from './gateway/bench.ts';
import { benchSimulate } from './simulate/bench.ts';
import { benchSpend } from './spend/bench.ts';
import { benchWaiting } from './waiting/bench.ts';
import type { Benchmark } from './harness/report.ts';

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  durable: benchDurable,
  engine: benchEngine,
  gateway: benchGateway,
  simulate: benchSimulate,
  spend: benchSpend,
  waiting: benchWaiting,
};

const USAGE = `Usage: pnpm bench <${Object.keys(BENCHMARKS).join(' | ')}> [--rounds N] [--quick] [--json]

  --rounds N  interleaved rounds; every figure is the median over them (default 5)
  --quick     2 short rounds: whether it runs, not how fast it is
  --json      one line of JSON instead of the table

Exits 1 when Paceline misses its target, 2 on wrong usage.`;

/** Returns the process's exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const bench = BENCHMARKS[positionals[0] ?? ''];
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
  if (values.help || bench === undefined || !Number.isInteger(rounds) || rounds < 1) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const progress = values.json ? () => {} : (line: string) => console.log(line);
  const report = await bench({ rounds, quick: values.quick, progress });
  if (values.json) console.log(JSON.stringify(report.json));
  else console.log(report.text);
  return report.ok ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
