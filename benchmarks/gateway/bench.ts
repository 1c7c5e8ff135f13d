import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { sampleInChild } from '../harness/child.ts';
import { figure, spreadOf, spreadText, tableText, type Benchmark, type Spread } from '../harness/report.ts';
import { CHUNKS } from './answer.ts';

/** What one child process measured. */
export interface Sample {
  readonly cpuUs: number;
  readonly cpuUsPerCall: number;
  readonly callsPerSecond: number;
  readonly calls: number;
}

const LIMIT = 'undici';
const OURS = 'paceline';
const SUBJECTS = [LIMIT, 'ai-sdk', OURS] as const;
const CONCURRENCIES = [1, 64] as const;

/** Against the limit. Of it the AI SDK's provider package, which the gateway stands on, takes the greater part. */
const MOST_TIMES_LIMIT = 3;

type Subject = (typeof SUBJECTS)[number];
type Round = Readonly<Record<Subject, Sample>>;

interface Row {
  readonly subject: Subject;
  readonly concurrency: number;
  readonly cpuUsPerCall: Spread;
  /** Against the bare stream of the same round: the machine's mood divides out. */
  readonly timesLimit: Spread;
  readonly callsPerSecond: Spread;
}

/** CPU per streamed call of 100 chunks over loopback. Target: the whole gateway costs at most three times a bare stream, at each concurrency. */
export const benchGateway: Benchmark = async (options) => {
  const server = fork(join(import.meta.dirname, 'server.ts'));
  const [url] = (await once(server, 'message')) as [string];
  const rows: Row[] = [];
  for (const concurrency of CONCURRENCIES) {
    rows.push(...rowsOf(concurrency, await sampleRounds(url, concurrency, options)));
  }
  server.disconnect();
  const ours = rows.filter(({ subject }) => subject === OURS);
  const ok = ours.every(({ timesLimit }) => timesLimit.median <= MOST_TIMES_LIMIT);
  const verdict = ours.map(
    ({ timesLimit, concurrency }) => `${figure(timesLimit.median)} × ${LIMIT} at c=${concurrency}`,
  );
  const table = tableText([
    ['client', 'c', `CPU µs per call of ${CHUNKS} chunks`, `× ${LIMIT}`, 'calls/s'],
    ...rows.map((row) => [
      row.subject,
      String(row.concurrency),
      spreadText(row.cpuUsPerCall),
      spreadText(row.timesLimit),
      spreadText(row.callsPerSecond),
    ]),
  ]);
  return {
    ok,
    text: `\n${table}\n\n${ok ? 'Target met' : 'TARGET MISSED'}: ${OURS} ${verdict.join(', ')} (target: ≤ ${MOST_TIMES_LIMIT}).`,
    json: { benchmark: 'gateway', ok, node: process.version, rounds: options.rounds, rows },
  };
};

/** Rounds of samples for one concurrency, the subjects' order turned by one place each round. */
async function sampleRounds(
  url: string,
  concurrency: number,
  { rounds, quick, progress }: Parameters<Benchmark>[0],
): Promise<readonly Round[]> {
  const minimumCpuMs = quick ? 100 : 2000;
  const sampled: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const turn = round % SUBJECTS.length;
    const samples: Partial<Record<Subject, Sample>> = {};
    for (const subject of [...SUBJECTS.slice(turn), ...SUBJECTS.slice(0, turn)]) {
      const args = [subject, url, String(concurrency), String(minimumCpuMs)];
      const sample = await sampleInChild<Sample>(join(import.meta.dirname, 'subject.ts'), args);
      samples[subject] = sample;
      progress(
        `round ${round + 1}/${rounds}  c=${concurrency}  ${subject}: ${figure(sample.cpuUsPerCall)} µs of CPU per call`,
      );
    }
    sampled.push(samples as Round);
  }
  return sampled;
}

function rowsOf(concurrency: number, rounds: readonly Round[]): readonly Row[] {
  return SUBJECTS.map((subject) => ({
    subject,
    concurrency,
    cpuUsPerCall: spreadOf(rounds.map((round) => round[subject].cpuUsPerCall)),
    timesLimit: spreadOf(rounds.map((round) => round[subject].cpuUsPerCall / round[LIMIT].cpuUsPerCall)),
    callsPerSecond: spreadOf(rounds.map((round) => round[subject].callsPerSecond)),
  }));
}
