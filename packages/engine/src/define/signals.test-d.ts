import { assign, raise } from 'xstate';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { Engine, RunHandle } from '../engine.ts';
import { setupWorkflow } from './setup-workflow.ts';
import { code } from './steps.ts';

const send = code({ input: z.null(), output: z.null(), effect: 'once', run: () => null });

const flow = setupWorkflow({
  id: 'letters',
  input: z.null(),
  output: z.null(),
  context: z.object({ by: z.string().nullable() }),
  budget: { totalMs: 1_000 },
  steps: { send },
  signals: {
    approve: z.object({ by: z.string(), at: z.coerce.number().default(0) }),
    reject: z.object({ reason: z.string() }),
  },
});

const rest = { context: { by: null }, output: null, initial: 'asking' } as const;
const ends = { sent: { type: 'final' }, kept: { type: 'final', tags: ['degraded'] } } as const;

const machine = flow.createMachine({
  ...rest,
  states: {
    asking: {
      entry: raise({ type: 'REMIND' }, { delay: 10 }),
      on: {
        approve: {
          target: 'sent',
          guard: ({ event }) => {
            expectTypeOf(event.payload).toEqualTypeOf<{ by: string; at: number }>();
            return event.payload.by !== '';
          },
          actions: assign({ by: ({ event }) => event.payload.by }),
        },
        reject: [
          { guard: ({ event }) => event.payload.reason === 'tone', target: 'asking' },
          { target: 'kept' },
        ],
        REMIND: { actions: assign({ by: null }) },
        '*': { actions: assign({ by: null }) },
      },
    },
    ...ends,
  },
});

test('states take declared signals, with their payloads', () => {
  flow.createMachine({
    ...rest,
    // @ts-expect-error no such signal
    states: { asking: { on: { aprove: 'sent' } }, ...ends },
  });
  flow.createMachine({
    ...rest,
    states: {
      asking: {
        on: {
          // @ts-expect-error not in the payload
          approve: { target: 'sent', guard: ({ event }) => event.payload.reason === '' },
          // @ts-expect-error `by` is a text
          reject: { target: 'sent', actions: assign({ by: () => 1 }) },
        },
      },
      ...ends,
    },
  });
  flow.createMachine({
    ...rest,
    states: {
      asking: {
        // @ts-expect-error no such target
        on: { approve: 'snt' },
      },
      ...ends,
    },
  });
});

test('a machine without signals takes what it raises itself, which is written in capitals', () => {
  const silent = setupWorkflow({
    id: 'silent',
    input: z.null(),
    output: z.null(),
    context: z.object({ by: z.string().nullable() }),
    budget: { totalMs: 1_000 },
    steps: { send },
  });
  silent.createMachine({ ...rest, states: { asking: { on: { REMIND: 'sent' } }, ...ends } });
  // @ts-expect-error no such signal
  silent.createMachine({ ...rest, states: { asking: { on: { approve: 'sent' } }, ...ends } });
});

test('a run takes the signals of its workflow', async () => {
  const engine = {} as Engine;
  const handle = engine.start(machine, null);
  await handle.signal('approve', { by: 'ann' }, { id: 'mail-1' });
  await handle.signal('approve', { by: 'ann', at: 1 });
  // @ts-expect-error no such signal
  await handle.signal('aprove', { by: 'ann' });
  // @ts-expect-error the payload of another
  await handle.signal('reject', { by: 'ann' });
  expectTypeOf(handle).toExtend<RunHandle<unknown>>();
  const [found] = (await engine.recover([machine])).runs;
  // A run that is found again may be any workflow's: its signals are checked when they come.
  await found?.signal('approve', { by: 1 });
});
