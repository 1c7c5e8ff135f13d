import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { assign } from '../xstate/actions.ts';
import { child } from './child.ts';
import { map } from './map.ts';
import { setupWorkflow } from './setup-workflow.ts';
import type { Classification, ItemResult, Step, Tool } from './step.ts';
import { classify, code, execute, reason, tool } from './steps.ts';

const text = z.object({ text: z.string(), tone: z.string().default('warm') });
const amount = z.object({ amount: z.number(), currency: z.string().default('EUR') });

test('classify: labels are literal, the prompt sees the parsed input', () => {
  const step = classify({
    input: text,
    labels: ['refund', 'bug'],
    prompt: ({ input }) => {
      expectTypeOf(input).toEqualTypeOf<{ text: string; tone: string }>();
      return { user: input.text };
    },
  });
  expectTypeOf<z.output<typeof step.output>>().toEqualTypeOf<Classification<'refund' | 'bug'>>();
  expectTypeOf(step).toExtend<Step>();

  const labels = ['refund', 'bug'] as const;
  expectTypeOf(classify({ input: text, labels, prompt: () => '' }).labels).toEqualTypeOf<
    readonly ('refund' | 'bug')[]
  >();

  // @ts-expect-error not in the input
  classify({ input: text, labels: ['a', 'b'], prompt: ({ input }) => input.txt });
  // @ts-expect-error the user message is missing
  classify({ input: text, labels: ['a', 'b'], prompt: () => ({ system: 'Say.' }) });
  // @ts-expect-error the labels are missing
  classify({ input: text, prompt: () => '' });
  // @ts-expect-error a classification has its own output
  classify({ input: text, labels: ['a', 'b'], output: text, prompt: () => '' });
});

test('reason and execute: an output is compulsory, a tool sees its own input', () => {
  const step = reason({ input: text, output: amount, prompt: ({ input }) => input.tone });
  expectTypeOf<z.output<typeof step.output>>().toEqualTypeOf<{ amount: number; currency: string }>();
  expectTypeOf(step).toExtend<Step>();
  // @ts-expect-error the output is missing
  reason({ input: text, prompt: () => '' });
  // @ts-expect-error a step has no retries of its own: the gateway has them
  reason({ input: text, output: amount, prompt: () => '', attempts: 3 });

  const pay = tool({
    description: 'Pays',
    input: amount,
    effect: 'once',
    run: ({ input }) => {
      expectTypeOf(input).toEqualTypeOf<{ amount: number; currency: string }>();
      return input.amount;
    },
  });
  const act = execute({ input: text, output: amount, tools: { pay }, prompt: () => '' });
  expectTypeOf(act).toExtend<Step>();
  // @ts-expect-error the effect decides what a crash may do: it is never guessed
  tool({ description: 'Pays', input: amount, run: () => 1 });
  // @ts-expect-error a tool is made by `tool`
  execute({ input: text, output: amount, tools: { pay: () => 1 }, prompt: () => '' });
});

test('code: returns what the output takes', () => {
  const step = code({
    input: text,
    output: amount,
    effect: 'pure',
    run: async ({ input, signal, idempotencyKey }) => {
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(idempotencyKey).toEqualTypeOf<string>();
      return { amount: input.text.length };
    },
  });
  expectTypeOf(step).toExtend<Step>();
  // @ts-expect-error the amount is a number
  code({ input: text, output: amount, effect: 'pure', run: () => ({ amount: '1' }) });
  // @ts-expect-error no such effect
  code({ input: text, output: amount, effect: 'twice', run: () => ({ amount: 1 }) });
});

