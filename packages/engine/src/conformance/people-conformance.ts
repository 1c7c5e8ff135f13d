import { setupWorkflow } from '../define/setup-workflow.ts';
import { code } from '../define/steps.ts';
import { assign } from '../xstate/actions.ts';
import type { Case } from './case-conformance.ts';
import { COUNT, given } from './steps-conformance.ts';

/** Takes effect once and gives no result in its 50 ms: a person has to say what became of it. */
const charge = code({
  input: COUNT.input,
  output: COUNT.output,
  effect: 'once',
  totalMs: 50,
  onUncertain: 'wait',
  run: () => new Promise<never>(() => {}),
});

/** One charge. Whoever waits for its end gives up after a second. */
function charging() {
  return setupWorkflow({ ...COUNT, id: 'charging', steps: { charge } }).createMachine({
    context: ({ input }) => input,
    output: given,
    initial: 'charging',
    states: {
      charging: {
        invoke: {
          id: 'charge',
          src: 'charge',
          input: given,
          onDone: { target: 'charged', actions: assign(({ event }) => event.output) },
          onError: 'failed',
        },
        after: { 1_000: 'givenUp' },
      },
      charged: { type: 'final' },
      failed: { type: 'final', tags: ['degraded'] },
      givenUp: { type: 'final', tags: ['degraded'] },
    },
  });
}

/** How steps wait for people. */
export const PEOPLE: Readonly<Record<string, Case>> = {
  'a step in doubt ends with what a person says that it gave': {
    expected: { status: 'succeeded', output: { n: 7 }, steps: ['charge'] },
    answers: [{ type: 'done', output: { n: 7 } }],
    prepare: () => ({ workflow: charging() }),
  },
  'a step in doubt of which a person says that nothing happened takes its error edge': {
    expected: { status: 'degraded', output: { n: 0 }, steps: ['charge!'] },
    answers: [{ type: 'failed', reason: 'as it should' }],
    prepare: () => ({ workflow: charging() }),
  },
  'a state is left while its step waits for a person': {
    expected: { status: 'degraded', output: { n: 0 }, steps: ['charge!'] },
    prepare: () => ({ workflow: charging() }),
  },
  'the deadline ends a run whose step waits for a person': {
    expected: { status: 'failed', code: 'DEADLINE_EXCEEDED', steps: ['charge!'] },
    prepare: () => ({ workflow: charging(), options: { deadlineMs: 500 } }),
  },
};
