import { child, map, setupWorkflow } from 'paceline';
import { z } from 'zod';
import echo from './echo.ts';

const Texts = z.object({ texts: z.array(z.string()) });

const crowd = setupWorkflow({
  id: 'crowd',
  input: Texts,
  output: z.object({}),
  context: Texts,
  budget: { totalMs: 60_000 },
  steps: { each: map(child(echo), { failure: 'collect' }) },
});

/** Has every text said by a child run of its own. */
export default crowd.createMachine({
  context: ({ input }) => input,
  initial: 'saying',
  states: {
    saying: {
      invoke: {
        id: 'each',
        src: 'each',
        input: ({ context }) => context.texts.map((text) => ({ text })),
        onDone: 'done',
        onError: 'silent',
      },
    },
    done: { type: 'final' },
    silent: { type: 'final', tags: ['degraded'] },
  },
  output: {},
});