test('child: takes and gives what its workflow does', () => {
  const workflow = setupWorkflow({
    id: 'inner',
    input: text,
    output: amount,
    context: text,
    budget: { totalMs: 1_000 },
    steps: { step: code({ input: text, output: amount, effect: 'pure', run: () => ({ amount: 1 }) }) },
  }).createMachine({
    context: ({ input }) => input,
    output: { amount: 1 },
    initial: 'working',
    states: { working: { after: { 5: 'done' } }, done: { type: 'final' } },
  });
  const step = child(workflow, { totalMs: 500 });
  expectTypeOf<z.input<typeof step.input>>().toEqualTypeOf<{ text: string; tone?: string | undefined }>();
  expectTypeOf<z.output<typeof step.output>>().toEqualTypeOf<{ amount: number; currency: string }>();
  expectTypeOf(step).toExtend<Step>();
  // @ts-expect-error no workflow
  child({ id: 'inner' });
  // @ts-expect-error a child has its own budget; a step has a limit
  child(workflow, { budget: { totalMs: 5 } });

  setupWorkflow({
    id: 'outer',
    input: text,
    output: amount,
    context: amount,
    budget: { totalMs: 1_000 },
    steps: { step },
  }).createMachine({
    context: { amount: 0, currency: 'EUR' },
    output: ({ context }) => context,
    initial: 'working',
    states: {
      working: {
        invoke: {
          id: 'step',
          src: 'step',
          input: { text: 'hello' },
          onDone: {
            target: 'done',
            actions: assign(({ event }) => {
              expectTypeOf(event.output).toEqualTypeOf<{ amount: number; currency: string }>();
              return event.output;
            }),
          },
          onError: 'done',
        },
      },
      done: { type: 'final' },
    },
  });
});

test('map: a list of what its step takes; the output hangs on what becomes of failures', () => {
  const step = code({ input: text, output: amount, effect: 'pure', run: () => ({ amount: 1 }) });
  const all = map(step, { concurrency: 8, totalMs: 5_000 });
  expectTypeOf<z.input<typeof all.input>>().toEqualTypeOf<{ text: string; tone?: string | undefined }[]>();
  type Amount = { amount: number; currency: string };
  expectTypeOf<z.output<typeof all.output>>().toEqualTypeOf<Amount[]>();
  expectTypeOf(all).toExtend<Step>();

  const collected = map(step, { failure: 'collect' });
  expectTypeOf<z.output<typeof collected.output>>().toEqualTypeOf<ItemResult<Amount>[]>();
  const enough = map(step, { failure: { atLeast: 2 } });
  expectTypeOf<z.output<typeof enough.output>>().toEqualTypeOf<ItemResult<Amount>[]>();

  // @ts-expect-error a list of lists is a child's
  map(map(step));
  // @ts-expect-error no such policy
  map(step, { failure: 'ignore' });
});

test('approval sees the parsed input of its tool; a doubt waits or fails', () => {
  const pay = { description: 'Pays.', input: amount, effect: 'once', run: () => ({ paid: true }) } as const;
  const asking = tool({
    ...pay,
    approval: ({ input }) => {
      expectTypeOf(input).toEqualTypeOf<{ amount: number; currency: string }>();
      return input.amount > 50;
    },
  });
  expectTypeOf(tool({ ...pay, approval: 'required' })).toExtend<Tool<typeof amount>>();
  const acting = { input: text, output: amount, tools: { asking }, prompt: () => '' };
  expectTypeOf(execute({ ...acting, onUncertain: 'wait' })).toExtend<Step>();
  const working = { input: text, output: amount, effect: 'once', run: () => ({ amount: 1 }) } as const;
  expectTypeOf(code({ ...working, onUncertain: 'error' })).toExtend<Step>();

  // @ts-expect-error 'required' or a function
  tool({ ...pay, approval: true });
  // @ts-expect-error a policy answers at once
  tool({ ...pay, approval: async () => true });
  // @ts-expect-error not in the input
  tool({ ...pay, approval: ({ input }) => input.sum > 50 });
  // @ts-expect-error 'error' or 'wait'
  code({ ...working, onUncertain: 'ask' });
  // @ts-expect-error a step that only asks a model is never in doubt
  reason({ input: text, output: amount, prompt: () => '', onUncertain: 'wait' });
});
