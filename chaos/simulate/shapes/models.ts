import { classify, execute, reason, tool } from 'paceline';
import { z } from 'zod';
import { EFFECTS, GIVEN, invoking, prompt } from './shape.ts';
import type { Shape } from './shape.ts';

/** Which provider a flow asks: one of those with faults, or the one without. */
export type Asking = 'troubled' | 'calm';

/** A model picks a label, or answers in a shape. */
export const asking =
  (route: Asking): Shape =>
  ({ name, next, dice, declare }) => {
    const policy = { input: GIVEN, prompt, route, expectedMs: 200 };
    declare(
      name,
      dice.chance(0.5)
        ? classify({ ...policy, labels: ['refund', 'bug', 'other'] })
        : reason({ ...policy, output: z.object({ answer: z.string() }) }),
    );
    return { states: { [name]: { invoke: invoking(name, next) } }, counts: () => ({ [name]: 1 }) };
  };

/** A model calls tools of any effect until it answers. */
export const acting: Shape = ({ name, next, dice, declare, act }) => {
  const effect = dice.pick(EFFECTS);
  const book = tool({
    description: 'Books it.',
    input: z.object({ note: z.string() }),
    effect,
    run: ({ idempotencyKey: key }) => act({ runId: '', step: `${name}-tool`, effect, key }),
  });
  const output = z.object({ done: z.boolean() });
  declare(
    name,
    execute({ input: GIVEN, output, prompt, route: 'troubled', tools: { book }, expectedMs: 600 }),
  );
  return { states: { [name]: { invoke: invoking(name, next) } }, counts: () => ({ [name]: 1 }) };
};
