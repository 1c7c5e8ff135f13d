import { raise } from 'xstate';
import { counting, EFFECTS, invoking, timesDone } from './shape.ts';
import type { FlowContext, Shape } from './shape.ts';

/** Work that is broken off once, in the middle, and taken up again where it was. */
export const history: Shape = ({ name, next, dice, step }) => {
  const [before, after, pause] = [`${name}-before`, `${name}-after`, `${name}-pause`];
  for (const each of [before, after]) step(each, { effect: dice.pick(EFFECTS) });
  const deep = dice.chance(0.5);
  const broken = {
    guard: ({ context }: { context: FlowContext }) => timesDone(context, pause) === 0,
    target: pause,
    actions: counting(pause),
  };
  return {
    states: {
      [name]: {
        initial: 'first',
        on: { BREAK: broken },
        onDone: next,
        states: {
          first: { invoke: invoking(before, 'resting') },
          resting: {
            initial: 'shallow',
            onDone: 'second',
            states: {
              shallow: { after: { 5: 'deeper' } },
              deeper: { entry: raise({ type: 'BREAK' }), after: { 30: 'ready' } },
              ready: { type: 'final' },
            },
          },
          second: { invoke: invoking(after, 'ready') },
          ready: { type: 'final' },
          past: { type: 'history', history: deep ? 'deep' : 'shallow' },
        },
      },
      [pause]: { after: { 20: `${name}.past` } },
    },
    counts: () => ({ [before]: 1, [after]: 1, [pause]: 1 }),
  };
};
