import { cancel, raise } from 'xstate';
import { counting } from './shape.ts';
import type { Shape } from './shape.ts';

/** Waits: by `after`, or by an event raised with a delay beside one that is cancelled on the way out. */
export const delay: Shape = ({ name, next, dice }) => {
  const waitMs = dice.pick([1, 20, 200, 2_000]);
  const byAfter = { after: { [waitMs]: { target: next, actions: counting(name) } } };
  const byRaise = {
    entry: [
      raise({ type: 'GO' }, { id: `${name}-go`, delay: waitMs }),
      raise({ type: 'LATE' }, { id: `${name}-late`, delay: 2 * waitMs }),
    ],
    exit: cancel(`${name}-late`),
    on: { GO: { target: next, actions: counting(name) }, LATE: '#unsure' },
  };
  return { states: { [name]: dice.chance(0.5) ? byAfter : byRaise }, counts: () => ({ [name]: 1 }) };
};
