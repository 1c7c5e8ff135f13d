import { assign } from 'xstate';
import { z } from 'zod';
import { setupWorkflow } from './setup-workflow.ts';
import { classify, code, execute, reason, tool } from './steps.ts';

const Decision = z.object({ kind: z.enum(['pay', 'ask']), amount: z.number() });

const flow = setupWorkflow({
  id: 'support',
  input: z.object({ text: z.string(), urgent: z.boolean().default(false) }),
  output: z.object({ done: z.string() }),
  context: z.object({ text: z.string(), label: z.string().nullable(), amount: z.number() }),
  budget: { totalMs: 8_000, usd: 0.02 },
  steps: {
    triage: classify({
      input: z.object({ text: z.string() }),
      labels: ['refund', 'bug'],
      prompt: ({ input }) => input.text.trim(),
      totalMs: 1_500,
    }),
    decide: reason({
      input: z.object({ text: z.string(), label: z.string() }),
      output: Decision,
      prompt: ({ input }) => ({ system: 'Decide.', user: input.text }),
    }),
    act: execute({
      input: z.object({ amount: z.number() }),
      output: z.object({ receipt: z.string() }),
      tools: {
        issueRefund: tool({
          description: 'Pays back',
          input: z.object({ amount: z.number() }),
          effect: 'idempotent',
          run: ({ input, idempotencyKey }) => ({ id: idempotencyKey, amount: input.amount.toFixed(2) }),
        }),
      },
      maxToolCalls: 4,
      prompt: ({ input }) => `Refund ${input.amount.toFixed(2)}`,
    }),
    notify: code({
      input: z.object({ to: z.string() }),
      output: z.object({ sent: z.boolean() }),
      effect: 'idempotent',
      attempts: 3,
      run: async ({ input, signal }) => ({ sent: input.to.length > 0 && !signal.aborted }),
    }),
  },
});

export const machine = flow.createMachine({
  initial: 'triaging',
  context: ({ input }) => ({ text: input.text, label: null, amount: input.urgent ? 1 : 0 }),
  states: {
    triaging: {
      invoke: {
        id: 'triage',
        src: 'triage',
        input: ({ context }) => ({ text: context.text }),
        onDone: [
          {
            guard: ({ event }) => event.output.label === 'refund' && (event.output.confidence ?? 0) > 0.5,
            target: 'deciding',
            actions: assign({ label: ({ event }) => event.output.label }),
          },
          { target: 'handoff' },
        ],
        onError: 'handoff',
      },
    },
    deciding: {
      invoke: {
        id: 'decide',
        src: 'decide',
        input: ({ context }) => ({ text: context.text, label: context.label ?? 'none' }),
        onDone: { target: 'done', actions: assign(({ event }) => ({ amount: event.output.amount })) },
        onError: { target: 'handoff', actions: assign({ text: ({ context }) => context.text }) },
      },
    },
    done: { type: 'final' },
    handoff: { type: 'final', tags: ['degraded'] },
  },
  output: ({ context }) => ({ done: context.text }),
});
