import { join } from 'node:path';
import { sampleInChild } from '../harness/child.ts';
import { figure, spreadOf, spreadText, tableText, type Benchmark, type Spread } from '../harness/report.ts';

/** What one child process measured. */
export interface Sample {
  readonly cpuUs: number;
  readonly cpuUsPerStep: number;
  readonly chainsPerSecond: number;
  readonly chains: number;
}

const LIMIT = 'plain loop';
const OURS = 'paceline';
/** The leanest of the workflow engines measured so far: not to be above it is the target. */
const PEER = 'mastra';
const SUBJECTS = [LIMIT, 'xstate actor', PEER, OURS] as const;
const CONCURRENCIES = [1, 64] as const;

type Subject = (typeof SUBJECTS)[number];

interface Row {
  readonly subject: Subject;
  readonly concurrency: number;
  readonly cpuUsPerStep: Spread;
  /** Against the plain loop of the same round: the machine's mood divides out. */
  readonly timesLimit: Spread;
  readonly chainsPerSecond: Spread;
}

/** Rounds of samples for one concurrency, the subjects' order turned by one place each round. */
async function sampleRounds(
  concurrency: number,
  { rounds, quick, progress }: Parameters<Benchmark>[0],
): Promise<readonly Readonly<Record<Subject, Sample>>[]> {
  const minimumCpuMs = quick ? 100 : 2000;
  const sampled: Record<Subject, Sample>[] = [];
  for (let round = 0; round < rounds; round++) {
    const turn = round % SUBJECTS.length;
    const samples: Partial<Record<Subject, Sample>> = {};
    for (const subject of [...SUBJECTS.slice(turn), ...SUBJECTS.slice(0, turn)]) {
      const args = [subject, String(concurrency), String(minimumCpuMs)];
      const sample = await sampleInChild<Sample>(join(import.meta.dirname, 'subject.ts'), args);
      samples[subject] = sample;
      progress(
        `round ${round + 1}/${rounds}  c=${concurrency}  ${subject}: ${figure(sample.cpuUsPerStep)} µs of CPU per step`,
      );
    }
    sampled.push(samples as Record<Subject, Sample>);
  }
  return sampled;
}

function rowsOf(concurrency: number, rounds: readonly Readonly<Record<Subject, Sample>>[]): readonly Row[] {
  return SUBJECTS.map((subject) => ({
    subject,
    concurrency,
    cpuUsPerStep: spreadOf(rounds.map((round) => round[subject].cpuUsPerStep)),
    timesLimit: spreadOf(rounds.map((round) => round[subject].cpuUsPerStep / round[LIMIT].cpuUsPerStep)),
    chainsPerSecond: spreadOf(rounds.map((round) => round[subject].chainsPerSecond)),
  }));
}

/** CPU per step of a ten-step chain in memory. Target: Paceline's median is not above Mastra's, at each concurrency. */
export const benchEngine: Benchmark = async (options) => {
  const rows: Row[] = [];
  for (const concurrency of CONCURRENCIES) {
    rows.push(...rowsOf(concurrency, await sampleRounds(concurrency, options)));
  }
  const medianOf = (subject: Subject, concurrency: number): number =>
    rows.find((row) => row.subject === subject && row.concurrency === concurrency)?.cpuUsPerStep.median ??
    Number.NaN;
  const ratios = CONCURRENCIES.map(
    (concurrency) => medianOf(OURS, concurrency) / medianOf(PEER, concurrency),
  );
  const ok = ratios.every((ratio) => ratio <= 1);
  const verdict = CONCURRENCIES.map(
    (concurrency, at) => `${figure(ratios[at] ?? Number.NaN)} × ${PEER} at c=${concurrency}`,
  );
  const table = tableText([
    ['engine', 'c', 'CPU µs per step', `× ${LIMIT}`, 'chains/s'],
    ...rows.map((row) => [
      row.subject,
      String(row.concurrency),
      spreadText(row.cpuUsPerStep),
      spreadText(row.timesLimit),
      spreadText(row.chainsPerSecond),
    ]),
  ]);
  return {
    ok,
    text: `\n${table}\n\n${ok ? 'Target met' : 'TARGET MISSED'}: ${OURS} ${verdict.join(', ')} (target: ≤ 1).`,
    json: { benchmark: 'engine', ok, node: process.version, rounds: options.rounds, rows },
  };
};
