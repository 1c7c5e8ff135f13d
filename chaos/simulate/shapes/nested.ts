import { EFFECTS, invoking } from './shape.ts';
import type { Shape } from './shape.ts';

/** A state with states of its own, two levels deep; each level goes on when the one below is done. */
export const nested: Shape = ({ name, next, dice, step }) => {
  const [outer, inner] = [`${name}-outer`, `${name}-inner`];
  for (const each of [outer, inner]) step(each, { effect: dice.pick(EFFECTS) });
  return {
    states: {
      [name]: {
        initial: 'first',
        onDone: next,
        states: {
          first: { invoke: invoking(outer, 'second') },
          second: {
            initial: 'innermost',
            onDone: 'ready',
            states: { innermost: { invoke: invoking(inner, 'ready') }, ready: { type: 'final' } },
          },
          ready: { type: 'final' },
        },
      },
    },
    counts: () => ({ [outer]: 1, [inner]: 1 }),
  };
};
