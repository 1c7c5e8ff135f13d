import { test } from 'vitest';
import { oneStep } from '../test-support/one-step.ts';
import { code } from '../define/steps.ts';
import { z } from 'zod';
import { checkWorkflow } from './check-workflow.ts';

test('a machine is checked as it was made, whatever it takes and gives', () => {
  const None = z.object({});
  checkWorkflow(oneStep(code({ input: None, output: None, effect: 'pure', run: () => ({}) })));
  // @ts-expect-error: it is no workflow.
  checkWorkflow({});
});
