import { and, assign, createActor, fromPromise, not, raise } from 'xstate';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { Engine } from '../engine.ts';
import { failureOf } from './failure.ts';
import { setupWorkflow } from './setup-workflow.ts';
import type { Classification } from './step.ts';
import { classify, code, execute, reason, tool } from './steps.ts';
import type { Workflow } from './workflow.ts';
import { workflowInfo } from './workflow.ts';

const flow = setupWorkflow({
  id: 'support',
  input: z.object({ text: z.string(), urgent: z.boolean().default(false) }),
  output: z.object({ done: z.string(), at: z.string().optional() }),
  context: z.object({ text: z.string(), label: z.string().nullable(), amount: z.number() }),
  budget: { totalMs: 8_000, usd: 0.02 },
  steps: {
    triage: classify({
      input: z.object({ text: z.string() }),
      labels: ['refund', 'bug'],
      prompt: ({ input }) => input.text.trim(),
      totalMs: 1_500,
    }),
    decide: reason({
      input: z.object({ text: z.string(), tone: z.enum(['warm', 'cool']).default('warm') }),
      output: z.object({ kind: z.enum(['pay', 'ask']), amount: z.number() }),
      prompt: ({ input }) => ({ system: `Be ${input.tone.toUpperCase()}.`, user: input.text }),
    }),
    act: execute({
      input: z.object({ amount: z.number() }),
      output: z.object({ receipt: z.string() }),
      tools: {
        issueRefund: tool({
          description: 'Pays back',
          input: z.object({ amount: z.number() }),
          effect: 'idempotent',
          run: ({ input, idempotencyKey }) => ({ id: idempotencyKey, amount: input.amount.toFixed(2) }),
        }),
      },
      maxToolCalls: 4,
      prompt: ({ input }) => `Refund ${input.amount.toFixed(2)}`,
    }),
    notify: code({
      input: z.object({ to: z.string() }),
      output: z.object({ sent: z.boolean(), at: z.string().default('now') }),
      effect: 'idempotent',
      attempts: 3,
      run: async ({ input, signal }) => ({ sent: input.to.length > 0 && !signal.aborted }),
    }),
  },
});

const context = { text: '', label: null, amount: 0 };
const output = { done: '' };
const triage = { id: 'triage', src: 'triage', input: { text: '' }, onError: 'handoff' } as const;
const ends = { done: { type: 'final' }, handoff: { type: 'final', tags: ['degraded'] } } as const;

const machine = flow.createMachine({
  initial: 'triaging',
  context: ({ input }) => {
    expectTypeOf(input).toEqualTypeOf<{ text: string; urgent: boolean }>();
    return { text: input.text, label: null, amount: 0 };
  },
  states: {
    triaging: {
      invoke: {
        id: 'triage',
        src: 'triage',
        input: ({ context: { text } }) => ({ text }),
        onDone: [
          {
            guard: ({ event }) => {
              expectTypeOf(event.output).toEqualTypeOf<Classification<'refund' | 'bug'>>();
              return event.output.label === 'refund' && (event.output.confidence ?? 0) > 0.5;
            },
            target: 'deciding',
            actions: assign({
              label: ({ event, context: before }) => {
                expectTypeOf(event.output.label).toEqualTypeOf<'refund' | 'bug'>();
                expectTypeOf(before.amount).toEqualTypeOf<number>();
                return event.output.label;
              },
            }),
          },
          { target: 'handoff' },
        ],
        onError: [
          {
            guard: ({ event }) => failureOf(event.error).code === 'DEADLINE_INFEASIBLE',
            target: 'handoff',
          },
          { target: 'deciding', actions: assign({ label: ({ event }) => failureOf(event.error).code }) },
        ],
      },
    },
    deciding: {
      invoke: {
        id: 'decide',
        src: 'decide',
        // `tone` has a default: the caller may leave it out.
        input: ({ context: { text } }) => ({ text }),
        onDone: {
          target: 'done',
          actions: [
            assign(({ event }) => {
              expectTypeOf(event.output).toEqualTypeOf<{ kind: 'pay' | 'ask'; amount: number }>();
              return { amount: event.output.amount };
            }),
            raise({ type: 'NOTED' }),
          ],
        },
        onError: { target: 'handoff', actions: assign({ amount: 0 }) },
      },
    },
    ...ends,
  },
  output: ({ context: { text } }) => ({ done: text }),
});

test('a workflow carries what it takes and what it ends with', () => {
  expectTypeOf(machine).toExtend<
    Workflow<{ text: string; urgent?: boolean | undefined }, { done: string; at?: string | undefined }>
  >();
  expectTypeOf(machine).not.toExtend<Workflow<{ text: number }>>();
  expectTypeOf(machine).toExtend<Workflow>();
  expectTypeOf(workflowInfo(machine).input).toEqualTypeOf<
    z.ZodType<unknown, { text: string; urgent?: boolean | undefined }>
  >();
});

