import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import type { Budget, Step } from '../define/step.ts';
import { assign } from '../xstate/actions.ts';

const Anything = z.json();

export interface FlowOptions {
  readonly budget?: Budget;
  /** What a failing step makes of the run. @default 'degraded': its output is the failure */
  readonly failing?: 'degraded' | 'failed';
}

/** A workflow of one step under an id of its own, to be put within another. It gives on what its step gives. */
export function flow(id: string, step: Step, { budget, failing = 'degraded' }: FlowOptions = {}) {
  return setupWorkflow({
    id,
    input: Anything,
    output: Anything,
    context: z.object({ value: Anything }),
    budget: budget ?? { totalMs: 10_000 },
    steps: { step },
  }).createMachine({
    context: ({ input }) => ({ value: input }),
    output: ({ context }) => context.value,
    initial: 'working',
    states: {
      working: {
        invoke: {
          id: 'step',
          src: 'step',
          input: ({ context }: { readonly context: { readonly value: unknown } }) => context.value,
          onDone: { target: 'done', actions: assign(({ event }) => ({ value: event.output as null })) },
          onError: { target: 'bad', actions: assign(({ event }) => ({ value: event.error as null })) },
        },
      },
      done: { type: 'final' },
      bad: { type: 'final', tags: [failing] },
    },
  });
}
