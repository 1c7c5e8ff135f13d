import { z } from 'zod';
import { child } from '../define/child.ts';
import { map } from '../define/map.ts';
import { setupWorkflow } from '../define/setup-workflow.ts';
import type { Step } from '../define/step.ts';
import { code } from '../define/steps.ts';
import { assign } from '../xstate/actions.ts';
import type { Case } from './case-conformance.ts';
import { add, cancelling, COUNT, fail, given, hang } from './steps-conformance.ts';

const Count = z.object({ n: z.number() });

/** One step, then the end; a failure of the step is the run's. */
function inner(step: typeof add) {
  return setupWorkflow({ ...COUNT, id: 'inner', steps: { step } }).createMachine({
    context: ({ input }) => input,
    output: given,
    initial: 'one',
    states: {
      one: {
        invoke: {
          id: 'one',
          src: 'step',
          input: given,
          onDone: { target: 'done', actions: assign(({ event }) => event.output) },
          onError: 'failed',
        },
      },
      done: { type: 'final' },
      failed: { type: 'final', tags: ['failed'] },
    },
  });
}

/** Three items of it: the run's output is their sum, or how many of them failed below 0. */
function many(step: Step) {
  return setupWorkflow({ ...COUNT, id: 'many', steps: { each: step } }).createMachine({
    context: ({ input }) => input,
    output: given,
    initial: 'one',
    states: {
      one: {
        invoke: {
          id: 'each',
          src: 'each',
          input: [{ n: 1 }, { n: 2 }, { n: 3 }],
          onDone: {
            target: 'done',
            actions: assign(({ event }) => ({ n: sumOf(event.output as readonly Ended[]) })),
          },
          onError: 'failed',
        },
      },
      done: { type: 'final' },
      failed: { type: 'final', tags: ['degraded'] },
    },
  });
}

type Ended = z.output<typeof Count> | { readonly ok: boolean };

function sumOf(ended: readonly Ended[]): number {
  return ended.reduce((sum, each) => sum + ('n' in each ? each.n : each.ok ? 0 : -1), 0);
}

/** Fails for 2. */
const picky = code({
  input: Count,
  output: Count,
  effect: 'pure',
  run: ({ input }) => {
    if (input.n === 2) throw new Error('as it should');
    return input;
  },
});

const ITEMS = ['each[0]', 'each[1]', 'each[2]'];

/** Runs within runs, and lists. All workflows take `{ n: 0 }`. */
export const NESTED: Readonly<Record<string, Case>> = {
  'a child gives its output to its parent': {
    expected: { status: 'succeeded', output: { n: 1 }, steps: ['step'] },
    prepare: () => ({ workflow: outer(child(inner(add))) }),
  },
  'a child that fails fails its step': {
    expected: { status: 'failed', code: 'STEP_FAILED', steps: ['step!'] },
    prepare: () => ({ workflow: outer(child(inner(fail))) }),
  },
  'a child has no more time than its parent’s step': {
    expected: { status: 'failed', code: 'DEADLINE_EXCEEDED', steps: ['step!'] },
    prepare: () => ({ workflow: outer({ ...child(inner(hang)), totalMs: 100 }) }),
  },
  'a cancel reaches the child': {
    expected: { status: 'cancelled', code: 'CANCELLED', steps: ['step!'] },
    prepare: () => {
      const caller = new AbortController();
      return { workflow: outer(child(inner(cancelling(caller)))), options: { signal: caller.signal } };
    },
  },
  'a list is done item by item': {
    expected: { status: 'succeeded', output: { n: 9 }, steps: [...ITEMS, 'each'] },
    prepare: () => ({ workflow: many(map(add)) }),
  },
  'an item that fails fails the list': {
    expected: { status: 'degraded', output: { n: 0 }, steps: ['each[0]', 'each[1]!', 'each!'] },
    prepare: () => ({ workflow: many(map(picky, { concurrency: 1 })) }),
  },
  'failures are collected': {
    expected: { status: 'succeeded', output: { n: -1 }, steps: ['each[0]', 'each[1]!', 'each[2]', 'each'] },
    prepare: () => ({ workflow: many(map(picky, { failure: 'collect', concurrency: 1 })) }),
  },
  'every item may be a child': {
    expected: { status: 'succeeded', output: { n: 9 }, steps: [...ITEMS, 'each'] },
    prepare: () => ({ workflow: many(map(child(inner(add)), { concurrency: 1 })) }),
  },
};

/** One step; its failure is the run's. */
function outer(step: ReturnType<typeof child<{ n: number }, { n: number }>>) {
  return setupWorkflow({ ...COUNT, id: 'outer', steps: { step } }).createMachine({
    context: ({ input }) => input,
    output: given,
    initial: 'one',
    states: {
      one: {
        invoke: {
          id: 'one',
          src: 'step',
          input: given,
          onDone: { target: 'done', actions: assign(({ event }) => event.output) },
          onError: 'failed',
        },
      },
      done: { type: 'final' },
      failed: { type: 'final', tags: ['failed'] },
    },
  });
}
