import { code, setupWorkflow } from 'paceline';
import { z } from 'zod';

const letter = setupWorkflow({
  id: 'letter',
  input: z.object({ text: z.string() }),
  output: z.object({ sent: z.string() }),
  context: z.object({ text: z.string() }),
  budget: { totalMs: 60_000 },
  signals: { approve: z.object({ by: z.string() }), withdraw: z.null() },
  steps: {
    write: code({
      input: z.object({}),
      output: z.object({}),
      effect: 'pure',
      expectedMs: 1,
      run: () => ({}),
    }),
  },
});

/** Waits until somebody approves. Only a letter that is approved can be withdrawn. */
export default letter.createMachine({
  context: ({ input }) => ({ text: input.text }),
  output: ({ context }) => ({ sent: context.text }),
  initial: 'writing',
  states: {
    writing: { invoke: { id: 'write', src: 'write', input: {}, onDone: 'asking', onError: 'kept' } },
    asking: { on: { approve: 'leaving' } },
    leaving: { on: { withdraw: 'kept' }, after: { 1: 'sent' } },
    sent: { type: 'final' },
    kept: { type: 'final', tags: ['degraded'] },
  },
});
