import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import type { CodeStep } from '../define/step.ts';
import { code } from '../define/steps.ts';
import type { Workflow } from '../define/workflow.ts';
import { createEngine } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import type { JournalStore } from '../journal/store.ts';
import { scriptedGateway } from '../test-support/gateway.ts';

const ORDER = z.object({ order: z.string() });
const ALIKE = { input: ORDER, output: ORDER, context: ORDER };

/** What happened to the world, in that order. */
type Deeds = string[];

interface Trip {
  readonly deeds: Deeds;
  /** What the last step does. @default it refuses */
  readonly last?: () => unknown;
  readonly hotel?: Partial<CodeStep<typeof ORDER, z.ZodObject<{ room: z.ZodNumber }>>>;
  readonly totalMs?: number;
}

const given = ({ context }: { context: { order: string } }) => context;

/** Books a flight, then a hotel, then pays; what is booked can be cancelled. */
function trip({ deeds, last, hotel = {}, totalMs = 60_000 }: Trip): Workflow<{ order: string }> {
  const steps = {
    flight: code({
      input: ORDER,
      output: z.object({ seat: z.string() }),
      effect: 'once',
      run: () => {
        deeds.push('book flight');
        return { seat: '12A' };
      },
      compensate: ({ input, output }) => deeds.push(`cancel flight ${input.order} ${output?.seat}`),
    }),
    hotel: code({
      input: ORDER,
      output: z.object({ room: z.number() }),
      effect: 'once',
      run: () => {
        deeds.push('book hotel');
        return { room: 7 };
      },
      compensate: ({ output }) => deeds.push(`cancel hotel ${output?.room}`),
      ...hotel,
    }),
    pay: code({
      input: ORDER,
      output: ORDER,
      effect: 'once',
      run: async ({ input }) => {
        await (last ?? refuse)();
        return input;
      },
    }),
  };
  return setupWorkflow({ ...ALIKE, id: 'trip', budget: { totalMs }, steps }).createMachine({
    context: ({ input }) => input,
    output: given,
    initial: 'flying',
    states: {
      flying: { invoke: { id: 'flight', src: 'flight', input: given, onDone: 'sleeping', onError: 'lost' } },
      sleeping: { invoke: { id: 'hotel', src: 'hotel', input: given, onDone: 'paying', onError: 'lost' } },
      paying: { invoke: { id: 'pay', src: 'pay', input: given, onDone: 'booked', onError: 'lost' } },
      booked: { type: 'final' },
      lost: { type: 'final', tags: ['failed'] },
    },
  });
}

function refuse(): never {
  throw new Error('card refused');
}

const OF_COMPENSATION = ['compensation-start', 'compensation-end'] as const;

function open(clock: VirtualClock, journal: JournalStore = memoryJournal()) {
  const engine = createEngine({ gateway: scriptedGateway(), journal, clock, replayCheck: true });
  const events: string[] = [];
  for (const type of OF_COMPENSATION) {
    engine.events.on(type, ({ step }: { readonly step: string }) => events.push(`${type} ${step}`));
  }
  return { engine, events };
}

/** A run of a trip to its end. */
async function travel(options: Partial<Trip> = {}) {
  const clock = createVirtualClock();
  const deeds: Deeds = [];
  const { engine, events } = open(clock);
  const outcome = await clock.run(engine.run(trip({ deeds, ...options }), { order: 'A1' }));
  return { outcome, deeds, events, ms: clock.nowMs() };
}

const BOOKED = ['book flight', 'book hotel'];
const UNDONE = ['cancel hotel 7', 'cancel flight A1 12A'];

test('a run that fails undoes what it did, newest first, and then fails', async () => {
  const { outcome, deeds, events } = await travel();
  expect(deeds).toEqual([...BOOKED, ...UNDONE]);
  expect(outcome).toMatchObject({
    status: 'failed',
    error: { code: 'STEP_FAILED', message: 'card refused', step: 'pay' },
    compensations: [
      { step: 'hotel', visit: 1 },
      { step: 'flight', visit: 1 },
    ],
  });
  expect(events).toEqual([
    'compensation-start hotel',
    'compensation-end hotel',
    'compensation-start flight',
    'compensation-end flight',
  ]);
});

test('a run that reaches its goal undoes nothing', async () => {
  const { outcome, deeds } = await travel({ last: () => {} });
  expect(deeds).toEqual(BOOKED);
  expect(outcome).toMatchObject({ status: 'succeeded' });
  expect(outcome).not.toHaveProperty('compensations');
});

test('a step that threw has nothing to undo', async () => {
  const { outcome, deeds } = await travel({
    hotel: {
      run: () => {
        throw new Error('no room');
      },
    },
  });
  expect(deeds).toEqual(['book flight', 'cancel flight A1 12A']);
  expect(outcome).toMatchObject({ status: 'failed', error: { message: 'no room' } });
});

test('a step that was cut off may have taken effect: it is undone, with no output', async () => {
  const { outcome, deeds } = await travel({ hotel: { totalMs: 500, run: () => new Promise(() => {}) } });
  expect(deeds).toEqual(['book flight', 'cancel hotel undefined', 'cancel flight A1 12A']);
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'UNCERTAIN' } });
});

