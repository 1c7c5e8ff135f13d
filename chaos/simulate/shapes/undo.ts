import { invoking } from './shape.ts';
import type { Effect } from 'paceline';
import type { FlowContext, Shape } from './shape.ts';

/** Work that is undone when the run does not reach its goal; every fourth run does not. */
export const undo: Shape = ({ name, next, dice, step }) => {
  const check = `${name}-check`;
  step(name, { effect: dice.pick<Effect>(['idempotent', 'once']), undone: true });
  return {
    states: {
      [name]: { invoke: invoking(name, check) },
      [check]: {
        always: [
          { guard: ({ context }: { context: FlowContext }) => failsAfter(context.n), target: '#undone' },
          next,
        ],
      },
    },
    counts: () => ({ [name]: 1 }),
    fails: failsAfter,
  };
};

const failsAfter = (n: number): boolean => n % 4 === 3;
