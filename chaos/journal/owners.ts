import { join } from 'node:path';
import { createVirtualClock } from '@paceline/resilience/testing';
import { boot, startRun } from './process.ts';
import { repeated } from './nth.ts';
import type { JournalEntry } from 'paceline';
import type { Deed } from '../kill/workflow.ts';
import type { Process } from './process.ts';

export interface OwnersReport {
  /** Moments at which the first owner was stopped, each in a world of its own. */
  readonly stops: number;
  readonly takenOver: number;
  /** What the first owner was told when it went on. */
  readonly fenced: number;
  readonly broken: readonly string[];
}

const RUNS = ['a', 'b', 'c'];
const STOPPED_MS = 60_000;

/** A run that the first owner had at rest, and so not in its hands, ends for its caller as it ended. */
const TRUE_ENDS: ReadonlySet<string> = new Set(['FENCED', 'succeeded', 'degraded']);

/** One owner is stopped for a minute, another takes its runs over and ends them, the first one goes on as if nothing had been. */
export async function stopOwners(folder: string, stops: number): Promise<OwnersReport> {
  const report = { stops, takenOver: 0, fenced: 0, broken: [] as string[] };
  for (let stop = 0; stop < stops; stop++) {
    const found = await stopAt(stop * 5, join(folder, `stop-${stop}.db`));
    report.takenOver += found.takenOver;
    report.fenced += found.fenced;
    report.broken.push(...found.broken.map((how) => `stopped after ${stop * 5} ms: ${how}`));
  }
  return report;
}

async function stopAt(afterMs: number, path: string): Promise<Omit<OwnersReport, 'stops'>> {
  const deeds: Deed[] = [];
  const stopped = createVirtualClock();
  const first = boot({ path, clock: stopped, deeds });
  const told = RUNS.map((runId) => startRun(first, runId));
  await stopped.advance(afterMs);

  const clock = createVirtualClock();
  await clock.advance(afterMs + STOPPED_MS);
  const second = boot({ path, clock, deeds });
  const { runs } = await clock.run(second.engine.recover([second.workflow]));
  await clock.run(Promise.all(runs.map(({ result }) => result)));
  const before = await pastOf(second);

  stopped.jumpEpoch(STOPPED_MS);
  const ends = await stopped.run(Promise.all(told));
  const after = await pastOf(second);
  await first.journal.close();
  await second.journal.close();
  const fenced = ends.filter((end) => end === 'FENCED').length;
  return {
    takenOver: runs.length,
    fenced,
    broken: [
      ...(JSON.stringify(before) === JSON.stringify(after) ? [] : ['a stale write was accepted']),
      ...ends
        .filter((end) => !TRUE_ENDS.has(end))
        .map((end) => `a caller of the first owner was told ${end}`),
      ...repeated(deeds, new Set(), 0),
    ],
  };
}

async function pastOf({ journal }: Process): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for (const runId of RUNS) {
    for await (const entry of journal.entries(runId)) entries.push(entry);
  }
  return entries;
}
