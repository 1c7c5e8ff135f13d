import { counting, invoking } from './shape.ts';
import type { Shape } from './shape.ts';

/** A step for which the machine does not wait long enough. */
export const timeout: Shape = ({ name, next, step }) => {
  const late = `${name}-late`;
  step(name, { effect: 'pure', longestMs: Number.POSITIVE_INFINITY });
  return {
    states: {
      [name]: { invoke: invoking(name, '#unsure'), after: { 40: { target: next, actions: counting(late) } } },
    },
    counts: () => ({ [late]: 1 }),
  };
};
