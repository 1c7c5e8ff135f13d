import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runChains, STEPS } from '../engine/chain.ts';
import { withFolder } from './folder.ts';
import type { DurableSample, DurableSubject } from './sample.ts';

/** Each loads only its own subject: another's imports would be part of the measured process. */
const SUBJECTS: Readonly<Record<string, () => Promise<(path: string) => DurableSubject>>> = {
  'bare node:sqlite': async () => (await import('./subjects/bare.ts')).prepareBare,
  paceline: async () => (await import('./subjects/paceline.ts')).preparePacelineDurable,
};

/**
 * Chains before anything is measured, many at once since that is quicker. Only after some 100,000 steps has the just-in-time compiler done
 * its work on the engine: until then a step costs up to twice as much, and one run in flight would never get there within a sample.
 */
const WARM_UP = { chains: 12_000, concurrency: 64 };

const [name = '', concurrencyText = '1', minimumText = '1000', warmUpText] = process.argv.slice(2);
const load = SUBJECTS[name];
if (load === undefined) throw new Error(`Unknown subject '${name}'`);
const prepare = await load();
const concurrency = Number(concurrencyText);
const minimumMs = Number(minimumText);
const warmUpChains = Number(warmUpText ?? WARM_UP.chains);

const sample = await withFolder(async (folder): Promise<DurableSample> => {
  const subject = prepare(join(folder, 'runs.db'));
  await runChains(subject.runChain, warmUpChains, WARM_UP.concurrency);
  // Batches double until one is long enough; the one that counts comes after them.
  let chains = concurrency;
  let before = warmUpChains;
  for (;;) {
    const { ms } = await measure(subject, chains);
    before += chains;
    if (ms >= minimumMs) break;
    chains *= 2;
  }
  const { ms, cpuUs } = await measure(subject, chains);
  await subject.close();
  const steps = chains * STEPS;
  return {
    stepsPerSecond: (steps / ms) * 1_000,
    cpuUsPerStep: cpuUs / steps,
    bytesPerStep: bytesIn(folder) / ((before + chains) * STEPS),
  };
});
console.log(JSON.stringify(sample));

async function measure({ runChain }: DurableSubject, chains: number): Promise<{ ms: number; cpuUs: number }> {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  await runChains(runChain, chains, concurrency);
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - startedMs, cpuUs: user + system };
}

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}
