import { CASES, FLOODED_TARGET } from './world.ts';
import type { IsolationFigures } from './figures.ts';
import type { CaseName, IsolationCase } from './world.ts';

/** One thing that is asked of a run. */
interface Target {
  readonly id: string;
  readonly met: (figures: IsolationFigures) => boolean;
}

const SUCCESS = 0.999;
const SLOWER = 1.1;
const REFUSED_MS = 10;
const PROBES = 0.05;

const isUnharmed = ({ others }: IsolationFigures): boolean =>
  others.success >= SUCCESS && others.p99Ms <= SLOWER * others.calmP99Ms;

const ALWAYS: readonly Target[] = [
  { id: 'leaves nothing behind', met: ({ leftBehind }) => leftBehind === 0 },
];

const GUARDED: readonly Target[] = [
  { id: `others >= ${100 * SUCCESS} %`, met: ({ others }) => others.success >= SUCCESS },
  { id: 'others’ p99 at most 10 % up', met: ({ others }) => others.p99Ms <= SLOWER * others.calmP99Ms },
  {
    id: 'no breaker opens but the flooder’s',
    met: ({ opened }) => opened.every((target) => target === FLOODED_TARGET),
  },
];

/** A key that always fails is known after a few calls, and then only asked for now and then. */
const POISONED: readonly Target[] = [
  {
    id: `flood refused within ${REFUSED_MS} ms`,
    met: ({ flooder }) => flooder.refusedMs !== null && flooder.refusedMs <= REFUSED_MS,
  },
  {
    id: `flood’s attempts at most ${PROBES} of its calls`,
    met: ({ flooder }) => flooder.attemptsPerCall <= PROBES,
  },
];

const CONTROL: readonly Target[] = [
  { id: 'without guards the others suffer', met: (figures) => !isUnharmed(figures) },
];

/** What the run ought to have shown and did not. */
export function missed(
  figures: IsolationFigures,
  run: { name: CaseName; guards: boolean },
): readonly string[] {
  const { poison }: IsolationCase = CASES[run.name];
  const guarded = poison === undefined ? GUARDED : [...GUARDED, ...POISONED];
  return [...ALWAYS, ...(run.guards ? guarded : CONTROL)]
    .filter(({ met }) => !met(figures))
    .map(({ id }) => id);
}
