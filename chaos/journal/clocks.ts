import { join } from 'node:path';
import { createVirtualClock } from '@paceline/resilience/testing';
import { boot, crash, startRun } from './process.ts';
import type { Deed } from '../kill/workflow.ts';

export interface ClocksReport {
  readonly cases: number;
  readonly broken: readonly string[];
}

const HOUR_MS = 3_600_000;
const JUMPS_MS = [-HOUR_MS, HOUR_MS, -24 * HOUR_MS, 24 * HOUR_MS];
const DEADLINE_MS = 10_000;
/** How long the file lies still between the two processes. */
const STILL_MS = 500;

/** The wall clock jumps while a run is at work, and while it lies still between two processes. */
export async function jumpClocks(folder: string): Promise<ClocksReport> {
  const report = { cases: 0, broken: [] as string[] };
  for (const jumpMs of JUMPS_MS) {
    for (let afterMs = 5; afterMs < 100; afterMs += 10) {
      const path = join(folder, `jump-${jumpMs}-${afterMs}`);
      report.cases += 2;
      const atWork = await jumpAtWork(`${path}-work.db`, { jumpMs, afterMs });
      const lyingStill = await jumpLyingStill(`${path}-still.db`, { jumpMs, afterMs });
      report.broken.push(...[...atWork, ...lyingStill].map((how) => `${jumpMs} ms after ${afterMs}: ${how}`));
    }
  }
  return report;
}

interface Jump {
  readonly jumpMs: number;
  readonly afterMs: number;
}

/** A process measures time by itself: a jump takes nothing from a run and gives it nothing. */
async function jumpAtWork(path: string, { jumpMs, afterMs }: Jump): Promise<readonly string[]> {
  const clock = createVirtualClock();
  const process = boot({ path, clock, deeds: [] });
  const end = startRun(process, 'run', DEADLINE_MS);
  await clock.advance(afterMs);
  clock.jumpEpoch(jumpMs);
  const status = await clock.run(end);
  const endedMs = clock.nowMs();
  await process.journal.close();
  return [
    ...(status === 'succeeded' ? [] : [`at work: ended ${status}`]),
    ...(endedMs < DEADLINE_MS ? [] : [`at work: took ${endedMs} ms`]),
  ];
}

/** Between two processes only the wall clock tells: one that went ahead takes time away, one that went back gives none. */
async function jumpLyingStill(path: string, { jumpMs, afterMs }: Jump): Promise<readonly string[]> {
  const deeds: Deed[] = [];
  const clock = createVirtualClock();
  const first = boot({ path: `${path}.live`, clock, deeds });
  const told = startRun(first, 'run', DEADLINE_MS);
  await clock.advance(afterMs);
  crash(`${path}.live`, path);
  await clock.run(told);
  await first.journal.close();

  const next = createVirtualClock();
  next.jumpEpoch(afterMs + STILL_MS + jumpMs);
  const second = boot({ path, clock: next, deeds });
  const { runs, left } = await next.run(second.engine.recover([second.workflow]));
  const outcomes = await next.run(Promise.all(runs.map(({ result }) => result)));
  const tookMs = next.nowMs();
  await second.journal.close();
  return [
    ...left.map(({ code }) => `lying still: left as ${code}`),
    ...outcomes.flatMap(({ ok, ms }) => [
      ...(ok === jumpMs < 0 ? [] : [`lying still: ended ${ok ? 'well' : 'badly'}`]),
      ...(ms <= DEADLINE_MS || (!ok && tookMs === 0) ? [] : [`lying still: ended after ${ms} ms`]),
    ]),
  ];
}
