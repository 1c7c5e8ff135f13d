import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { StateValue } from '../xstate/types.ts';
import { setupWorkflow } from './setup-workflow.ts';
import { code } from './steps.ts';
import type { MachinePlace } from './workflow.ts';

const definition = {
  id: 'x',
  version: '3',
  input: z.object({}),
  output: z.object({}),
  context: z.object({ n: z.number() }),
  budget: { totalMs: 1_000 },
  steps: { step: code({ input: z.object({}), output: z.object({}), effect: 'pure', run: () => ({}) }) },
} as const;

/** An author who knows what there was says so. */
const known = ({ state, context }: MachinePlace<{ readonly m: number }>) => ({
  state,
  context: { n: context.m },
});

test('a migration is compatible, or gives a state and a context of the workflow', () => {
  setupWorkflow({
    ...definition,
    migrate: {
      '1': 'compatible',
      '2': ({ state, context }) => {
        expectTypeOf(state).toEqualTypeOf<StateValue>();
        // Nobody knows what an older version had there.
        expectTypeOf(context).toEqualTypeOf<unknown>();
        return { state, context: { n: 1 } };
      },
    },
  });
  setupWorkflow({ ...definition, migrate: { '1': known } });
});

test('a context that the workflow does not have is no migration', () => {
  setupWorkflow({
    ...definition,
    // @ts-expect-error `n` is a number
    migrate: { '1': ({ state }) => ({ state, context: { n: 'one' } }) },
  });
  setupWorkflow({
    ...definition,
    // @ts-expect-error no such word
    migrate: { '1': 'as it is' },
  });
});
