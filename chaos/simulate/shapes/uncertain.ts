import { invoking } from './shape.ts';
import type { Shape } from './shape.ts';

/** Work that takes effect once and that, in doubt, waits for somebody who looks. */
export const uncertain: Shape = ({ name, next, step }) => {
  step(name, { effect: 'once', longestMs: 200, onUncertain: 'wait' });
  return { states: { [name]: { invoke: invoking(name, next) } }, counts: () => ({ [name]: 1 }) };
};