test('an engine takes that input only, and ends with that output', async () => {
  const engine = {} as Engine;
  const outcome = await engine.run(machine, { text: '' });
  if (outcome.ok) expectTypeOf(outcome.output).toEqualTypeOf<{ done: string; at?: string | undefined }>();
  // @ts-expect-error the text is missing
  await engine.run(machine, {});
  // @ts-expect-error the text is a string
  await engine.run(machine, { text: 1 });
  // @ts-expect-error no workflow: its actors are the machine's own again
  await engine.run(machine.provide({}), { text: '' });
});

test('it stays an ordinary, fully typed XState machine', () => {
  type Answer = Classification<'refund' | 'bug'>;
  const answer: Answer = { label: 'bug', confidence: null, confidenceSource: 'none' };
  const actors = { triage: fromPromise<Answer, { text: string }>(async () => answer) };
  const actor = createActor(machine.provide({ actors }), { input: { text: '', urgent: true } });
  expectTypeOf(actor.getSnapshot().context.amount).toEqualTypeOf<number>();
  expectTypeOf(actor.getSnapshot().value).toEqualTypeOf<'triaging' | 'deciding' | 'done' | 'handoff'>();
  expectTypeOf(actor.getSnapshot().output).toEqualTypeOf<
    { done: string; at?: string | undefined } | undefined
  >();
  // @ts-expect-error the input is a string
  createActor(machine, { input: { text: 1, urgent: true } });
  // @ts-expect-error there is no such step
  machine.provide({ actors: { triaje: actors.triage } });
});

test('every form of transition that leads somewhere is accepted', () => {
  flow.createMachine({
    id: 'top',
    initial: 'triaging',
    context,
    output,
    on: { CANCEL: '.handoff', RESET: { target: '#top' } },
    states: {
      triaging: {
        id: 'first',
        initial: 'asking',
        onDone: 'waiting',
        states: {
          asking: { invoke: { ...triage, onDone: 'asked', onError: '#top.handoff' } },
          asked: { type: 'final' },
        },
      },
      waiting: {
        always: { guard: not(and([() => true])), target: 'both' },
        after: {
          1_000: 'both',
          2_000: { target: '#first' },
          3_000: [{ guard: () => true, target: 'both' }, { target: 'handoff' }],
        },
        on: {
          GO: 'both',
          IN: 'triaging.asking',
          PICK: ['done', { target: 'handoff' }],
          NO: undefined,
          NOTE: { actions: assign({ amount: 1 }) },
        },
      },
      both: {
        type: 'parallel',
        onDone: [{ guard: () => true, target: 'done' }, { target: 'handoff' }],
        states: {
          left: { initial: 'x', states: { x: { always: 'y' }, y: { type: 'final' } } },
          right: {
            initial: { target: 'x' },
            states: { x: { on: { BACK: 'past' } }, past: { type: 'history' } },
          },
        },
      },
      ...ends,
    },
  });
});

test('labels and outputs of steps', () => {
  flow.createMachine({
    initial: 'a',
    context,
    output,
    states: {
      a: {
        invoke: {
          id: 'triage',
          src: 'triage',
          input: { text: '' },
          onDone: [
            // @ts-expect-error not one of the labels
            { guard: ({ event }) => event.output.label === 'refnd', target: 'done' },
            // @ts-expect-error not in the output
            { guard: ({ event }) => event.output.kind === 'pay', target: 'done' },
          ],
          // @ts-expect-error unknown until `failureOf` has looked at it
          onError: { guard: ({ event }) => event.error.code === 'STEP_FAILED', target: 'handoff' },
        },
      },
      ...ends,
    },
  });
});

test('what is assigned', () => {
  const rest = { initial: 'a', context, output } as const;
  const step = { id: 'triage', input: { text: '' }, onError: 'handoff' } as const;
  flow.createMachine({
    ...rest,
    states: {
      a: {
        invoke: {
          ...step,
          src: 'triage',
          // @ts-expect-error `amount` may not be null
          onDone: { target: 'done', actions: assign({ amount: ({ event }) => event.output.confidence }) },
        },
      },
      ...ends,
    },
  });
  flow.createMachine({
    ...rest,
    states: {
      a: {
        // @ts-expect-error not in the context
        invoke: { ...step, src: 'triage', onDone: { target: 'done', actions: assign({ lable: 'bug' }) } },
      },
      ...ends,
    },
  });
});

