import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '@paceline/resilience';
import { recoverPile } from './pile.ts';
import { reportText, shortfalls } from './report.ts';
import { killOften } from './shard.ts';
import { traceSyncs } from './trace.ts';
import type { ChaosCommand } from '../command.ts';
import type { KillReport } from './report.ts';

const IN_FLIGHT = 50;
const WAITING_RUNS = 1_000;
const TRACED_RUNS = 20;

const USAGE = `Usage: pnpm chaos kill [--kills N] [--shard i/n] [--seed N] [--json]

A process that keeps ${IN_FLIGHT} durable runs in flight is killed (SIGKILL) at random moments and started again on the same file. All
that it does to the world stands in a ledger outside of it, which in the end is held against the journal.

  --kills  how often (default 200: about four minutes)
  --shard  only the i-th of n parts of the kills, on a file of its own: the long form is --kills 10000 --shard 1/50 to 50/50
  --seed   of the moments (default 1)
  --json   one line of JSON instead of the report

Where strace is installed, a run under it shows that nothing is told before the sync of its group. Progress goes to standard error.
Exits 1 when a promise is broken or nothing was shown, 2 on wrong usage.`;

/** `pnpm chaos kill`. */
export const kill: ChaosCommand = async (args, print) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '200' },
      shard: { type: 'string', default: '1/1' },
      seed: { type: 'string', default: '1' },
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
  print(values.json ? JSON.stringify({ ok, shortfalls: shortfalls(report), ...report }) : reportText(report));
  return ok ? 0 : 1;
};

interface Plan {
  readonly kills: number;
  readonly shard: number;
  readonly seed: number;
}

interface Values {
  readonly kills: string;
  readonly shard: string;
  readonly seed: string;
}

function planFor({ kills, shard, seed }: Values): Plan | null {
  const [at = 0, of = 0] = (/^(\d+)\/(\d+)$/.exec(shard) ?? []).slice(1).map(Number);
  const plan = { kills: Math.ceil(Number(kills) / of), shard: at, seed: Number(seed) };
  const sound = Number.isInteger(plan.kills) && plan.kills > 0 && at >= 1 && at <= of;
  return sound && Number.isInteger(plan.seed) ? plan : null;
}

async function measure({ kills, shard, seed }: Plan): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'paceline-kill-'));
  try {
    progress('a run under strace');
    const trace = await traceSyncs(join(folder, 'traced.db'), TRACED_RUNS);
    progress(`${WAITING_RUNS} waiting runs`);
    const pile = await recoverPile(join(folder, 'pile.db'), WAITING_RUNS);
    const killed = await killOften({
      path: join(folder, 'killed.db'),
      kills,
      inFlight: IN_FLIGHT,
      random: seededRandom(`${seed}/${shard}`),
      progress,
    });
    return { seed, shard: killed, pile, trace };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}
