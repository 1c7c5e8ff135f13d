import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '@paceline/resilience';
import { goOn } from './long-form.ts';
import { recoverPile } from './pile.ts';
import { reportText, shortfalls } from './report.ts';
import { killOften } from './shard.ts';
import { traceSyncs } from './trace.ts';
import type { ChaosCommand } from '../command.ts';
import type { DoneShard } from './long-form.ts';
import type { KillReport } from './report.ts';

const IN_FLIGHT = 50;
const WAITING_RUNS = 1_000;
const TRACED_RUNS = 20;

/** What a shell expects of a process that Ctrl-C ended. */
const INTERRUPTED = 130;

const USAGE = `Usage: pnpm chaos kill [--kills N] [--shard i/n | --shards n --into FILE] [--seed N] [--json]

A process that keeps ${IN_FLIGHT} durable runs in flight is killed (SIGKILL) at random moments and started again on the same file. All
that it does to the world stands in a ledger outside of it, which in the end is held against the journal.

  --kills  how often (default 200: about four minutes)
  --shard  only the i-th of n parts of the kills, on a file of its own
  --shards all n parts, one after the other; each that is done becomes a line of the file given with --into, and is not done again when
           the command is: the long form is --kills 10000 --shards 50 --into kills.jsonl
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
      shards: { type: 'string' },
      into: { type: 'string' },
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
  if (plan.longForm !== null) return killInShards(plan, { json: values.json, print });
  const report = await measure(plan);
  const ok = shortfalls(report).length === 0;
  print(values.json ? JSON.stringify({ ok, shortfalls: shortfalls(report), ...report }) : reportText(report));
  return ok ? 0 : 1;
};

interface Plan {
  /** Of one part. */
  readonly kills: number;
  readonly shard: number;
  readonly seed: number;
  /** All parts; `null`: one alone. */
  readonly longForm: { readonly shards: number; readonly into: string } | null;
}

interface Values {
  readonly kills: string;
  readonly shard: string;
  readonly seed: string;
  readonly shards?: string | undefined;
  readonly into?: string | undefined;
}

function planFor({ kills, shard, seed, shards, into }: Values): Plan | null {
  if ((shards === undefined) !== (into === undefined)) return null;
  const part = shards === undefined ? shard : `1/${shards}`;
  const [at = 0, of = 0] = (/^(\d+)\/(\d+)$/.exec(part) ?? []).slice(1).map(Number);
  const longForm = into === undefined ? null : { shards: of, into };
  const plan = { kills: Math.ceil(Number(kills) / of), shard: at, seed: Number(seed), longForm };
  const sound = Number.isInteger(plan.kills) && plan.kills > 0 && at >= 1 && at <= of;
  return sound && Number.isInteger(plan.seed) ? plan : null;
}

interface Output {
  readonly json: boolean;
  readonly print: (text: string) => void;
}

async function killInShards(plan: Plan, { json, print }: Output): Promise<number> {
  const { shards = 1, into = '' } = plan.longForm ?? {};
  const form = { kills: shards * plan.kills, shards, seed: plan.seed };
  const done = await goOn(form, into, async (shard) => {
    progress(`shard ${shard} of ${shards}`);
    const report = await measure({ ...plan, shard });
    const short = shortfalls(report);
    return { ok: short.length === 0, shortfalls: short, ...report };
  });
  const ok = done.every((shard) => shard.ok);
  print(json ? JSON.stringify({ ok, ...form, done: done.length, shortfalls: fellShort(done) }) : told(done));
  return ok ? 0 : 1;
}

function told(done: readonly DoneShard[]): string {
  const short = fellShort(done);
  const all = `${done.length} shards with ${done[0]?.kills ?? 0} kills.`;
  return [all, ...(short.length === 0 ? ['All held.'] : ['FELL SHORT:', ...short])].join('\n');
}

function fellShort(done: readonly DoneShard[]): readonly string[] {
  return done.flatMap(({ at, shortfalls: short }) => short.map((each) => `shard ${at}: ${each}`));
}

/** Gives a folder and takes it away, also where the process is told to end meanwhile. */
async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'paceline-kill-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const leave = (): void => {
    remove();
    process.exit(INTERRUPTED);
  };
  process.on('SIGINT', leave).on('SIGTERM', leave);
  try {
    return await use(folder);
  } finally {
    process.off('SIGINT', leave).off('SIGTERM', leave);
    remove();
  }
}

function measure({ kills, shard, seed }: Plan): Promise<KillReport> {
  return withFolder(async (folder) => {
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
  });
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}
