import { execute, tool } from 'paceline';
import { z } from 'zod';
import { GIVEN, invoking, prompt } from './shape.ts';
import type { Effect } from 'paceline';
import type { Shape } from './shape.ts';

/** A model wants to call a tool that a person has to allow. */
export const approval: Shape = ({ name, next, dice, declare, act }) => {
  const effect = dice.pick<Effect>(['idempotent', 'once']);
  const pay = tool({
    description: 'Pays it.',
    input: z.object({ amount: z.number() }),
    effect,
    approval: 'required',
    run: ({ idempotencyKey: key }) => act({ runId: '', step: `${name}-pay`, effect, key }),
  });
  const output = z.object({ done: z.boolean() });
  declare(name, execute({ input: GIVEN, output, prompt, route: 'troubled', tools: { pay } }));
  return { states: { [name]: { invoke: invoking(name, next) } }, counts: () => ({ [name]: 1 }) };
};
