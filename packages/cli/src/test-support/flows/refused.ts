import { code, setupWorkflow } from 'paceline';
import { z } from 'zod';

const refused = setupWorkflow({
  id: 'refused',
  input: z.object({}),
  output: z.object({}),
  context: z.object({}),
  budget: { totalMs: 1_000 },
  steps: { work: code({ input: z.object({}), output: z.object({}), effect: 'pure', run: () => ({}) }) },
});

/** Refused when it is defined: nothing says what happens if the step fails. */
export default refused.createMachine({
  context: {},
  initial: 'working',
  states: {
    working: { invoke: { id: 'work', src: 'work', input: {}, onDone: 'done' } },
    done: { type: 'final' },
  },
  output: {},
});
