import { counting, invoking } from './shape.ts';
import type { Shape } from './shape.ts';

/** A step that needs several tries, or one that always fails and has another way out. */
export const failing: Shape = ({ name, next, dice, step }) => {
  if (dice.chance(0.5)) {
    step(name, { effect: dice.pick(['pure', 'idempotent']), failures: 2, attempts: 3, longestMs: 10 });
    return { states: { [name]: { invoke: invoking(name, next) } }, counts: () => ({ [name]: 1 }) };
  }
  const caught = `${name}-caught`;
  step(name, { effect: dice.pick(['pure', 'idempotent']), failures: Number.POSITIVE_INFINITY });
  return {
    states: {
      [name]: {
        invoke: { ...invoking(name, next), onError: { target: next, actions: counting(caught) } },
      },
    },
    counts: () => ({ [caught]: 1 }),
  };
};
