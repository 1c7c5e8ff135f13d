import { z } from 'zod';
import { assign, raise } from '../xstate/actions.ts';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { code } from '../define/steps.ts';
import type { Workflow } from '../define/workflow.ts';

/** A step that gives back what it is given. Tests of the pure core never run it. */
export const echo = code({
  input: z.object({ n: z.number() }),
  output: z.object({ n: z.number() }),
  effect: 'pure',
  run: ({ input }) => input,
});

const numbers = {
  input: z.object({ n: z.number() }),
  output: z.object({ n: z.number() }),
  context: z.object({ n: z.number() }),
  budget: { totalMs: 1_000 },
};

/** `first` then `second`; a failure of `first` visits it again, one of `second` ends degraded; `first` waits 200 ms at most. */
export const twoSteps = setupWorkflow({
  id: 'two-steps',
  ...numbers,
  steps: { first: echo, second: echo },
}).createMachine({
  context: ({ input }) => ({ n: input.n }),
  output: ({ context }) => ({ n: context.n }),
  initial: 'one',
  states: {
    one: {
      invoke: {
        id: 'first',
        src: 'first',
        input: ({ context }) => ({ n: context.n }),
        onDone: { target: 'two', actions: assign({ n: ({ event }) => event.output.n }) },
        onError: { target: 'one', reenter: true },
      },
      after: { 200: 'late' },
    },
    two: {
      invoke: {
        id: 'second',
        src: 'second',
        input: ({ context }) => ({ n: context.n }),
        onDone: { target: 'done', actions: assign({ n: ({ event }) => event.output.n }) },
        onError: 'late',
      },
    },
    done: { type: 'final' },
    late: { type: 'final', tags: ['degraded'] },
  },
});

/** Both regions work at once; `quick` has a delayed raise of its own, and a state nobody ever sees. */
export const bothAtOnce = setupWorkflow({
  id: 'both-at-once',
  ...numbers,
  steps: { left: echo, right: echo, unseen: echo },
}).createMachine({
  context: ({ input }) => ({ n: input.n }),
  output: ({ context }) => ({ n: context.n }),
  initial: 'working',
  states: {
    working: {
      type: 'parallel',
      onDone: 'done',
      states: {
        slow: {
          initial: 'busy',
          states: {
            busy: {
              invoke: { id: 'left', src: 'left', input: { n: 1 }, onDone: 'ready', onError: '#given-up' },
            },
            ready: { type: 'final' },
          },
        },
        quick: {
          initial: 'passing',
          states: {
            passing: {
              invoke: { id: 'unseen', src: 'unseen', input: { n: 0 }, onError: 'busy' },
              always: 'busy',
            },
            busy: {
              entry: raise({ type: 'HURRY' }, { id: 'hurry', delay: 300 }),
              on: { HURRY: 'ready' },
              invoke: { id: 'right', src: 'right', input: { n: 2 }, onDone: 'ready', onError: 'ready' },
            },
            ready: { type: 'final' },
          },
        },
      },
    },
    done: { type: 'final' },
    'given-up': { id: 'given-up', type: 'final', tags: ['degraded'] },
  },
});

/** For the functions that take a workflow of whatever input. */
export function asWorkflow<Input, Output>(workflow: Workflow<Input, Output>): Workflow {
  return workflow as unknown as Workflow;
}
