import { GOOD, SETTLE_MS } from './figures.ts';
import type { OverloadFigures } from './figures.ts';

/** One thing that is asked of a run. */
interface Target {
  readonly id: string;
  readonly met: (figures: OverloadFigures) => boolean;
}

/** How much older than before the trigger the queue may still be. */
const AGE_TOLERANCE_MS = 10;

const GUARDED: readonly Target[] = [
  { id: `goodput before >= ${100 * GOOD} %`, met: ({ calm }) => calm >= GOOD },
  { id: `goodput after >= ${100 * GOOD} %`, met: ({ settled }) => settled >= GOOD },
  {
    id: `recovered within ${SETTLE_MS / 1_000} s`,
    met: ({ recoveredAfterMs }) => recoveredAfterMs !== null && recoveredAfterMs <= SETTLE_MS,
  },
  { id: 'attempts <= 1.10 x calls + 10', met: ({ attempts, calls }) => attempts <= 1.1 * calls + 10 },
  {
    id: 'queue age back to what it was',
    met: ({ queueAgeMs: { calm, settled } }) => settled <= calm + AGE_TOLERANCE_MS,
  },
];

/** The overload has outlived its cause. If it had not, the guards would have nothing to show. */
const CONTROL: readonly Target[] = [
  {
    id: 'does not recover',
    met: ({ recoveredAfterMs, settled }) => recoveredAfterMs === null && settled < 0.5,
  },
];

const ALWAYS: readonly Target[] = [
  { id: 'leaves nothing behind', met: ({ leftBehind }) => leftBehind === 0 },
];

/** What the run ought to have shown and did not. */
export function missed(figures: OverloadFigures, guards: boolean): readonly string[] {
  return [...ALWAYS, ...(guards ? GUARDED : CONTROL)].filter(({ met }) => !met(figures)).map(({ id }) => id);
}
