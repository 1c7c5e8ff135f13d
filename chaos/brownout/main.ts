import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reportText, shortfalls, TARGETS } from './report.ts';
import { EVERY_MS, TIMELINE } from './world.ts';
import type { WireFormat } from '@paceline/simulator';
import type { ChaosCommand } from '../command.ts';
import type { Drive } from './drive.ts';
import type { PhaseFigures } from './figures.ts';
import type { BrownoutReport } from './report.ts';

const CHAINS_PER_CYCLE = (TIMELINE.steadyMs + TIMELINE.brownOutMs) / EVERY_MS;

/** Over sockets time passes: six brown-outs, so that each phase lasts a minute and more. */
const CHAINS = { virtual: 20_000, sockets: 6 * CHAINS_PER_CYCLE, quick: 2 * CHAINS_PER_CYCLE } as const;

const USAGE = `Usage: pnpm chaos brownout [--real] [--wire <openai|anthropic|google>] [--chains N] [--seed N] [--quick] [--json]

Chains of ten calls through the real gateway while one of its two providers browns out, with hedging and, beside it, without.
The same seed gives the same figures under the virtual clock.

  --real    over loopback sockets and in real time (nine minutes) instead of under the virtual clock (four)
  --wire    what both providers speak (default openai)
  --chains  after the warm-up (default ${CHAINS.virtual}, over sockets ${CHAINS.sockets}); at least ${CHAINS_PER_CYCLE}, one brown-out
  --quick   ${CHAINS.quick} chains, two brown-outs
  --json    one line of JSON instead of the report

Progress goes to standard error. Exits 1 when the run with hedging misses a target, 2 on wrong usage.`;

/** `pnpm chaos brownout`. */
export const brownout: ChaosCommand = async (args, print) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      real: { type: 'boolean', default: false },
      wire: { type: 'string', default: 'openai' },
      chains: { type: 'string' },
      seed: { type: 'string', default: '1' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const plan = planFor(values);
  if (values.help || plan === null) {
    print(USAGE);
    return values.help ? 0 : 2;
  }
  const report = await measure(plan);
  const ok = shortfalls(report).length === 0;
  print(values.json ? JSON.stringify({ ok, ...report }) : reportText(report));
  return ok ? 0 : 1;
};

type Plan = Omit<Drive, 'hedge'>;

interface Values {
  readonly real: boolean;
  readonly wire: string;
  readonly chains?: string;
  readonly seed: string;
  readonly quick: boolean;
}

function planFor({ real, wire, chains, seed, quick }: Values): Plan | null {
  const place = real ? 'sockets' : 'virtual';
  const plan: Plan = {
    place,
    wire: wire as WireFormat,
    seed: Number(seed),
    chains: chains === undefined ? CHAINS[quick ? 'quick' : place] : Number(chains),
  };
  const sound =
    ['openai', 'anthropic', 'google'].includes(wire) &&
    Number.isInteger(plan.seed) &&
    Number.isInteger(plan.chains) &&
    plan.chains >= CHAINS_PER_CYCLE;
  return sound ? plan : null;
}

/** Each setting in a process of its own; both at once only where time does not pass, as they would slow each other down. */
async function measure(plan: Plan): Promise<BrownoutReport> {
  const { place, wire, seed } = plan;
  const hedging = inProcess({ ...plan, hedge: true });
  if (place === 'sockets') await hedging;
  const [hedged, unhedged] = await Promise.all([hedging, inProcess({ ...plan, hedge: false })]);
  return { place, wire, seed, targets: TARGETS[place], hedged, unhedged };
}

function inProcess(drive: Drive): Promise<PhaseFigures> {
  const worker = join(import.meta.dirname, 'worker.ts');
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [worker, JSON.stringify(drive)], (error, stdout) => {
      if (error === null) resolve(JSON.parse(stdout) as PhaseFigures);
      else reject(error);
    });
    child.stderr?.pipe(process.stderr, { end: false });
  });
}
