import { join } from 'node:path';
import { sampleInChild } from '../harness/child.ts';
import { figure, spreadOf, spreadText, tableText, type Benchmark, type Spread } from '../harness/report.ts';
import type { DurableSample, LongRunSample } from './sample.ts';

const LIMIT = 'bare node:sqlite';
const OURS = 'paceline';
const SUBJECTS = [LIMIT, OURS] as const;

/** What share of the bare journal's steps per second is to be left, by runs in flight. */
const SHARES = [
  { concurrency: 1, share: 0.7 },
  { concurrency: 64, share: 0.23 },
] as const;
const MOST_BYTES_PER_STEP = 600;
/** The 1,000th step of a run against its 10th. */
const MOST_GROWTH = 1.2;

type Subject = (typeof SUBJECTS)[number];
type Round = Readonly<Record<Subject, DurableSample>>;

interface Row {
  readonly concurrency: number;
  readonly limitPerSecond: Spread;
  readonly oursPerSecond: Spread;
  /** Of the bare journal's steps per second in the same round: the disk's mood divides out. */
  readonly share: Spread;
  readonly target: number;
  readonly cpuUsPerStep: Spread;
  readonly bytesPerStep: Spread;
}

/** Synced steps per second of ten-step chains, beside the least a journal can do; and whether a long run's steps grow dearer. */
export const benchDurable: Benchmark = async (options) => {
  const rows: Row[] = [];
  for (const { concurrency, share } of SHARES) {
    rows.push(rowOf(await sampleRounds(concurrency, options), { concurrency, target: share }));
  }
  const growth = await sampleGrowth(options);
  const ok =
    rows.every(({ share, target, bytesPerStep }) => {
      return share.median >= target && bytesPerStep.median <= MOST_BYTES_PER_STEP;
    }) && growth.median <= MOST_GROWTH;
  return {
    ok,
    text: `\n${tableOf(rows)}\n\nStep 1,000 of a run costs ${spreadText(growth)} × its step 10 (target: ≤ ${MOST_GROWTH}).\n${ok ? 'Targets met' : 'TARGETS MISSED'}.`,
    json: { benchmark: 'durable', ok, node: process.version, rounds: options.rounds, rows, growth },
  };
};

/** Both subjects in each round, the order turned. */
async function sampleRounds(
  concurrency: number,
  { rounds, quick, progress }: Parameters<Benchmark>[0],
): Promise<readonly Round[]> {
  const sampled: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const samples: Partial<Record<Subject, DurableSample>> = {};
    for (const subject of round % 2 === 0 ? SUBJECTS : SUBJECTS.toReversed()) {
      const args = [subject, String(concurrency), ...(quick ? ['100', '100'] : ['1500'])];
      const sample = await sampleInChild<DurableSample>(join(import.meta.dirname, 'subject.ts'), args);
      samples[subject] = sample;
      progress(
        `round ${round + 1}/${rounds}  c=${concurrency}  ${subject}: ${figure(sample.stepsPerSecond)} steps/s`,
      );
    }
    sampled.push(samples as Round);
  }
  return sampled;
}

function rowOf(rounds: readonly Round[], of: { readonly concurrency: number; readonly target: number }): Row {
  const ours = rounds.map((round) => round[OURS]);
  return {
    ...of,
    limitPerSecond: spreadOf(rounds.map((round) => round[LIMIT].stepsPerSecond)),
    oursPerSecond: spreadOf(ours.map(({ stepsPerSecond }) => stepsPerSecond)),
    share: spreadOf(rounds.map((round) => round[OURS].stepsPerSecond / round[LIMIT].stepsPerSecond)),
    cpuUsPerStep: spreadOf(ours.map(({ cpuUsPerStep }) => cpuUsPerStep)),
    bytesPerStep: spreadOf(ours.map(({ bytesPerStep }) => bytesPerStep)),
  };
}

async function sampleGrowth({ rounds, quick, progress }: Parameters<Benchmark>[0]): Promise<Spread> {
  const growths: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const script = join(import.meta.dirname, 'long-run.ts');
    const { earlyCpuUs, lateCpuUs } = await sampleInChild<LongRunSample>(script, [quick ? '2' : '8']);
    growths.push(lateCpuUs / earlyCpuUs);
    progress(
      `round ${round + 1}/${rounds}  step 10: ${figure(earlyCpuUs)} µs of CPU, step 1,000: ${figure(lateCpuUs)}`,
    );
  }
  return spreadOf(growths);
}

function tableOf(rows: readonly Row[]): string {
  return tableText([
    [
      'runs in flight',
      `${LIMIT} steps/s`,
      `${OURS} steps/s`,
      'share',
      'target',
      'CPU µs per step',
      'bytes per step',
    ],
    ...rows.map((row) => [
      String(row.concurrency),
      spreadText(row.limitPerSecond),
      spreadText(row.oursPerSecond),
      spreadText(row.share),
      `≥ ${row.target}`,
      spreadText(row.cpuUsPerStep),
      spreadText(row.bytesPerStep),
    ]),
  ]);
}
