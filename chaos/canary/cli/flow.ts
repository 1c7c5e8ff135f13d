import { reason, setupWorkflow } from 'paceline';
import { z } from 'zod';

const TEXT = z.object({ text: z.string() });
const { CANARY_CASE, CANARY_API_KEY } = process.env;

const flow = setupWorkflow({
  id: 'canary',
  input: TEXT,
  output: TEXT,
  context: TEXT,
  budget: { totalMs: 10_000 },
  steps: {
    ask: reason({
      input: TEXT,
      output: TEXT,
      prompt: ({ input }) => {
        if (CANARY_CASE === 'workflow-throws') throw new Error(`It failed with ${CANARY_API_KEY}.`);
        return CANARY_CASE === 'prompt' ? `Use ${CANARY_API_KEY}.` : input.text;
      },
    }),
  },
});

export default flow.createMachine({
  context: ({ input }) => input,
  output: ({ context }) => context,
  initial: 'asking',
  states: {
    asking: {
      invoke: { id: 'ask', src: 'ask', input: ({ context }) => context, onDone: 'done', onError: 'failed' },
    },
    done: { type: 'final' },
    failed: { type: 'final', tags: ['failed'] },
  },
});
