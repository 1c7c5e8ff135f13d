import { runChains, STEPS, type PrepareSubject, type RunChain } from './chain.ts';
import type { Sample } from './bench.ts';

/** Each loads only its own subject: another's imports would be part of the measured process. */
const SUBJECTS: Readonly<Record<string, () => Promise<PrepareSubject>>> = {
  'plain loop': async () => (await import('./subjects/plain-loop.ts')).preparePlainLoop,
  'xstate actor': async () => (await import('./subjects/xstate-actor.ts')).prepareXStateActor,
  mastra: async () => (await import('./subjects/mastra.ts')).prepareMastra,
  paceline: async () => (await import('./subjects/paceline.ts')).preparePaceline,
};

/** CPU time covers every thread of the process, garbage collection and compilation included. */
async function measure(runChain: RunChain, chains: number, concurrency: number): Promise<Sample> {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  await runChains(runChain, chains, concurrency);
  const { user, system } = process.cpuUsage(before);
  const cpuUs = user + system;
  const wallMs = performance.now() - startedMs;
  return { cpuUs, cpuUsPerStep: cpuUs / (chains * STEPS), chainsPerSecond: (chains / wallMs) * 1000, chains };
}

const [name = '', concurrencyText = '1', minimumCpuMs = '2000'] = process.argv.slice(2);
const load = SUBJECTS[name];
if (load === undefined) throw new Error(`Unknown subject '${name}'`);
const concurrency = Number(concurrencyText);
const runChain = await (await load())();

// Batches double until one is long enough. All of them are the warm-up; the one that counts comes after them.
let chains = concurrency;
while ((await measure(runChain, chains, concurrency)).cpuUs < Number(minimumCpuMs) * 1000) chains *= 2;
console.log(JSON.stringify(await measure(runChain, chains, concurrency)));
// A subject may keep timers or pools open.
process.exit(0);
