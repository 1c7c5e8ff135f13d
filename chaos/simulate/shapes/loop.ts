import { counting, EFFECTS, invoking, timesDone } from './shape.ts';
import type { FlowContext, Shape } from './shape.ts';

/** The same state again and again, each visit under a key of its own. */
export const loop: Shape = ({ name, next, dice, step }) => {
  const rounds = dice.between(2, 5);
  step(name, { effect: dice.pick(EFFECTS), longestMs: 30 });
  const again = {
    guard: ({ context }: { context: FlowContext }) => timesDone(context, name) < rounds - 1,
    target: name,
    reenter: true,
    actions: counting(name),
  };
  return {
    states: {
      [name]: { invoke: invoking(name, [again, { target: next, actions: counting(name) }] as object) },
    },
    counts: () => ({ [name]: rounds }),
  };
};
