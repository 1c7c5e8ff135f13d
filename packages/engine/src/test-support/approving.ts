import type { Clock } from '@paceline/resilience';
import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import type { Budget } from '../define/step.ts';
import { code } from '../define/steps.ts';
import { assign } from '../xstate/actions.ts';

const Letter = z.object({ text: z.string(), by: z.string().nullable() });

/** What the steps did to the world. */
export interface Deeds {
  readonly sent: string[];
  /** For steps that take their time. */
  readonly clock?: Clock;
}

interface Options {
  readonly budget?: Budget;
  /** How long a step works. @default 0 */
  readonly stepMs?: number;
  /** Version 2, into which runs of version 1 go over as they are. It waits longer for an approval. @default false */
  readonly isNext?: boolean;
}

function lettersWith({ sent, clock }: Deeds, options: Options) {
  const { budget = { totalMs: 60_000 }, stepMs = 0, isNext = false } = options;
  const step = code({
    input: Letter,
    output: Letter,
    effect: 'idempotent',
    run: async ({ input }) => {
      if (input.by === 'slow') await new Promise<never>(() => {});
      await new Promise<void>((resolve) => (clock ? void clock.setTimer(stepMs, resolve) : resolve()));
      sent.push(input.text);
      return input;
    },
  });
  return setupWorkflow({
    id: 'approving',
    ...(isNext && ({ version: '2', migrate: { '1': 'compatible' } } as const)),
    input: z.object({ text: z.string() }),
    output: Letter,
    context: Letter,
    budget,
    steps: { write: step, send: step },
    signals: {
      approve: z.object({ by: z.string() }),
      amend: z.object({ text: z.string().trim() }),
      confirm: z.null(),
    },
  });
}

/**
 * Writes a letter, waits until somebody has approved it, sends it, waits for a confirmation. `amend` changes the text while it waits
 * for approval. Nobody heeds an approval by `nobody`, and a letter approved by `slow` is never sent.
 */
export function approving(deeds: Deeds, options: Options = {}) {
  return lettersWith(deeds, options).createMachine({
    context: ({ input }) => ({ text: input.text, by: null }),
    output: ({ context }) => context,
    initial: 'writing',
    states: {
      writing: {
        invoke: {
          id: 'write',
          src: 'write',
          input: ({ context }) => context,
          onDone: 'asking',
          onError: 'kept',
        },
      },
      asking: {
        on: {
          approve: {
            guard: ({ event }) => event.payload.by !== 'nobody',
            target: 'sending',
            actions: assign({ by: ({ event }) => event.payload.by }),
          },
          amend: { actions: assign({ text: ({ event }) => event.payload.text }) },
        },
        after: { [options.isNext === true ? 40_000 : 30_000]: 'kept' },
      },
      sending: {
        invoke: {
          id: 'send',
          src: 'send',
          input: ({ context }) => context,
          onDone: 'confirming',
          onError: 'kept',
        },
      },
      confirming: { on: { confirm: 'sent' } },
      sent: { type: 'final' },
      kept: { type: 'final', tags: ['degraded'] },
    },
  });
}
