import { z } from 'zod';
import { code } from '../define/steps.ts';

const Count = z.object({ n: z.number() });

/** What all conformance workflows have in common. */
export const COUNT = { input: Count, output: Count, context: Count, budget: { totalMs: 10_000 } };

/** Adds one. */
export const add = code({
  input: Count,
  output: Count,
  effect: 'pure',
  run: ({ input }) => ({ n: input.n + 1 }),
});

/** Always throws. */
export const fail = code({
  input: Count,
  output: Count,
  effect: 'pure',
  run: () => {
    throw new Error('as it should');
  },
});

/** Never ends by itself, and ignores its signal. */
export const hang = code({
  input: Count,
  output: Count,
  effect: 'pure',
  run: () => new Promise<never>(() => {}),
});

/** Fails as often as it is told to, then adds one. */
export function failing(times: number, attempts = 1) {
  let left = times;
  return code({
    input: Count,
    output: Count,
    effect: 'idempotent',
    attempts,
    run: async ({ input }) => {
      if (left-- > 0) throw new Error('not yet');
      return { n: input.n + 1 };
    },
  });
}

/** The context, as a step's input or the run's output. */
export const given = ({ context }: { readonly context: { readonly n: number } }) => ({ n: context.n });

/** Lets the caller lose patience while it works. */
export function cancelling(caller: AbortController) {
  return code({
    input: Count,
    output: Count,
    effect: 'pure',
    run: () => {
      caller.abort();
      return new Promise<never>(() => {});
    },
  });
}
