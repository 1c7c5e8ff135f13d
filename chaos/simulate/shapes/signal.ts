import { counting } from './shape.ts';
import type { Shape } from './shape.ts';

/** Waits for what a person has to say, who may say it long before. */
export const signal: Shape = ({ name, next, hears }) => {
  hears(name);
  return {
    states: { [name]: { on: { [name]: { target: next, actions: counting(name) } } } },
    counts: () => ({ [name]: 1 }),
  };
};
