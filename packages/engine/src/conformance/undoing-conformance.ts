import { child } from '../define/child.ts';
import type { CompensateArgs } from '../define/step.ts';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { code } from '../define/steps.ts';
import type { Case } from './case-conformance.ts';
import { at, counting } from './machines.ts';
import { COUNT, fail, given } from './steps-conformance.ts';

type Count = { readonly n: number };

/** Takes effect, and can be undone. */
function booking(compensate: (args: CompensateArgs<Count, Count>) => unknown) {
  return code({
    input: COUNT.input,
    output: COUNT.output,
    effect: 'once',
    run: ({ input }) => ({ n: input.n + 1 }),
    compensate,
    compensateAttempts: 2,
  });
}

/** `book`, then `fail`; its end says what kind of failure the run comes to. */
function bookThenFail(compensate: (args: CompensateArgs<Count, Count>) => unknown, between = 0) {
  return setupWorkflow({ ...COUNT, id: 'undoing', steps: { book: booking(compensate), fail } }).createMachine(
    {
      context: ({ input }) => input,
      output: given,
      initial: 'booking',
      states: {
        booking: {
          invoke: {
            id: 'book',
            src: 'book',
            input: given,
            // A way that takes no time: a run that could only wait until its deadline would not begin.
            onDone: [{ guard: ({ context }) => context.n > 100, target: 'done' }, { target: 'resting' }],
            onError: 'failed',
          },
        },
        resting: { after: { [between]: 'failing' } },
        failing: { invoke: { id: 'fail', src: 'fail', input: given, onDone: 'done', onError: 'failed' } },
        done: { type: 'final' },
        failed: { type: 'final', tags: ['failed'] },
      },
    },
  );
}

/** What is undone of a run that does not reach its goal. All workflows take `{ n: 0 }`. */
export const UNDOING: Readonly<Record<string, Case>> = {
  'a run that fails undoes what it did, then says why it failed': {
    expected: { status: 'failed', code: 'STEP_FAILED', steps: ['book', 'fail!'] },
    prepare: () => ({ workflow: bookThenFail(() => {}) }),
  },
  'what could not be undone is what the run says first': {
    expected: { status: 'failed', code: 'COMPENSATION_FAILED', steps: ['book', 'fail!'] },
    prepare: () => ({
      workflow: bookThenFail(() => {
        throw new Error('as it should');
      }),
    }),
  },
  'a run over its deadline is undone in a time of its own': {
    expected: { status: 'failed', code: 'DEADLINE_EXCEEDED', steps: ['book'] },
    prepare: () => ({ workflow: bookThenFail(() => {}, 5_000), options: { deadlineMs: 300 } }),
  },
  'what a finished child did is undone when its parent fails': {
    expected: { status: 'failed', code: 'STEP_FAILED', steps: ['trip', 'fail!'] },
    prepare: () => {
      const trip = child(counting({ book: booking(() => {}) }, { booking: at('book') }));
      return {
        workflow: counting(
          { trip, fail },
          { away: at('trip', 'back'), back: at('fail') },
          { failed: 'failed' },
        ),
      };
    },
  },
};