test('names, ids and inputs of steps', () => {
  const rest = { initial: 'a', context, output } as const;
  const input = { text: '' };
  flow.createMachine({
    ...rest,
    // @ts-expect-error no such step
    states: { a: { invoke: { id: 'a', src: 'triaje', input, onDone: 'done', onError: 'handoff' } }, ...ends },
  });
  flow.createMachine({
    ...rest,
    // @ts-expect-error the id is missing
    states: { a: { invoke: { src: 'triage', input, onDone: 'done', onError: 'handoff' } }, ...ends },
  });
  flow.createMachine({
    ...rest,
    // @ts-expect-error the input is missing
    states: { a: { invoke: { id: 'a', src: 'triage', onDone: 'done', onError: 'handoff' } }, ...ends },
  });
  flow.createMachine({
    ...rest,
    // @ts-expect-error the text is a string
    states: { a: { invoke: { id: 'a', src: 'triage', input: { text: 1 }, onDone: 'done' } }, ...ends },
  });
  flow.createMachine({
    ...rest,
    states: {
      a: {
        // @ts-expect-error the text is a string
        invoke: {
          id: 'a',
          src: 'triage',
          input: ({ context: { amount } }) => ({ text: amount }),
          onDone: 'done',
        },
      },
      ...ends,
    },
  });
  flow.createMachine({
    ...rest,
    // @ts-expect-error actor logic in place of a name
    states: { a: { invoke: { src: fromPromise(async () => 1), onDone: 'done', onError: 'done' } }, ...ends },
  });
});

test('context and output of the machine', () => {
  const states = { a: { always: 'done' }, ...ends } as const;
  // @ts-expect-error the amount is missing
  flow.createMachine({ initial: 'a', context: { text: '', label: null }, output, states });
  flow.createMachine({
    initial: 'a',
    // @ts-expect-error the amount is a number
    context: ({ input }) => ({ ...context, amount: input.text }),
    output,
    states,
  });
  // @ts-expect-error `done` is missing
  flow.createMachine({ initial: 'a', context, output: () => ({}), states });
  // @ts-expect-error there is no such action: what a machine does, it does in steps
  flow.createMachine({ initial: 'a', context, output, states, entry: 'notifyEveryone' });
  flow.createMachine({
    initial: 'a',
    context,
    output,
    // @ts-expect-error there is no such guard
    states: { ...states, b: { always: { guard: 'isBig', target: 'a' } } },
  });
});

test('sibling targets', () => {
  flow.createMachine({
    initial: 'a',
    context,
    output,
    states: {
      // @ts-expect-error onDone as text
      a: { invoke: { ...triage, onDone: 'dona' } },
      // @ts-expect-error onDone as an object
      b: { invoke: { ...triage, onDone: { target: 'dona' } } },
      // @ts-expect-error onDone as a list
      c: { invoke: { ...triage, onDone: [{ guard: () => true, target: 'dona' }, { target: 'done' }] } },
      // @ts-expect-error onError as text
      d: { invoke: { ...triage, onDone: 'done', onError: 'handof' } },
      // @ts-expect-error onError as a list
      e: { invoke: { ...triage, onDone: 'done', onError: [{ target: 'handof' }] } },
      // @ts-expect-error always
      f: { always: 'dona' },
      // @ts-expect-error always as an object
      g: { always: { target: 'dona', guard: () => true } },
      // @ts-expect-error always as a list
      h: { always: [{ target: 'dona', guard: () => true }, 'done'] },
      // @ts-expect-error after
      i: { after: { 100: 'dona' } },
      // @ts-expect-error after as a list
      j: { after: { 100: [{ target: 'dona' }] } },
      // @ts-expect-error on
      k: { on: { GO: 'dona' } },
      // @ts-expect-error on as an object
      l: { on: { GO: { target: 'dona', actions: assign({ amount: 1 }) } } },
      // @ts-expect-error on as a list
      m: { on: { GO: [{ target: 'dona' }] } },
      // @ts-expect-error several targets
      n: { on: { GO: { target: ['done', 'dona'] } } },
      ...ends,
    },
  });
});

test('targets of nested states, and initial states', () => {
  const rest = { context, output } as const;
  // @ts-expect-error initial
  flow.createMachine({ ...rest, initial: 'aa', states: { a: { always: 'done' }, ...ends } });
  flow.createMachine({
    ...rest,
    initial: 'a',
    states: {
      a: {
        initial: 'x',
        // @ts-expect-error a child is no sibling
        onDone: 'x',
        states: {
          // @ts-expect-error an aunt is no sibling
          x: { always: 'done' },
          y: { always: 'x' },
        },
      },
      // @ts-expect-error initial of a compound state
      b: { initial: 'y', states: { x: {} } },
      c: {
        type: 'parallel',
        states: {
          l: { initial: 'x', states: { x: {} } },
          // @ts-expect-error a state of the other region
          r: { initial: 'y', states: { y: { always: 'x' } } },
        },
      },
      ...ends,
    },
  });
  // @ts-expect-error the root has no siblings
  flow.createMachine({ ...rest, initial: 'a', on: { GO: 'a' }, states: { a: { always: 'done' }, ...ends } });
});
