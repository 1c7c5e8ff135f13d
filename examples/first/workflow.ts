import { classify, reason, setupWorkflow } from 'paceline';
import { assign } from 'xstate';
import { z } from 'zod';

const Question = z.object({ text: z.string() });
const Answer = z.object({ answer: z.string() });

const first = setupWorkflow({
  id: 'first',
  input: Question,
  output: Answer,
  context: z.object({ text: z.string(), answer: z.string() }),
  budget: { totalMs: 6_000, usd: 0.02 },
  steps: {
    triage: classify({
      input: Question,
      labels: ['question', 'complaint', 'other'],
      prompt: ({ input }) => ({ system: 'Say what this message is.', user: JSON.stringify(input.text) }),
      totalMs: 2_000,
      maxOutputTokens: 50,
    }),
    reply: reason({
      input: Question,
      output: Answer,
      prompt: ({ input }) => ({ system: 'Answer in two sentences.', user: JSON.stringify(input.text) }),
      // The budget has to hold what an answer could cost at most.
      maxOutputTokens: 300,
    }),
  },
});

export default first.createMachine({
  context: ({ input }) => ({ text: input.text, answer: 'A person will answer you.' }),
  initial: 'triaging',
  states: {
    triaging: {
      invoke: {
        id: 'triage',
        src: 'triage',
        input: ({ context }) => ({ text: context.text }),
        onDone: [
          { guard: ({ event }) => event.output.label === 'question', target: 'replying' },
          { target: 'done' },
        ],
        onError: 'handoff',
      },
    },
    replying: {
      invoke: {
        id: 'reply',
        src: 'reply',
        input: ({ context }) => ({ text: context.text }),
        onDone: { target: 'done', actions: assign({ answer: ({ event }) => event.output.answer }) },
        onError: 'handoff',
      },
    },
    done: { type: 'final' },
    handoff: { type: 'final', tags: ['degraded'] },
  },
  output: ({ context }) => ({ answer: context.answer }),
});
