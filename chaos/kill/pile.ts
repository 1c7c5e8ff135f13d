import { startWorker } from './process.ts';
import type { Job, Message } from './message.ts';

export interface PileReport {
  readonly runs: number;
  readonly recovered: number;
  /** From opening the file until every run was at work again, in milliseconds. */
  readonly ms: number;
}

/** Kills a process that holds many waiting runs, and measures how long the next one takes to have them all. */
export async function recoverPile(path: string, runs: number): Promise<PileReport> {
  const parked = { path, inFlight: runs, prefix: 'parked', parked: true };
  let left = runs;
  await untilKilled({ ...parked, runs }, (message) => {
    if (message.type === 'started') left--;
    return left === 0;
  });
  let report: PileReport = { runs, recovered: 0, ms: Number.NaN };
  await untilKilled({ ...parked, runs: 0 }, (message) => {
    if (message.type !== 'recovered') return false;
    report = { runs, recovered: message.runs, ms: message.ms };
    return true;
  });
  return report;
}

/** Kills the worker at the first message that `isEnough`. */
async function untilKilled(job: Job, isEnough: (message: Message) => boolean): Promise<void> {
  const worker = startWorker(job, (message) => {
    if (isEnough(message)) worker.kill();
  });
  await worker.gone;
}
