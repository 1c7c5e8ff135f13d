import { expect, test } from 'vitest';
import { z } from 'zod';
import { setupWorkflow } from './setup-workflow.ts';
import { code } from './steps.ts';

const step = code({ input: z.object({}), output: z.object({}), effect: 'pure', run: () => ({}) });
const COMPLETE = {
  id: 'x',
  input: z.object({}),
  output: z.object({}),
  context: z.object({}),
  budget: { totalMs: 1_000 },
  steps: { step },
};

/** As a file that nobody type-checked would call it. */
const setUp = (definition: unknown) => () => setupWorkflow(definition as typeof COMPLETE);

test('a complete definition is taken', () => {
  expect(setUp(COMPLETE)).not.toThrow();
});

test.each([
  [{ id: undefined }, "`id` is missing. Name the workflow, e.g. `id: 'support'`."],
  [{ input: undefined }, '`input` is no schema. Give a zod schema, e.g. `input: z.object({ ... })`.'],
  [{ output: { type: 'object' } }, '`output` is no schema.'],
  [{ context: null }, '`context` is no schema.'],
  [{ budget: undefined }, '`budget.totalMs` is missing.'],
  [{ budget: {} }, '`budget.totalMs` is missing.'],
  [{ signals: { approve: 'yes' } }, '`signals.approve` is no schema.'],
  [{ version: 2 }, '`version` is no text.'],
  [{ version: '' }, '`version` is no text.'],
  [{ migrate: { '1': 'as it is' } }, "`migrate['1']` is no migration."],
  [{ steps: {} }, '`steps` is missing.'],
  [{ steps: { ask: () => 1 } }, '`steps.ask` is no step.'],
  [{ steps: { ask: { ...step, output: undefined } } }, '`steps.ask.output` is no schema.'],
])('without %o it says what to give', (change, message) => {
  expect(setUp({ ...COMPLETE, ...change })).toThrow(message);
});

test('versions and migrations are taken', () => {
  const migrate = { '1': 'compatible', '2': () => ({ state: 'a', context: {} }) };
  expect(setUp({ ...COMPLETE, version: '3', migrate })).not.toThrow();
});

test('all that is missing is listed at once', () => {
  expect(setUp(undefined)).toThrow(
    /`id`[\s\S]*`input`[\s\S]*`output`[\s\S]*`context`[\s\S]*`budget\.totalMs`[\s\S]*`steps`/,
  );
});
