import { ANSWER, type MakeCall, type PrepareSubject } from './answer.ts';
import type { Sample } from './bench.ts';

/** Each loads only its own subject: another's imports would be part of the measured process. */
const SUBJECTS: Readonly<Record<string, () => Promise<PrepareSubject>>> = {
  undici: async () => (await import('./subjects/undici.ts')).prepareUndici,
  'ai-sdk': async () => (await import('./subjects/ai-sdk.ts')).prepareAiSdk,
  paceline: async () => (await import('./subjects/paceline.ts')).preparePaceline,
};

async function makeCalls(makeCall: MakeCall, calls: number, concurrency: number): Promise<void> {
  let left = calls;
  const caller = async (): Promise<void> => {
    while (left-- > 0) if ((await makeCall()) !== ANSWER) throw new Error('The answer is not whole');
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
}

/** CPU time covers every thread of the process, garbage collection and compilation included. */
async function measure(makeCall: MakeCall, calls: number, concurrency: number): Promise<Sample> {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  await makeCalls(makeCall, calls, concurrency);
  const { user, system } = process.cpuUsage(before);
  const cpuUs = user + system;
  const wallMs = performance.now() - startedMs;
  return { cpuUs, cpuUsPerCall: cpuUs / calls, callsPerSecond: (calls / wallMs) * 1000, calls };
}

const [name = '', url = '', concurrencyText = '1', minimumCpuMs = '2000'] = process.argv.slice(2);
const load = SUBJECTS[name];
if (load === undefined) throw new Error(`Unknown subject '${name}'`);
const concurrency = Number(concurrencyText);
const makeCall = await (await load())(url);

// Batches double until one is long enough. All of them are the warm-up; the one that counts comes after them.
let calls = concurrency;
while ((await measure(makeCall, calls, concurrency)).cpuUs < Number(minimumCpuMs) * 1000) calls *= 2;
console.log(JSON.stringify(await measure(makeCall, calls, concurrency)));
// A subject may keep timers or pools open.
process.exit(0);
