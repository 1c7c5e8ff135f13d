import { EFFECTS, invoking } from './shape.ts';
import type { Shape } from './shape.ts';

/** Two or three regions at work at once; it goes on when all are done. */
export const parallel: Shape = ({ name, next, dice, step }) => {
  const regions = Array.from({ length: dice.between(2, 3) }, (_, at) => `${name}-${at}`);
  for (const each of regions.flatMap(stepsOf)) step(each, { effect: dice.pick(EFFECTS) });
  return {
    states: {
      [name]: {
        type: 'parallel',
        onDone: next,
        states: Object.fromEntries(regions.map((region) => [region, stateOf(region)])),
      },
    },
    counts: () => Object.fromEntries(regions.flatMap(stepsOf).map((each) => [each, 1])),
  };
};

const stepsOf = (region: string): readonly string[] => [`${region}-a`, `${region}-b`];

const stateOf = (region: string) => {
  const [first, second] = stepsOf(region) as [string, string];
  return {
    initial: first,
    states: {
      [first]: { invoke: invoking(first, second) },
      [second]: { invoke: invoking(second, 'ready') },
      ready: { type: 'final' },
    },
  };
};
