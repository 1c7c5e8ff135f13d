import { failureOf } from '../define/failure.ts';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { assign, cancel, raise } from '../xstate/actions.ts';
import type { Case } from './case-conformance.ts';
import { add, COUNT, fail, failing, given, hang } from './steps-conformance.ts';

/** Ways through a machine. All workflows take `{ n: 0 }`. */
export const SHAPES: Readonly<Record<string, Case>> = {
  'steps follow one another': {
    expected: { status: 'succeeded', output: { n: 3 }, steps: ['add', 'add', 'add'] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 'linear', steps: { add } }).createMachine({
        context: ({ input }) => input,
        output: given,
        initial: 'one',
        states: {
          one: {
            invoke: {
              id: 'one',
              src: 'add',
              input: given,
              onDone: { target: 'two', actions: assign(({ event }) => event.output) },
              onError: 'failed',
            },
          },
          two: {
            invoke: {
              id: 'two',
              src: 'add',
              input: given,
              onDone: { target: 'three', actions: assign(({ event }) => event.output) },
              onError: 'failed',
            },
          },
          three: {
            invoke: {
              id: 'three',
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
  'a guard on the output chooses the way': {
    expected: { status: 'succeeded', output: { n: 2 }, steps: ['add', 'add'] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 'branch', steps: { add, fail } }).createMachine({
        context: ({ input }) => input,
        output: given,
        initial: 'one',
        states: {
          one: {
            invoke: {
              id: 'one',
              src: 'add',
              input: given,
              onDone: [
                { guard: ({ event }) => event.output.n > 5, target: 'wrong' },
                { target: 'right', actions: assign(({ event }) => event.output) },
              ],
              onError: 'failed',
            },
          },
          wrong: {
            invoke: {
              id: 'wrong',
              src: 'fail',
              input: given,
              onDone: { target: 'done', actions: assign(({ event }) => event.output) },
              onError: 'failed',
            },
          },
          right: {
            invoke: {
              id: 'right',
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
  'a failing step takes its error path': {
    expected: { status: 'succeeded', output: { n: 1 }, steps: ['fail!', 'add'] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 'error-edge', steps: { add, fail } }).createMachine({
        context: ({ input }) => input,
        output: given,
        initial: 'one',
        states: {
          one: {
            invoke: {
              id: 'one',
              src: 'fail',
              input: given,
              onDone: { target: 'done', actions: assign(({ event }) => event.output) },
              onError: [
                { guard: ({ event }) => failureOf(event.error).code === 'STEP_FAILED', target: 'mend' },
                { target: 'failed' },
              ],
            },
          },
          mend: {
            invoke: {
              id: 'mend',
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
  'a final state tagged degraded ends the run degraded': {
    expected: { status: 'degraded', output: { n: 0 }, steps: ['fail!'] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 'degraded', steps: { fail } }).createMachine({
        context: ({ input }) => input,
        output: given,
        initial: 'one',
        states: {
          one: {
            invoke: {
              id: 'one',
              src: 'fail',
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
  'a failing step is tried again as often as it allows': {
    expected: { status: 'succeeded', output: { n: 1 }, steps: ['flaky'] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 'attempts', steps: { flaky: failing(2, 3) } }).createMachine({
        context: ({ input }) => input,
        output: given,
        initial: 'one',
        states: {
          one: {
            invoke: {
              id: 'one',
              src: 'flaky',
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
  'a state may be entered again': {
    expected: { status: 'succeeded', output: { n: 1 }, steps: ['flaky!', 'flaky!', 'flaky'] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 're-entry', steps: { flaky: failing(2) } }).createMachine({
        context: ({ input }) => input,
        output: given,
        initial: 'one',
        states: {
          one: {
            invoke: {
              id: 'one',
              src: 'flaky',
              input: given,
              onDone: { target: 'done', actions: assign(({ event }) => event.output) },
              onError: { target: 'one', reenter: true },
            },
          },
          done: { type: 'final' },
        },
      }),
    }),
  },
  'regions of a parallel state work at once and are waited for': {
    expected: { status: 'succeeded', output: { n: 11 }, steps: ['add', 'add', 'add'] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 'parallel', steps: { add } }).createMachine({
        context: ({ input }) => input,
        output: given,
        initial: 'one',
        states: {
          one: {
            type: 'parallel',
            onDone: 'last',
            states: {
              left: {
                initial: 'busy',
                states: {
                  busy: {
                    invoke: {
                      id: 'left',
                      src: 'add',
                      input: { n: 4 },
                      onDone: {
                        target: 'ready',
                        actions: assign(({ context, event }) => ({ n: context.n + event.output.n })),
                      },
                      onError: '#failed',
                    },
                  },
                  ready: { type: 'final' },
                },
              },
              right: {
                initial: 'busy',
                states: {
                  busy: {
                    invoke: {
                      id: 'right',
                      src: 'add',
                      input: { n: 4 },
                      onDone: {
                        target: 'ready',
                        actions: assign(({ context, event }) => ({ n: context.n + event.output.n })),
                      },
                      onError: '#failed',
                    },
                  },
                  ready: { type: 'final' },
                },
              },
            },
          },
          last: {
            invoke: {
              id: 'last',
              src: 'add',
              input: given,
              onDone: { target: 'done', actions: assign(({ event }) => event.output) },
              onError: 'failed',
            },
          },
          done: { type: 'final' },
          failed: { id: 'failed', type: 'final', tags: ['degraded'] },
        },
      }),
    }),
  },
  'leaving a state stops the steps within it': {
    expected: { status: 'degraded', output: { n: 0 }, steps: ['fail!', 'hang!'] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 'nested', steps: { hang, fail } }).createMachine({
        context: ({ input }) => input,
        output: given,
        initial: 'one',
        states: {
          one: {
            invoke: { id: 'whole', src: 'hang', input: given, onDone: 'done', onError: 'failed' },
            initial: 'part',
            states: {
              part: {
                invoke: { id: 'part', src: 'fail', input: given, onDone: '#done', onError: '#failed' },
              },
            },
          },
          done: { id: 'done', type: 'final' },
          failed: { id: 'failed', type: 'final', tags: ['degraded'] },
        },
      }),
    }),
  },
  'history leads back to where the run was': {
    expected: { status: 'succeeded', output: { n: 3 }, steps: ['add', 'flaky!', 'add', 'flaky'] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 'history', steps: { add, flaky: failing(1) } }).createMachine({
        context: ({ input }) => input,
        output: given,
        initial: 'work',
        states: {
          work: {
            initial: 'first',
            states: {
              first: {
                invoke: {
                  id: 'first',
                  src: 'add',
                  input: given,
                  onDone: { target: 'second', actions: assign(({ event }) => event.output) },
                  onError: '#failed',
                },
              },
              second: {
                invoke: {
                  id: 'second',
                  src: 'flaky',
                  input: given,
                  onDone: { target: '#done', actions: assign(({ event }) => event.output) },
                  onError: '#mend',
                },
              },
              back: { id: 'back', type: 'history' },
            },
          },
          mend: {
            id: 'mend',
            invoke: {
              id: 'mend',
              src: 'add',
              input: given,
              onDone: { target: '#back', actions: assign(({ event }) => event.output) },
              onError: 'failed',
            },
          },
          done: { id: 'done', type: 'final' },
          failed: { id: 'failed', type: 'final', tags: ['degraded'] },
        },
      }),
    }),
  },
  'a state is left when its time is over': {
    expected: { status: 'succeeded', output: { n: 1 }, steps: ['hang!', 'add'] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 'after', steps: { hang, add } }).createMachine({
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
              onError: 'failed',
            },
            after: { 50: 'late' },
          },
          late: {
            invoke: {
              id: 'late',
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
  'an always passes on without starting the step of its state': {
    expected: { status: 'succeeded', output: { n: 1 }, steps: ['add'] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 'always', steps: { fail, add } }).createMachine({
        context: ({ input }) => input,
        output: given,
        initial: 'one',
        states: {
          one: {
            invoke: { id: 'unseen', src: 'fail', input: given, onDone: 'failed', onError: 'failed' },
            always: { guard: ({ context }) => context.n === 0, target: 'two' },
          },
          two: {
            invoke: {
              id: 'two',
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
  'raised events are taken at once, delayed ones in time, cancelled ones never': {
    expected: { status: 'succeeded', output: { n: 1 }, steps: ['hang!', 'add'] },
    prepare: () => ({
      workflow: setupWorkflow({ ...COUNT, id: 'raise', steps: { hang, add } }).createMachine({
        context: ({ input }) => input,
        output: given,
        initial: 'one',
        states: {
          one: { entry: raise({ type: 'GO' }), on: { GO: 'two' } },
          two: {
            entry: [
              raise({ type: 'NEVER' }, { id: 'never', delay: 10 }),
              cancel('never'),
              raise({ type: 'LATER' }, { delay: 30 }),
            ],
            on: { NEVER: 'failed', LATER: 'three' },
            invoke: { id: 'two', src: 'hang', input: given, onDone: 'failed', onError: 'failed' },
          },
          three: {
            invoke: {
              id: 'three',
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
};
