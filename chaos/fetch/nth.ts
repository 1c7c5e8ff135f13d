import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isEngineError } from 'paceline';
import { makeTrouble, TROUBLES } from '../journal/trouble.ts';
import { ONCE, STEPS } from './chain.ts';
import { FETCH_FAILURES } from './failing-fetch.ts';
import { openPlace, openProcess, runChain } from './rig.ts';
import type { TroubleName } from '../journal/trouble.ts';
import type { FetchFailure } from './failing-fetch.ts';
import type { Place, Process } from './rig.ts';

export interface NthReport {
  /** Operations that failed, each in a world of its own. */
  readonly cases: number;
  /** The last operation that there was. */
  readonly operations: number;
  readonly succeeded: number;
  readonly degraded: number;
  /** Runs whose caller was told `JOURNAL_FAILED`, all of which went on later. */
  readonly resumed: number;
  readonly broken: readonly string[];
}

/** What is to fail in one case. */
interface Failing {
  readonly of: 'fetch' | 'journal';
  readonly name: string;
  readonly at: number;
  /** From then on for good, or until the first process has gone. */
  readonly lasting: boolean;
}

export const FETCH_NAMES: readonly string[] = Object.keys(FETCH_FAILURES);
export const JOURNAL_NAMES: readonly string[] = Object.keys(TROUBLES);

/** Lets each operation of a chain with models and tools fail, one after the other until there is none left. */
export async function failEach(
  folder: string,
  { of, names }: { readonly of: Failing['of']; readonly names: readonly string[] },
): Promise<NthReport> {
  const report = { cases: 0, operations: 0, succeeded: 0, degraded: 0, resumed: 0, broken: [] as string[] };
  for (const name of names) {
    for (const lasting of [false, true]) {
      for (let at = 1; ; at++) {
        const path = join(folder, `${of}-${name}-${lasting}-${at}.db`);
        const met = await meet({ of, name, at, lasting }, path);
        if (!met.happened) break;
        report.cases++;
        report.operations = Math.max(report.operations, at);
        report.succeeded += met.end === 'succeeded' ? 1 : 0;
        report.degraded += met.end === 'degraded' ? 1 : 0;
        report.resumed += met.isResumed ? 1 : 0;
        const which = `${name}, ${of} operation ${at}, lasting ${lasting}`;
        report.broken.push(...met.broken.map((how) => `${which}: ${how}`));
      }
    }
  }
  return report;
}

interface Met {
  readonly happened: boolean;
  readonly end: string;
  readonly isResumed: boolean;
  readonly broken: readonly string[];
}

/** One failure in a world of its own, and the next process on the same file. */
async function meet(failing: Failing, path: string): Promise<Met> {
  const { of, name, at, lasting } = failing;
  const place = openPlace(path, of === 'fetch' ? { at, name: name as FetchFailure, lasting } : null);
  const harmed = of === 'journal' ? makeTrouble({ at, name: name as TroubleName, lasting }) : null;
  let told = 'JOURNAL_UNUSABLE';
  try {
    const first = openOrRefuse(place);
    if (first !== undefined) {
      told = await place.clock.run(runChain(first, 'run'));
      // What cannot be said to a broken disk is not said.
      await place.clock.run(first.close().catch(() => {}));
    }
  } finally {
    harmed?.end();
  }
  const happened = harmed?.happened ?? place.network.requests >= at;
  const { end, isResumed } = await goOn(place);
  for (const suffix of ['', '-wal', '-shm', '.anchor']) rmSync(path + suffix, { force: true });
  return { happened, end, isResumed, broken: brokenBy(failing, { place, told, end }) };
}

/** A journal that cannot be opened has to say so, in its own words. */
function openOrRefuse(place: Place): Process | undefined {
  try {
    return openProcess(place);
  } catch (error) {
    if (isEngineError(error) && error.code === 'JOURNAL_UNUSABLE') return undefined;
    throw error;
  }
}

/** The next process, on a sound disk. */
async function goOn(place: Place): Promise<{ readonly end: string; readonly isResumed: boolean }> {
  const { clock } = place;
  // The first one may not have got to say that it is gone.
  await clock.advance(20_000);
  const second = openProcess(place);
  const { runs } = await clock.run(second.engine.recover([second.workflow as never]));
  await clock.run(Promise.all(runs.map(({ result }) => result)));
  const record = await second.journal.load('run');
  await clock.run(second.close());
  const isRight = record?.status !== 'succeeded' || record.output === STEPS;
  return { end: isRight ? (record?.status ?? 'none') : 'wrong output', isResumed: runs.length > 0 };
}

interface Seen {
  readonly place: Place;
  readonly told: string;
  readonly end: string;
}

const TOLD: ReadonlySet<string> = new Set(['succeeded', 'degraded', 'JOURNAL_FAILED', 'JOURNAL_UNUSABLE']);

function brokenBy({ lasting, of }: Failing, { place, told, end }: Seen): readonly string[] {
  const { deeds, clock, simulator } = place;
  const keys = deeds.filter(({ what }) => ONCE.has(what)).map(({ key }) => key);
  const open = simulator.calls.filter(({ ended }) => ended === null).length;
  return [
    ...said(!TOLD.has(told), `its caller was told ${told}`),
    ...said(
      !lasting && told !== 'succeeded' && told !== 'JOURNAL_UNUSABLE',
      `a passing failure was not met: ${told}`,
    ),
    // A run that was never acknowledged need not be there.
    ...said(end === 'none' && told !== 'JOURNAL_FAILED' && told !== 'JOURNAL_UNUSABLE', 'the run is gone'),
    ...said(!['succeeded', 'degraded', 'none'].includes(end), `it ended ${end}`),
    ...said(of === 'fetch' && !lasting && end !== 'succeeded', `one failed request and it ended ${end}`),
    ...said(new Set(keys).size < keys.length, 'what takes effect once took effect twice'),
    ...said(open > 0, `${open} upstream calls are open`),
    ...said(clock.pendingTimers() > 0, `${clock.pendingTimers()} timers are left`),
  ];
}

const said = (wrong: boolean, text: string): readonly string[] => (wrong ? [text] : []);
