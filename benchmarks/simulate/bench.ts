import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { figure, type Benchmark } from '../harness/report.ts';

const CHAINS = 500;
/** Wall time for all of them, the start of the process included. */
const TARGET_MS = 10_000;

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'packages/cli/src/main.ts');
const SUPPORT = join(ROOT, 'examples/support');

interface Sample {
  readonly ms: number;
  readonly traceHash: string;
  readonly succeeded: number;
}

/** The support chain with its faults, through the real adapters, in virtual time: how fast, and the same each time? */
export const benchSimulate: Benchmark = async ({ rounds, quick, progress }) => {
  const chains = quick ? CHAINS / 10 : CHAINS;
  const samples: Sample[] = [];
  for (let round = 1; round <= Math.max(2, rounds); round++) {
    const sample = await simulate(chains);
    samples.push(sample);
    progress(`round ${round}: ${figure(sample.ms)} ms, trace ${sample.traceHash.slice(0, 12)}`);
  }
  const slowestMs = Math.max(...samples.map(({ ms }) => ms));
  const same = new Set(samples.map(({ traceHash }) => traceHash)).size === 1;
  const ok = same && slowestMs < TARGET_MS;
  return {
    ok,
    text: `${ok ? 'Target met' : 'TARGET MISSED'}: ${chains} chains in ${figure(slowestMs)} ms at most (target: < ${TARGET_MS}); traces ${same ? 'equal' : 'DIFFER'}.`,
    json: { ok, chains, slowestMs, targetMs: TARGET_MS, tracesEqual: same, samples },
  };
};

async function simulate(chains: number): Promise<Sample> {
  const folder = await mkdtemp(join(tmpdir(), 'paceline-simulate-'));
  try {
    const rows = join(folder, 'rows.jsonl');
    await writeFile(rows, await ticketRows(chains));
    const args = [MAIN, 'run', join(SUPPORT, 'workflow.ts'), '--input-file', rows, '--virtual', '--json'];
    const startedMs = performance.now();
    const options = { maxBuffer: 64 * 2 ** 20, env: { ...process.env, NODE_ENV: 'production' } };
    const { stdout } = await promisify(execFile)(process.execPath, [...args, '--concurrency', '32'], options);
    const ms = performance.now() - startedMs;
    const summary = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Omit<Sample, 'ms'>;
    return { ms, traceHash: summary.traceHash, succeeded: summary.succeeded };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The example's tickets, again and again until there are enough. */
async function ticketRows(count: number): Promise<string> {
  const tickets = (await readFile(join(SUPPORT, 'tickets.jsonl'), 'utf8')).trimEnd().split('\n');
  return Array.from({ length: count }, (_, at) => tickets[at % tickets.length]).join('\n');
}