test('neither cancel nor the deadline stops it: it has a time of its own', async () => {
  const clock = createVirtualClock();
  const deeds: Deeds = [];
  const { engine } = open(clock);
  const compensate = async () => {
    await new Promise<void>((resolve) => void clock.setTimer(20_000, resolve));
    deeds.push('cancel hotel late');
  };
  const hanging = { deeds, last: () => new Promise(() => {}), hotel: { compensate }, totalMs: 1_000 };
  const late = await clock.run(engine.run(trip(hanging), { order: 'A1' }));
  expect(late).toMatchObject({ status: 'failed', error: { code: 'UNCERTAIN' }, withinBudget: false });
  expect(deeds).toEqual([...BOOKED, 'cancel hotel late', 'cancel flight A1 12A']);

  deeds.length = 0;
  const run = engine.start(trip(hanging), { order: 'A1' });
  await clock.advance(500);
  run.cancel('changed my mind');
  await clock.advance(100);
  run.cancel('once more');
  expect(await clock.run(run.result)).toMatchObject({
    status: 'cancelled',
    error: { code: 'CANCELLED', message: 'changed my mind' },
  });
  expect(deeds).toEqual([...BOOKED, 'cancel hotel late', 'cancel flight A1 12A']);
});

test('a compensation that fails is tried again under the same key, which is not the step’s', async () => {
  const keys: string[] = [];
  let ownKey = '';
  const { outcome } = await travel({
    hotel: {
      run: ({ idempotencyKey }) => {
        ownKey = idempotencyKey;
        return { room: 7 };
      },
      compensate: ({ idempotencyKey }) => {
        keys.push(idempotencyKey);
        if (keys.length < 5) throw new Error('busy');
      },
    },
  });
  expect(keys).toHaveLength(5);
  expect(new Set(keys)).not.toContain(ownKey);
  expect(new Set(keys).size).toBe(1);
  expect(outcome).toMatchObject({ error: { code: 'STEP_FAILED' } });
});

test('one that gives up is the first thing the outcome says, and the others go on', async () => {
  const { outcome, deeds } = await travel({
    hotel: {
      compensateAttempts: 2,
      compensate: () => {
        throw new Error('the hotel does not answer');
      },
    },
  });
  expect(deeds).toEqual([...BOOKED, 'cancel flight A1 12A']);
  expect(outcome).toMatchObject({
    status: 'failed',
    error: {
      code: 'COMPENSATION_FAILED',
      message:
        'Could not be undone: `hotel` (the hotel does not answer). The run ended with STEP_FAILED: card refused',
    },
    compensations: [
      { step: 'hotel', failure: { code: 'STEP_FAILED', message: 'the hotel does not answer' } },
      { step: 'flight' },
    ],
  });
});

test('one that hangs is given up when its own time is over', async () => {
  const { outcome, ms } = await travel({
    hotel: { compensateMs: 700, compensate: () => new Promise(() => {}) },
  });
  expect(outcome).toMatchObject({
    error: { code: 'COMPENSATION_FAILED' },
    compensations: [{ failure: { code: 'DEADLINE_EXCEEDED' } }, { step: 'flight' }],
  });
  expect(ms).toBe(700);
});

describe('after a crash', () => {
  test('it goes on with what was not undone yet, under the same key', async () => {
    const clock = createVirtualClock();
    const journal = memoryJournal();
    const deeds: Deeds = [];
    const keys: string[] = [];
    let dead = true;
    const workflow = trip({
      deeds,
      hotel: {
        compensate: ({ idempotencyKey }) => {
          keys.push(idempotencyKey);
          return dead ? new Promise(() => {}) : undefined;
        },
      },
    });
    const first = open(clock, journal).engine;
    const run = first.start(workflow, { order: 'A1' });
    await clock.advance(1_000);
    await clock.run(first.close({ unfinished: 'leave' }));
    await expect(run.result).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    dead = false;

    const { runs } = await clock.run(open(clock, journal).engine.recover([workflow]));
    const outcome = await clock.run(runs[0]!.result);
    expect(outcome).toMatchObject({ status: 'failed', error: { message: 'card refused' } });
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    expect(deeds).toEqual([...BOOKED, 'cancel flight A1 12A']);
  });

  test('a run that is over time is undone before it fails', async () => {
    const clock = createVirtualClock();
    const journal = memoryJournal();
    const deeds: Deeds = [];
    const workflow = trip({ deeds, last: () => new Promise(() => {}) });
    const first = open(clock, journal).engine;
    first.start(workflow, { order: 'A1' }).result.catch(() => {});
    await clock.advance(1_000);
    await clock.run(first.close({ unfinished: 'leave' }));
    await clock.advance(100_000);
    const { runs } = await clock.run(open(clock, journal).engine.recover([workflow]));
    expect(await clock.run(runs[0]!.result)).toMatchObject({ error: { code: 'DEADLINE_EXCEEDED' } });
    expect(deeds).toEqual([...BOOKED, ...UNDONE]);
  });
});

test('a final state tagged `failed` that no failure led to says where the machine ended', async () => {
  const clock = createVirtualClock();
  const workflow = setupWorkflow({
    ...ALIKE,
    id: 'sold-out',
    budget: { totalMs: 1_000 },
    steps: { look: code({ input: ORDER, output: ORDER, effect: 'pure', run: ({ input }) => input }) },
  }).createMachine({
    context: ({ input }) => input,
    output: ({ context }) => context,
    initial: 'looking',
    states: {
      looking: {
        invoke: {
          id: 'look',
          src: 'look',
          input: ({ context }) => context,
          onDone: [
            { guard: ({ event }) => event.output.order === '', target: 'sold' },
            { target: 'soldOut' },
          ],
          onError: 'soldOut',
        },
      },
      sold: { type: 'final' },
      soldOut: { type: 'final', tags: ['failed'] },
    },
  });
  expect(await clock.run(open(clock).engine.run(workflow, { order: 'A1' }))).toMatchObject({
    ok: false,
    status: 'failed',
    error: { code: 'RUN_FAILED', message: 'The machine ended in `soldOut`.' },
  });
});
