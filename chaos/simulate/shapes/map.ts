import { map } from 'paceline';
import { EFFECTS, invoking } from './shape.ts';
import type { FlowContext, Shape } from './shape.ts';

/** The same step for each of several items, some at a time. */
export const mapped: Shape = ({ name, next, dice, body, declare }) => {
  const items = dice.between(1, 5);
  const each = body(`${name}-item`, { effect: dice.pick(EFFECTS) });
  declare(name, map(each as Parameters<typeof map>[0], { concurrency: dice.between(1, 3) }));
  const input = ({ context: { runId } }: { context: FlowContext }) =>
    Array.from({ length: items }, () => ({ runId }));
  return {
    states: { [name]: { invoke: { ...invoking(name, next), input } } },
    counts: () => ({ [name]: 1 }),
  };
};
