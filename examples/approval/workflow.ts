import { code, setupWorkflow } from 'paceline';
import { assign } from 'xstate';
import { z } from 'zod';

const Letter = z.object({ to: z.string(), text: z.string() });

const letters = setupWorkflow({
  id: 'letters',
  input: Letter,
  output: z.object({ sent: z.boolean(), text: z.string(), by: z.string().nullable() }),
  context: Letter.extend({ sent: z.boolean(), by: z.string().nullable() }),
  // Ten seconds of work; how long people take is theirs to say, up to a day.
  budget: { totalMs: 10_000, waiting: 'free' },
  steps: {
    send: code({
      input: Letter,
      output: z.object({ receipt: z.string() }),
      effect: 'idempotent',
      run: async ({ input, idempotencyKey }) => ({ receipt: `${input.to}-${idempotencyKey}` }),
    }),
  },
  signals: {
    approve: z.object({ by: z.string() }),
    amend: z.object({ text: z.string() }),
    reject: z.object({ by: z.string() }),
  },
});

/** A letter is sent when a person has approved it, as amended until then. */
export default letters.createMachine({
  context: ({ input }) => ({ ...input, sent: false, by: null }),
  initial: 'asking',
  states: {
    asking: {
      on: {
        approve: { target: 'sending', actions: assign({ by: ({ event }) => event.payload.by }) },
        amend: { actions: assign({ text: ({ event }) => event.payload.text }) },
        reject: { target: 'kept', actions: assign({ by: ({ event }) => event.payload.by }) },
      },
      after: { 86_400_000: 'kept' },
    },
    sending: {
      invoke: {
        id: 'send',
        src: 'send',
        input: ({ context: { to, text } }) => ({ to, text }),
        onDone: { target: 'done', actions: assign({ sent: true }) },
        onError: 'kept',
      },
    },
    done: { type: 'final' },
    kept: { type: 'final', tags: ['degraded'] },
  },
  output: ({ context: { sent, text, by } }) => ({ sent, text, by }),
});
