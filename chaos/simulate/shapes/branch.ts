import { EFFECTS, invoking } from './shape.ts';
import type { FlowContext, Shape } from './shape.ts';

/** One of two ways, by the run's number. */
export const branch: Shape = ({ name, next, dice, step }) => {
  const [even, odd] = [`${name}-even`, `${name}-odd`];
  for (const each of [even, odd]) step(each, { effect: dice.pick(EFFECTS) });
  return {
    states: {
      [name]: {
        always: [
          { guard: ({ context }: { context: FlowContext }) => context.n % 2 === 0, target: even },
          odd,
        ],
      },
      [even]: { invoke: invoking(even, next) },
      [odd]: { invoke: invoking(odd, next) },
    },
    counts: (n) => ({ [n % 2 === 0 ? even : odd]: 1 }),
  };
};
