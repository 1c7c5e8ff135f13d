import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import type { Budget } from '../define/step.ts';
import { code } from '../define/steps.ts';
import { assign } from '../xstate/actions.ts';

const Letter = z.object({ text: z.string(), by: z.string().nullable() });

export interface Deeds {
  /** What the steps did, and when the run came to them. */
  readonly sent: string[];
}

/**
 * Writes a letter, waits until somebody has approved it, sends it. `amend` changes the text while it waits; `hurry` is taken only
 * while it is sent; nobody heeds an approval by `nobody`.
 */
export function approving(deeds: Deeds, { budget = { totalMs: 60_000 } }: { readonly budget?: Budget } = {}) {
  const step = code({
    input: Letter,
    output: Letter,
    effect: 'idempotent',
    run: ({ input }) => {
      deeds.sent.push(input.text);
      return input;
    },
  });
  return setupWorkflow({
    id: 'approving',
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
  }).createMachine({
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
        after: { 30_000: 'kept' },
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
