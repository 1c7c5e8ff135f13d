import { child, map, setupWorkflow } from 'paceline';
import type { Workflow } from 'paceline';
import { assign } from 'xstate';
import { z } from 'zod';
import { GIVEN, givenRun, stepsTelling } from './workflow.ts';
import type { World } from './workflow.ts';

/** Begins the id of each run of it. */
export const WIDE = 'wide';

const ITEMS = 3;

/** How often each step takes effect in a run that goes well; the items are steps too. */
export const WIDE_VISITS: Readonly<Record<string, number>> = { dig: 1, pick: ITEMS, wrap: 1 };

/** What a wide run gives back. */
export const WIDE_OUTPUT = 3;

const TOTAL_MS = 60 * 60_000;

const SAID = z.object({ by: z.string() });

function stepsIn(world: World) {
  const telling = stepsTelling(world);
  return {
    dig: telling('dig', 'pure'),
    pick: telling('pick', 'idempotent'),
    wrap: telling('wrap', 'idempotent'),
  };
}

/** A run of its own for one step, and nothing to give back. */
function digIn(dig: ReturnType<typeof stepsIn>['dig']): Workflow<{ runId: string }, null> {
  return setupWorkflow({
    id: 'kill-dig',
    input: GIVEN,
    output: z.null(),
    context: GIVEN,
    budget: { totalMs: TOTAL_MS },
    steps: { dig },
  }).createMachine({
    context: ({ input }) => input,
    output: () => null,
    initial: 'digging',
    states: {
      digging: { invoke: { id: 'dig', src: 'dig', input: givenRun, onDone: 'dug', onError: 'failed' } },
      dug: { type: 'final' },
      failed: { type: 'final', tags: ['failed'] },
    },
  });
}

/** A child run, three items side by side, a person's word and a step. */
export function wideChainIn(world: World) {
  const { dig, pick, wrap } = stepsIn(world);
  const count = assign(({ context }: { context: { done: number } }) => ({ done: context.done + 1 })) as never;
  return setupWorkflow({
    id: 'kill-wide',
    input: GIVEN,
    output: z.number(),
    context: z.object({ runId: z.string(), done: z.number() }),
    budget: { totalMs: TOTAL_MS },
    steps: { dig: child(digIn(dig)), pick: map(pick, { concurrency: 2 }), wrap },
    signals: { go: SAID },
  }).createMachine({
    context: ({ input: { runId } }) => ({ runId, done: 0 }),
    output: ({ context }) => context.done,
    initial: 'digging',
    states: {
      digging: {
        invoke: {
          id: 'dig',
          src: 'dig',
          input: givenRun,
          onDone: { target: 'picking', actions: count },
          onError: 'failed',
        },
      },
      picking: {
        invoke: {
          id: 'pick',
          src: 'pick',
          input: ({ context: { runId } }) => Array.from({ length: ITEMS }, () => ({ runId })),
          onDone: { target: 'asking', actions: count },
          onError: 'failed',
        },
      },
      asking: { on: { go: 'wrapping' } },
      wrapping: {
        invoke: {
          id: 'wrap',
          src: 'wrap',
          input: givenRun,
          onDone: { target: 'wrapped', actions: count },
          onError: 'failed',
        },
      },
      wrapped: { type: 'final' },
      failed: { type: 'final', tags: ['failed'] },
    },
  });
}
