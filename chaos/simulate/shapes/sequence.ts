import { EFFECTS, invoking } from './shape.ts';
import type { Shape } from './shape.ts';

/** Steps of any effect one after the other. */
export const sequence: Shape = ({ name, next, dice, step }) => {
  const steps = Array.from({ length: dice.between(1, 4) }, (_, at) => `${name}-${at}`);
  for (const each of steps) step(each, { effect: dice.pick(EFFECTS) });
  return {
    states: Object.fromEntries(
      steps.map((each, at) => [each, { invoke: invoking(each, steps[at + 1] ?? next) }]),
    ),
    counts: () => Object.fromEntries(steps.map((each) => [each, 1])),
  };
};
