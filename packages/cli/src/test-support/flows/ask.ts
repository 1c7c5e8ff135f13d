import { classify, setupWorkflow } from 'paceline';
import { z } from 'zod';

const Message = z.object({ text: z.string() });

const ask = setupWorkflow({
  id: 'ask',
  input: Message,
  output: z.object({}),
  context: Message,
  budget: { totalMs: 5_000 },
  steps: {
    triage: classify({ input: Message, labels: ['bug', 'other'], prompt: ({ input }) => input.text }),
  },
});

/** One model call. */
export default ask.createMachine({
  context: ({ input }) => input,
  initial: 'asking',
  states: {
    asking: {
      invoke: {
        id: 'triage',
        src: 'triage',
        input: ({ context }) => context,
        onDone: 'done',
        onError: 'unknown',
      },
    },
    done: { type: 'final' },
    unknown: { type: 'final', tags: ['degraded'] },
  },
  output: {},
});
