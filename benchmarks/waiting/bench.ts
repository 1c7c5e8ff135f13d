import { join } from 'node:path';
import { sampleInChild } from '../harness/child.ts';
import { figure, spreadOf, spreadText, tableText, type Benchmark } from '../harness/report.ts';
import type { WaitingSample } from './sample.ts';

const RUNS = 100_000;
const QUICK_RUNS = 2_000;
/** Of memory for each waiting run, in bytes: 100,000 then take less than 1.2 GB in the process that started them. */
const MOST_BYTES_PER_RUN = 12_000;
/** In the process that took them over. */
const MOST_RECOVERED_BYTES_PER_RUN = 10_000;
/** The targets of recovery say 1,000 runs in 2 s; a hundred times as many may take a hundred times as long. */
const MOST_RECOVER_US_PER_RUN = 2_000;

/** What runs cost that only wait: memory in the process that started them, and in one that took them over. */
export const benchWaiting: Benchmark = async ({ rounds, quick, progress }) => {
  const samples: WaitingSample[] = [];
  for (let round = 0; round < rounds; round++) {
    const script = join(import.meta.dirname, 'subject.ts');
    const sample = await sampleInChild<WaitingSample>(
      script,
      [String(quick ? QUICK_RUNS : RUNS)],
      ['--expose-gc'],
    );
    samples.push(sample);
    progress(
      `round ${round + 1}/${rounds}  ${figure(sample.runs)} runs recovered in ${figure(sample.recoverMs)} ms`,
    );
  }
  const started = spreadOf(samples.map(({ bytesPerRun }) => bytesPerRun));
  const recovered = spreadOf(samples.map(({ recoveredBytesPerRun }) => recoveredBytesPerRun));
  const recoverUs = spreadOf(samples.map(({ recoverMs, runs }) => (recoverMs * 1_000) / runs));
  const rssMb = spreadOf(samples.map(({ rssBytes }) => rssBytes / 1e6));
  const ok =
    quick ||
    (started.median <= MOST_BYTES_PER_RUN &&
      recovered.median <= MOST_RECOVERED_BYTES_PER_RUN &&
      recoverUs.median <= MOST_RECOVER_US_PER_RUN);
  const table = tableText([
    ['', 'measured', 'target'],
    ['bytes of memory per run started', spreadText(started), `≤ ${figure(MOST_BYTES_PER_RUN)}`],
    [
      'bytes of memory per run taken over',
      spreadText(recovered),
      `≤ ${figure(MOST_RECOVERED_BYTES_PER_RUN)}`,
    ],
    ['µs per run taken over', spreadText(recoverUs), `≤ ${figure(MOST_RECOVER_US_PER_RUN)}`],
    ['MB of the whole process', spreadText(rssMb), ''],
  ]);
  return {
    ok,
    text: `\n${table}\n\n${ok ? 'Targets met' : 'TARGETS MISSED'}.`,
    json: { benchmark: 'waiting', ok, node: process.version, rounds, started, recovered, recoverUs, rssMb },
  };
};
