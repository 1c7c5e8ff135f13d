import { code, execute, setupWorkflow, tool } from 'paceline';
import { z } from 'zod';

const Order = z.object({ text: z.string() });
const order = ({ context }: { readonly context: { readonly text: string } }) => ({ text: context.text });

/** A model that wants to pay needs a person's yes; then a charge of which nobody knows whether it was made. */
export default setupWorkflow({
  id: 'desk',
  input: Order,
  output: Order,
  context: Order,
  budget: { totalMs: 600_000 },
  steps: {
    act: execute({
      input: Order,
      output: z.object({ done: z.boolean() }),
      prompt: ({ input }) => input.text,
      tools: {
        pay: tool({
          description: 'Pays money back.',
          input: z.object({ note: z.string() }),
          effect: 'once',
          approval: 'required',
          run: () => ({ paid: true }),
        }),
      },
    }),
    charge: code({
      input: Order,
      output: z.object({ chargeId: z.string() }),
      effect: 'once',
      totalMs: 1,
      onUncertain: 'wait',
      run: () => new Promise<never>(() => {}),
    }),
  },
}).createMachine({
  context: ({ input }) => input,
  output: order,
  initial: 'acting',
  states: {
    acting: { invoke: { id: 'act', src: 'act', input: order, onDone: 'charging', onError: 'failed' } },
    charging: { invoke: { id: 'charge', src: 'charge', input: order, onDone: 'done', onError: 'failed' } },
    done: { type: 'final' },
    failed: { type: 'final', tags: ['degraded'] },
  },
});
