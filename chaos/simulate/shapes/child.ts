import { child, setupWorkflow } from 'paceline';
import { z } from 'zod';
import { PATIENT_MS } from '../patience.ts';
import { EFFECTS, GIVEN, invoking } from './shape.ts';
import type { Shape } from './shape.ts';

const invoke = (step: string, onDone: string) => ({
  id: step,
  src: step,
  input: ({ context }: { context: z.output<typeof GIVEN> }) => context,
  onDone,
  onError: 'unsure',
});

/** A run within the run: a step of any effect, a wait, another step. */
export const childRun: Shape = ({ name, next, dice, body, declare }) => {
  const [first, second] = [`${name}-first`, `${name}-second`];
  const steps = {
    [first]: body(first, { effect: dice.pick(EFFECTS) }),
    [second]: body(second, { effect: dice.pick(EFFECTS) }),
  };
  const machine = {
    context: ({ input }: { input: z.output<typeof GIVEN> }) => input,
    output: { key: `child ${name}` },
    initial: 'first',
    states: {
      first: { invoke: invoke(first, 'waiting') },
      waiting: { after: { 30: 'second' } },
      second: { invoke: invoke(second, 'ended') },
      ended: { type: 'final' },
      unsure: { type: 'final', tags: ['failed'] },
    },
  };
  const workflow = setupWorkflow({
    id: `${name}-child`,
    input: GIVEN,
    output: z.object({ key: z.string() }),
    context: GIVEN,
    budget: { totalMs: PATIENT_MS },
    steps,
    // Its names are drawn, so no type can follow them.
  }).createMachine(machine as never);
  declare(name, child(workflow as never));
  return { states: { [name]: { invoke: invoking(name, next) } }, counts: () => ({ [name]: 1 }) };
};
