import { failureOf } from '../define/failure.ts';
import { assign } from '../xstate/actions.ts';
import type { Case } from './case-conformance.ts';
import { at, counting } from './machines.ts';
import type { Args } from './machines.ts';
import { add, cancelling, hang } from './steps-conformance.ts';

/** To `failed` for that code, else to `done`. */
const failedBy = (code: string) => [
  { guard: ({ event }: Args) => failureOf(event.error).code === code, target: 'failed' },
  { target: 'done' },
];

const throwing = assign(() => {
  throw new Error('as it should');
});

const many = () => ({ n: 'many' });

/** How a run that does not go well ends. All workflows take `{ n: 0 }`. */
export const ENDINGS: Readonly<Record<string, Case>> = {
  'a cancelled run stops its step': {
    expected: { status: 'cancelled', code: 'CANCELLED', steps: ['cancel!'] },
    prepare: () => {
      const caller = new AbortController();
      const workflow = counting({ cancel: cancelling(caller) }, { one: at('cancel') });
      return { workflow, options: { signal: caller.signal } };
    },
  },
  'a step that uses up the time leaves enough for its error path': {
    expected: { status: 'degraded', output: { n: 0 }, steps: ['hang!'] },
    prepare: () => ({
      workflow: counting({ hang }, { one: at('hang', { onError: failedBy('DEADLINE_EXCEEDED') }) }),
      options: { deadlineMs: 100 },
    }),
  },
  'the deadline ends a run that waits': {
    expected: { status: 'failed', code: 'DEADLINE_EXCEEDED', steps: [] },
    prepare: () => ({
      workflow: counting({ add }, { one: { after: { 500: 'two' } }, two: at('add', { onError: 'done' }) }),
      options: { deadlineMs: 100 },
    }),
  },
  'an assign that throws fails the run': {
    expected: { status: 'failed', code: 'MACHINE_FAILED', steps: ['add'] },
    prepare: () => ({
      workflow: counting({ add }, { one: at('add', { onDone: { target: 'done', actions: throwing } }) }),
    }),
  },
  'an output that does not fit fails the run': {
    expected: { status: 'failed', code: 'OUTPUT_INVALID', steps: ['add'] },
    prepare: () => ({ workflow: counting({ add }, { one: at('add') }, { output: many }) }),
  },
  'a step input that does not fit fails the step': {
    expected: { status: 'degraded', output: { n: 0 }, steps: ['add!'] },
    prepare: () => ({
      workflow: counting(
        { add },
        { one: at('add', { input: many, onError: failedBy('STEP_INPUT_INVALID') }) },
      ),
    }),
  },
};
