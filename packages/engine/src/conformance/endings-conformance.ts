import { failureOf } from '../define/failure.ts';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { assign } from '../xstate/actions.ts';
import type { Case } from './case-conformance.ts';
import { add, cancelling, COUNT, given, hang } from './steps-conformance.ts';

/** How a run that does not go well ends. All workflows take `{ n: 0 }`. */
export const ENDINGS: Readonly<Record<string, Case>> = {
  'a cancelled run stops its step': {
    expected: { status: 'cancelled', code: 'CANCELLED', steps: ['cancel!'] },
    prepare: () => {
      const caller = new AbortController();
      return {
        workflow: setupWorkflow({
          ...COUNT,
          id: 'cancelled',
          steps: { cancel: cancelling(caller) },
        }).createMachine({
          context: ({ input }) => input,
          output: given,
          initial: 'one',
          states: {
            one: {
              invoke: {
                id: 'one',
                src: 'cancel',
                input: given,
                onDone: { target: 'done', actions: assign(({ event }) => event.output) },
                onError: 'failed',
              },
            },
            done: { type: 'final' },
            failed: { type: 'final', tags: ['degraded'] },
          },
        }),
        options: { signal: caller.signal },
      };
    },
  },
  'a step that uses up the time leaves enough for its error path': {
    expected: { status: 'degraded', output: { n: 0 }, steps: ['hang!'] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 'step-deadline', steps: { hang } }).createMachine({
        context: ({ input }) => input,
        output: given,
        initial: 'one',
        states: {
          one: {
            invoke: {
              id: 'one',
              src: 'hang',
              input: given,
              onDone: { target: 'done', actions: assign(({ event }) => event.output) },
              onError: [
                {
                  guard: ({ event }) => failureOf(event.error).code === 'DEADLINE_EXCEEDED',
                  target: 'failed',
                },
                { target: 'done' },
              ],
            },
          },
          done: { type: 'final' },
          failed: { type: 'final', tags: ['degraded'] },
        },
      }),
      options: { deadlineMs: 100 },
    }),
  },
  'the deadline ends a run that waits': {
    expected: { status: 'failed', code: 'DEADLINE_EXCEEDED', steps: [] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 'deadline', steps: { add } }).createMachine({
        context: ({ input }) => input,
        output: given,
        initial: 'one',
        states: {
          one: { after: { 500: 'two' } },
          two: { invoke: { id: 'two', src: 'add', input: given, onDone: 'done', onError: 'done' } },
          done: { type: 'final' },
        },
      }),
      options: { deadlineMs: 100 },
    }),
  },
  'an assign that throws fails the run': {
    expected: { status: 'failed', code: 'MACHINE_FAILED', steps: ['add'] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 'throws', steps: { add } }).createMachine({
        context: ({ input }) => input,
        output: given,
        initial: 'one',
        states: {
          one: {
            invoke: {
              id: 'one',
              src: 'add',
              input: given,
              onDone: {
                target: 'done',
                actions: assign(() => {
                  throw new Error('as it should');
                }),
              },
              onError: 'failed',
            },
          },
          done: { type: 'final' },
          failed: { type: 'final', tags: ['degraded'] },
        },
      }),
    }),
  },
  'an output that does not fit fails the run': {
    expected: { status: 'failed', code: 'OUTPUT_INVALID', steps: ['add'] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 'output', steps: { add } }).createMachine({
        context: ({ input }) => input,
        output: () => ({ n: 'many' as unknown as number }),
        initial: 'one',
        states: {
          one: {
            invoke: {
              id: 'one',
              src: 'add',
              input: given,
              onDone: { target: 'done', actions: assign(({ event }) => event.output) },
              onError: 'failed',
            },
          },
          done: { type: 'final' },
          failed: { type: 'final', tags: ['degraded'] },
        },
      }),
    }),
  },
  'a step input that does not fit fails the step': {
    expected: { status: 'degraded', output: { n: 0 }, steps: ['add!'] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 'step-input', steps: { add } }).createMachine({
        context: ({ input }) => input,
        output: given,
        initial: 'one',
        states: {
          one: {
            invoke: {
              id: 'one',
              src: 'add',
              input: () => ({ n: 'many' as unknown as number }),
              onDone: { target: 'done', actions: assign(({ event }) => event.output) },
              onError: [
                {
                  guard: ({ event }) => failureOf(event.error).code === 'STEP_INPUT_INVALID',
                  target: 'failed',
                },
                { target: 'done' },
              ],
            },
          },
          done: { type: 'final' },
          failed: { type: 'final', tags: ['degraded'] },
        },
      }),
    }),
  },
};
