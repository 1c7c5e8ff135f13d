import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import type { Budget } from '../define/step.ts';
import { code } from '../define/steps.ts';
import { assign } from '../xstate/actions.ts';
import type { Case, Say } from './case-conformance.ts';
import { add, COUNT, given } from './steps-conformance.ts';

interface Told {
  readonly name: 'go' | 'count';
  readonly n: number;
  readonly id: string;
}

/** Says something to its own run, as anybody might meanwhile; then adds one, or hangs. */
function saying(say: Say, told: readonly Told[], { hangs = false } = {}) {
  return code({
    input: COUNT.input,
    output: COUNT.output,
    effect: 'pure',
    run: async ({ input }) => {
      for (const { name, n, id } of told) await say(name, { n }, { id });
      return hangs ? new Promise<never>(() => {}) : { n: input.n + 1 };
    },
  });
}

interface Given {
  readonly speak: ReturnType<typeof saying>;
  readonly budget?: Budget;
}

/** `speak`, then a state that waits for `go` for five seconds, then `add`. `count` is taken by every state that does not end the run. */
function listening({ speak, budget = COUNT.budget }: Given) {
  return setupWorkflow({
    ...COUNT,
    id: 'listening',
    budget,
    steps: { speak, add },
    signals: { go: z.object({ n: z.number() }), count: z.object({ n: z.number() }) },
  }).createMachine({
    context: ({ input }) => input,
    output: given,
    initial: 'speaking',
    on: { count: { actions: assign({ n: ({ context, event }) => 10 * context.n + event.payload.n }) } },
    states: {
      speaking: { invoke: { id: 'speak', src: 'speak', input: given, onDone: 'listening', onError: 'late' } },
      listening: {
        on: { go: { guard: ({ event }) => event.payload.n > 0, target: 'adding' } },
        after: { 5_000: 'late' },
      },
      adding: {
        invoke: {
          id: 'add',
          src: 'add',
          input: given,
          onDone: { target: 'done', actions: assign(({ event }) => event.output) },
          onError: 'late',
        },
      },
      done: { type: 'final' },
      late: { type: 'final', tags: ['degraded'] },
    },
  });
}

const go = (n: number): Told => ({ name: 'go', n, id: `go ${n}` });
const count = (n: number, id = `count ${n}`): Told => ({ name: 'count', n, id });

/** What becomes of signals. All workflows take `{ n: 0 }`. */
export const SIGNALS: Readonly<Record<string, Case>> = {
  'a signal is taken at once where a state handles it': {
    expected: { status: 'degraded', output: { n: 12 }, steps: ['speak'] },
    prepare: (say) => ({ workflow: listening({ speak: saying(say, [count(1), count(2)]) }) }),
  },
  'a signal that no state handles waits for one that does': {
    expected: { status: 'succeeded', output: { n: 4 }, steps: ['speak', 'add'] },
    prepare: (say) => ({ workflow: listening({ speak: saying(say, [go(1), count(3)]) }) }),
  },
  'a signal that a guard refuses waits on, and the state is left by its `after`': {
    expected: { status: 'degraded', output: { n: 0 }, steps: ['speak'] },
    prepare: (say) => ({ workflow: listening({ speak: saying(say, [go(0)]) }) }),
  },
  'a signal whose id was heard is not taken again': {
    expected: { status: 'degraded', output: { n: 1 }, steps: ['speak'] },
    prepare: (say) => ({
      workflow: listening({ speak: saying(say, [count(1, 'once'), count(2, 'once')]) }),
    }),
  },
  'time spent waiting for a signal counts towards the budget': {
    expected: { status: 'failed', code: 'DEADLINE_EXCEEDED', steps: ['speak'] },
    prepare: (say) => ({ workflow: listening({ speak: saying(say, []), budget: { totalMs: 1_000 } }) }),
  },
  'time spent waiting for a signal does not count where it is free': {
    expected: { status: 'degraded', output: { n: 0 }, steps: ['speak'] },
    prepare: (say) => ({
      workflow: listening({ speak: saying(say, []), budget: { totalMs: 1_000, waiting: 'free' } }),
    }),
  },
  'time in which a step is at work is never free': {
    expected: { status: 'degraded', output: { n: 1 }, steps: ['speak!'] },
    prepare: (say) => ({
      workflow: listening({
        speak: saying(say, [count(1)], { hangs: true }),
        budget: { totalMs: 1_000, waiting: 'free' },
      }),
    }),
  },
};
