import { code, setupWorkflow } from 'paceline';
import { z } from 'zod';

const Message = z.object({ text: z.string(), times: z.coerce.number().int().min(1).default(1) });

const echo = setupWorkflow({
  id: 'echo',
  input: Message,
  output: z.object({ said: z.string().refine((said) => said !== 'fail', 'was asked to fail') }),
  context: z.object({ text: z.string(), times: z.number() }),
  budget: { totalMs: 60_000 },
  steps: {
    say: code({
      input: z.object({ text: z.string() }),
      output: z.object({}),
      effect: 'pure',
      expectedMs: 1,
      run: ({ input, signal }) => {
        if (input.text === 'degrade') throw new Error('asked to degrade');
        if (input.text !== 'hang') return {};
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
      },
    }),
  },
});

/** Says its text so many times. `fail` fails, `degrade` ends second best, `hang` waits until it is stopped. */
export default echo.createMachine({
  context: ({ input }) => ({ text: input.text, times: input.times }),
  initial: 'saying',
  states: {
    saying: {
      invoke: {
        id: 'say',
        src: 'say',
        input: ({ context }) => ({ text: context.text }),
        onDone: 'done',
        onError: 'silent',
      },
    },
    done: { type: 'final' },
    silent: { type: 'final', tags: ['degraded'] },
  },
  output: ({ context }) => ({ said: context.text.repeat(context.times) }),
});
