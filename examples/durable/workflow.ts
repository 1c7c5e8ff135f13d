import { code, failureOf, setupWorkflow } from 'paceline';
import { assign } from 'xstate';
import { z } from 'zod';
import { act, actOnce, wasDone } from './back-office.ts';

const Order = z.object({
  order: z.string(),
  /** File that stands for the other systems. */
  ledger: z.string(),
  /** A part that is slow to answer, so that there is time to kill the process. */
  slow: z.enum(['reserve', 'charge', 'ship']).optional(),
});

const Done = z.object({});

const orders = setupWorkflow({
  id: 'orders',
  input: Order,
  output: z.object({ shipped: z.boolean(), doubted: z.boolean() }),
  context: Order.extend({ shipped: z.boolean(), doubted: z.boolean() }),
  budget: { totalMs: 600_000 },
  steps: {
    reserve: code({
      input: Order,
      output: Done,
      effect: 'idempotent',
      run: async (asking) => {
        await actOnce('reserve', asking);
        return {};
      },
    }),
    // The bank knows no keys: asked twice, it takes the money twice.
    charge: code({
      input: Order,
      output: Done,
      effect: 'once',
      run: async (asking) => {
        await act('charge', asking);
        return {};
      },
    }),
    askBank: code({
      input: Order,
      output: z.object({ charged: z.boolean() }),
      effect: 'pure',
      run: async ({ input }) => ({ charged: await wasDone('charge', input) }),
    }),
    ship: code({
      input: Order,
      output: Done,
      effect: 'idempotent',
      run: async (asking) => {
        await actOnce('ship', asking);
        return {};
      },
    }),
  },
});

/** An order is reserved, charged and shipped. When nobody knows whether it was charged, the bank is asked before anything else. */
export default orders.createMachine({
  context: ({ input }) => ({ ...input, shipped: false, doubted: false }),
  initial: 'reserving',
  states: {
    reserving: {
      invoke: {
        id: 'reserve',
        src: 'reserve',
        input: ({ context }) => context,
        onDone: 'charging',
        onError: 'refused',
      },
    },
    charging: {
      invoke: {
        id: 'charge',
        src: 'charge',
        input: ({ context }) => context,
        onDone: 'shipping',
        onError: [
          { guard: ({ event }) => failureOf(event.error).code === 'UNCERTAIN', target: 'doubting' },
          { target: 'refused' },
        ],
      },
    },
    doubting: {
      entry: assign({ doubted: true }),
      invoke: {
        id: 'askBank',
        src: 'askBank',
        input: ({ context }) => context,
        onDone: [{ guard: ({ event }) => event.output.charged, target: 'shipping' }, { target: 'refused' }],
        onError: 'refused',
      },
    },
    shipping: {
      invoke: {
        id: 'ship',
        src: 'ship',
        input: ({ context }) => context,
        onDone: { target: 'shipped', actions: assign({ shipped: true }) },
        onError: 'refused',
      },
    },
    shipped: { type: 'final' },
    refused: { type: 'final', tags: ['degraded'] },
  },
  output: ({ context }) => ({ shipped: context.shipped, doubted: context.doubted }),
});
