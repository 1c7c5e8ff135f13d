import { failureOf } from '../define/failure.ts';
import { assign, cancel, raise } from '../xstate/actions.ts';
import type { Case } from './case-conformance.ts';
import { at, counting, taken } from './machines.ts';
import type { Args } from './machines.ts';
import { add, fail, failing, hang } from './steps-conformance.ts';

const isStepFailed = ({ event }: Args): boolean => failureOf(event.error).code === 'STEP_FAILED';

/** A region that adds five to the context. */
function adding(id: string): object {
  const onDone = {
    target: 'ready',
    actions: assign(({ context, event }: Args) => ({ n: context.n + (event.output as { n: number }).n })),
  };
  const busy = at('add', { id, input: { n: 4 }, onDone, onError: '#failed' });
  return { initial: 'busy', states: { busy, ready: { type: 'final' } } };
}

/** Ways through a machine. All workflows take `{ n: 0 }`. */
export const SHAPES: Readonly<Record<string, Case>> = {
  'steps follow one another': {
    expected: { status: 'succeeded', output: { n: 3 }, steps: ['add', 'add', 'add'] },
    prepare: () => ({
      workflow: counting(
        { add },
        {
          one: at('add', { id: 'one', onDone: 'two' }),
          two: at('add', { id: 'two', onDone: 'three' }),
          three: at('add', { id: 'three' }),
        },
      ),
    }),
  },
  'a guard on the output chooses the way': {
    expected: { status: 'succeeded', output: { n: 2 }, steps: ['add', 'add'] },
    prepare: () => {
      const onDone = [
        { guard: ({ event }: Args) => (event.output as { n: number }).n > 5, target: 'wrong' },
        { target: 'right', actions: taken },
      ];
      const one = at('add', { id: 'one', onDone });
      return {
        workflow: counting({ add, fail }, { one, wrong: at('fail'), right: at('add', { id: 'right' }) }),
      };
    },
  },
  'a failing step takes its error path': {
    expected: { status: 'succeeded', output: { n: 1 }, steps: ['fail!', 'add'] },
    prepare: () => {
      const onError = [{ guard: isStepFailed, target: 'mend' }, { target: 'failed' }];
      return { workflow: counting({ add, fail }, { one: at('fail', { onError }), mend: at('add') }) };
    },
  },
  'a final state tagged degraded ends the run degraded': {
    expected: { status: 'degraded', output: { n: 0 }, steps: ['fail!'] },
    prepare: () => ({ workflow: counting({ fail }, { one: at('fail') }) }),
  },
  'a failing step is tried again as often as it allows': {
    expected: { status: 'succeeded', output: { n: 1 }, steps: ['flaky'] },
    prepare: () => ({ workflow: counting({ flaky: failing(2, 3) }, { one: at('flaky') }) }),
  },
  'a state may be entered again': {
    expected: { status: 'succeeded', output: { n: 1 }, steps: ['flaky!', 'flaky!', 'flaky'] },
    prepare: () => {
      const onError = { target: 'one', reenter: true };
      return { workflow: counting({ flaky: failing(2) }, { one: at('flaky', { onError }) }) };
    },
  },
  'regions of a parallel state work at once and are waited for': {
    expected: { status: 'succeeded', output: { n: 11 }, steps: ['add', 'add', 'add'] },
    prepare: () => {
      const states = { left: adding('left'), right: adding('right') };
      const one = { type: 'parallel', onDone: 'last', states };
      return { workflow: counting({ add }, { one, last: at('add', { id: 'last' }) }) };
    },
  },
  'leaving a state stops the steps within it': {
    expected: { status: 'degraded', output: { n: 0 }, steps: ['fail!', 'hang!'] },
    prepare: () => {
      const part = at('fail', { onDone: '#done', onError: '#failed' });
      const one = { ...at('hang'), initial: 'part', states: { part } };
      return { workflow: counting({ hang, fail }, { one }) };
    },
  },
  'history leads back to where the run was': {
    expected: { status: 'succeeded', output: { n: 3 }, steps: ['add', 'flaky!', 'add', 'flaky'] },
    prepare: () => {
      const states = {
        first: at('add', { id: 'first', onDone: 'second', onError: '#failed' }),
        second: at('flaky', { onDone: '#done', onError: '#mend' }),
        back: { id: 'back', type: 'history' },
      };
      const mend = { id: 'mend', ...at('add', { id: 'mending', onDone: '#back' }) };
      return { workflow: counting({ add, flaky: failing(1) }, { work: { initial: 'first', states }, mend }) };
    },
  },
  'a state is left when its time is over': {
    expected: { status: 'succeeded', output: { n: 1 }, steps: ['hang!', 'add'] },
    prepare: () => ({
      workflow: counting({ hang, add }, { one: { ...at('hang'), after: { 50: 'late' } }, late: at('add') }),
    }),
  },
  'an always passes on without starting the step of its state': {
    expected: { status: 'succeeded', output: { n: 1 }, steps: ['add'] },
    prepare: () => {
      const always = { guard: ({ context }: Args) => context.n === 0, target: 'two' };
      return {
        workflow: counting({ fail, add }, { one: { ...at('fail', 'failed'), always }, two: at('add') }),
      };
    },
  },
  'raised events are taken at once, delayed ones in time, cancelled ones never': {
    expected: { status: 'succeeded', output: { n: 1 }, steps: ['hang!', 'add'] },
    prepare: () => {
      const one = { entry: raise({ type: 'GO' }), on: { GO: 'two' } };
      const two = {
        ...at('hang', 'failed'),
        entry: [
          raise({ type: 'NEVER' }, { id: 'never', delay: 10 }),
          cancel('never'),
          raise({ type: 'LATER' }, { delay: 30 }),
        ],
        on: { NEVER: 'failed', LATER: 'three' },
      };
      return { workflow: counting({ hang, add }, { one, two, three: at('add') }) };
    },
  },
};
