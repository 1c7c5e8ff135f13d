import { code, execute, setupWorkflow, tool } from 'paceline';
import { assign } from 'xstate';
import { z } from 'zod';

const Complaint = z.object({ text: z.string(), orderId: z.string() });
const Settled = z.object({ reply: z.string() });

/** Stands for the bank: what was paid, by order. It knows no keys. */
export const bank = new Map<string, number>();

/** Pays at most once. Up to 20 it does so at once; above that a person is shown what is to be paid, and to whom. */
const refund = tool({
  description: 'Pays money back for an order, in EUR. Use it when the customer is right.',
  input: z.object({ orderId: z.string(), amountEur: z.number().positive() }),
  effect: 'once',
  approval: ({ input }) => input.amountEur > 20,
  run: ({ input }) => {
    bank.set(input.orderId, input.amountEur);
    return { refunded: input.amountEur };
  },
});

const refunds = setupWorkflow({
  id: 'refunds',
  input: Complaint,
  output: z.object({ reply: z.string().nullable() }),
  context: Complaint.extend({ reply: z.string().nullable() }),
  // A minute of work. How long people take is theirs to say, up to a day.
  budget: { totalMs: 60_000, waiting: 'free' },
  steps: {
    settle: execute({
      input: Complaint,
      output: Settled,
      tools: { refund },
      // Should nobody know whether it was paid, somebody looks into the bank's books.
      onUncertain: 'wait',
      prompt: ({ input }) => ({
        system: 'Settle the complaint: refund what is due, then answer the customer in a sentence.',
        user: JSON.stringify(input),
      }),
    }),
    reply: code({ input: Settled, output: Settled, effect: 'idempotent', run: ({ input }) => input }),
  },
});

/** A complaint is settled and answered. If a day passes without a word on its refund, a person takes it over. */
export default refunds.createMachine({
  context: ({ input }) => ({ ...input, reply: null }),
  initial: 'settling',
  states: {
    settling: {
      invoke: {
        id: 'settle',
        src: 'settle',
        input: ({ context: { text, orderId } }) => ({ text, orderId }),
        onDone: { target: 'replying', actions: assign({ reply: ({ event }) => event.output.reply }) },
        onError: 'handedOver',
      },
      after: { 86_400_000: 'handedOver' },
    },
    replying: {
      invoke: {
        id: 'reply',
        src: 'reply',
        input: ({ context }) => ({ reply: context.reply ?? '' }),
        onDone: 'done',
        onError: 'handedOver',
      },
    },
    done: { type: 'final' },
    handedOver: { type: 'final', tags: ['degraded'] },
  },
  output: ({ context: { reply } }) => ({ reply }),
});
