import { join } from 'node:path';
import { createVirtualClock } from '@paceline/resilience/testing';
import { isEngineError } from 'paceline';
import { CommittedDeeds } from '../kill/committed.ts';
import { ONCE } from '../kill/workflow.ts';
import { boot, startRun } from './process.ts';
import { makeTrouble, TROUBLES } from './trouble.ts';
import type { Deed } from '../kill/workflow.ts';
import type { Boot, Process } from './process.ts';
import type { Trouble, TroubleName } from './trouble.ts';

export interface NthReport {
  /** Operations that failed, each in a world of its own. */
  readonly cases: number;
  /** Operations of the journal from its opening to its close. */
  readonly operations: number;
  /** Runs whose caller was told `JOURNAL_FAILED`, all of which went on later. */
  readonly resumed: number;
  readonly broken: readonly string[];
}

const RUNS = ['a', 'b', 'c'];

/** Lets each operation of the journal fail, one after the other until there is none left: once, and from then on for two minutes. */
export async function failEach(folder: string, names = Object.keys(TROUBLES)): Promise<NthReport> {
  const report = { cases: 0, operations: 0, resumed: 0, broken: [] as string[] };
  for (const name of names as TroubleName[]) {
    for (const lasting of [false, true]) {
      for (let at = 1; ; at++) {
        const path = join(folder, `${name}-${lasting}-${at}.db`);
        const met = await meet({ at, name, lasting }, path);
        if (!met.happened) break;
        report.cases++;
        report.operations = Math.max(report.operations, at);
        report.resumed += met.resumed;
        report.broken.push(
          ...met.broken.map((how) => `${name}, operation ${at}, lasting ${lasting}: ${how}`),
        );
      }
    }
  }
  return report;
}

export interface Met {
  readonly happened: boolean;
  readonly resumed: number;
  readonly broken: readonly string[];
}

/** One trouble in a world of its own, and the next process on the same file. */
export async function meet(trouble: Trouble, path: string): Promise<Met> {
  const clock = createVirtualClock();
  const deeds: Deed[] = [];
  const world: Boot = { path, clock, deeds };
  const troubled = makeTrouble(trouble);
  let first: Process | undefined;
  let ends: readonly string[] = [];
  try {
    first = bootOrRefuse(world);
    if (first !== undefined) {
      const process = first;
      ends = await clock.run(Promise.all(RUNS.map((runId) => startRun(process, runId))));
      await first.journal.close().catch(() => {});
    }
  } finally {
    troubled.end();
  }
  const acknowledged = first?.acknowledged ?? new Set();
  const again = await goOn(world);
  const broken = [
    ...ends
      .filter((end) => end !== 'succeeded' && end !== 'JOURNAL_FAILED')
      .map((end) => `a run ended ${end}`),
    ...(trouble.lasting
      ? []
      : ends.filter((end) => end === 'JOURNAL_FAILED').map(() => 'a passing trouble was not waited out')),
    ...[...acknowledged].filter((runId) => !again.ended.includes(runId)).map((runId) => `${runId} was lost`),
    ...repeated(deeds, again.completed, again.deedsBefore),
  ];
  return { happened: troubled.happened, resumed: again.resumed, broken };
}

/** A journal that cannot be opened has to say so, in its own words. */
function bootOrRefuse(world: Boot): Process | undefined {
  try {
    return boot(world);
  } catch (error) {
    if (isEngineError(error) && error.code === 'JOURNAL_UNUSABLE') return undefined;
    throw error;
  }
}

/** The next process, without trouble. */
async function goOn(world: Boot) {
  const deedsBefore = world.deeds.length;
  const second = boot(world);
  const completed = new CommittedDeeds(world.path).all();
  // The first one may not have got to say that it is gone.
  await world.clock.advance(20_000);
  const { runs } = await world.clock.run(second.engine.recover([second.workflow]));
  await world.clock.run(Promise.all(runs.map(({ result }) => result)));
  const all = await second.journal.list({});
  await second.journal.close();
  return {
    deedsBefore,
    completed,
    resumed: runs.length,
    ended: all
      .filter(({ status }) => status === 'succeeded' || status === 'degraded')
      .map(({ runId }) => runId),
  };
}

/** Deeds that no trouble excuses: what takes effect once done twice, or what was recorded as done, done again. */
export function repeated(
  deeds: readonly Deed[],
  completed: ReadonlySet<string>,
  deedsBefore: number,
): readonly string[] {
  const once = deeds.filter(({ step }) => ONCE.has(step)).map(({ key }) => key);
  return [
    ...deeds
      .slice(deedsBefore)
      .filter(({ key }) => completed.has(key))
      .map(({ runId, step }) => `${runId} did ${step} again`),
    ...(new Set(once).size < once.length ? ['what takes effect once took effect twice'] : []),
  ];
}
