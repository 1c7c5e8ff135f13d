import { table } from '../table.ts';
import { INVARIANTS } from './invariants.ts';
import type { InvariantId } from './invariants.ts';
import type { SeedReport } from './simulate.ts';

export interface SimulateReport {
  readonly seeds: number;
  readonly runs: number;
  readonly succeeded: number;
  readonly crashes: number;
  readonly bySqlite: number;
  readonly seconds: number;
  /** How much each invariant was held against, in all seeds together. */
  readonly looked: Readonly<Record<InvariantId, number>>;
  readonly broken: readonly Broken[];
  /** Seeds that were simulated twice, and those of them in which not the same happened again. */
  readonly repeated: number;
  readonly notTheSame: readonly number[];
}

/** A seed in which an invariant did not hold. */
export interface Broken {
  readonly seed: number;
  readonly violations: readonly string[];
}

/** So many seeds have to have met whatever an invariant speaks of. */
const ENOUGH_SEEDS = 100;

export const IDS = Object.keys(INVARIANTS) as readonly InvariantId[];

/** @param again some of the seeds once more */
export function summarize(
  reports: readonly SeedReport[],
  again: readonly SeedReport[],
  seconds: number,
): SimulateReport {
  const sum = (of: (report: SeedReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  const first = new Map(reports.map(({ seed, hash }) => [seed, hash]));
  return {
    seeds: reports.length,
    runs: sum(({ runs }) => runs),
    succeeded: sum(({ succeeded }) => succeeded),
    crashes: sum(({ crashes }) => crashes),
    bySqlite: sum(({ store }) => (store === 'sqlite' ? 1 : 0)),
    seconds,
    looked: Object.fromEntries(
      IDS.map((id) => [id, sum(({ looked }) => looked[id])]),
    ) as SimulateReport['looked'],
    broken: reports
      .filter(({ violations }) => violations.length > 0)
      .map(({ seed, violations }) => ({ seed, violations })),
    repeated: again.length,
    notTheSame: again.filter(({ seed, hash }) => first.get(seed) !== hash).map(({ seed }) => seed),
  };
}

/** What fell short, one line each; none: all held. */
export function shortfalls(report: SimulateReport): readonly string[] {
  const { seeds, succeeded, looked, broken, notTheSame } = report;
  const unseen = seeds < ENOUGH_SEEDS ? [] : IDS.filter((id) => looked[id] === 0);
  return [
    ...broken.flatMap(({ seed, violations }) =>
      violations.map((violation) => `${violation}\n    pnpm chaos simulate --seed ${seed}`),
    ),
    ...(succeeded === 0 ? ['no run succeeded, so nothing was shown'] : []),
    ...unseen.map((id) => `nothing was there to hold ${id} against`),
    ...notTheSame.map(
      (seed) => `seed ${seed} gave another history the second time\n    pnpm chaos simulate --seed ${seed}`,
    ),
  ];
}

export function reportText(report: SimulateReport): string {
  const { seeds, runs, succeeded, crashes, bySqlite, seconds, looked, broken, repeated, notTheSame } = report;
  const short = shortfalls(report);
  const breaks = (id: InvariantId): number =>
    broken.flatMap(({ violations }) => violations).filter((each) => each.startsWith(`${id}: `)).length;
  return [
    ...table([
      [
        'seeds',
        `${seeds} in ${seconds.toFixed(0)} s, ${bySqlite} on SQLite, the others on a crashing store in memory`,
      ],
      ['runs', `${runs}, ${succeeded} succeeded; ${crashes} processes killed or taken for dead`],
      ['twice', `${repeated} seeds, ${notTheSame.length} with another history`],
      ...IDS.map((id) => [id, `${INVARIANTS[id].says}: held against ${looked[id]}, broken ${breaks(id)}`]),
    ]),
    '',
    ...(short.length === 0 ? ['All held.'] : ['FELL SHORT:', ...short.slice(0, 40)]),
  ].join('\n');
}
