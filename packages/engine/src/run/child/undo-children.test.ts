import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { child } from '../../define/child.ts';
import { map } from '../../define/map.ts';
import { setupWorkflow } from '../../define/setup-workflow.ts';
import type { Step } from '../../define/step.ts';
import { code } from '../../define/steps.ts';
import type { Workflow } from '../../define/workflow.ts';
import { createEngine } from '../../engine.ts';
import type { EngineEvent } from '../../events.ts';
import { memoryJournal } from '../../journal/memory-store.ts';
import type { JournalStore } from '../../journal/store.ts';
import { dying } from '../../test-support/dying.ts';
import { scriptedGateway } from '../../test-support/gateway.ts';
import { flow } from '../../test-support/nested.ts';

const anything = z.json();

interface Deed {
  readonly what: string;
  readonly output: unknown;
  readonly key: string;
}

/** A step that says what it did, and that it was undone; undoing `stubborn` fails. */
function deed(what: string, deeds: Deed[], isStubborn = false): Step {
  return code({
    input: anything,
    output: anything,
    effect: 'idempotent',
    run: ({ input }) => `${what} ${JSON.stringify(input)}`,
    compensateAttempts: 1,
    compensate: ({ output, idempotencyKey }) => {
      deeds.push({ what, output, key: idempotencyKey });
      if (isStubborn) throw new Error('It will not go.');
    },
  });
}

const fail = code({
  input: anything,
  output: anything,
  effect: 'pure',
  run: () => {
    throw new Error('as it should');
  },
});

/** Does one step after the other, and ends as the last of them does. */
function chainOf(id: string, steps: Readonly<Record<string, Step>>, last: 'done' | 'lost'): Workflow {
  const names = Object.keys(steps);
  const states = names.map((name, nth) => {
    const onDone = names[nth + 1] ?? 'done';
    return [name, { invoke: { id: name, src: name, input: [nth], onDone, onError: last } }];
  });
  const setup = setupWorkflow({
    id,
    input: anything,
    output: anything,
    context: z.object({}),
    budget: { totalMs: 10_000 },
    steps,
  });
  const machine = setup.createMachine({
    context: {},
    output: null,
    initial: names[0]!,
    states: {
      ...Object.fromEntries(states),
      done: { type: 'final' },
      ...(last === 'lost' && { lost: { type: 'final', tags: ['failed'] } }),
    },
  } as never);
  return machine as unknown as Workflow;
}

const item = ({ context }: { readonly context: { readonly item: unknown } }) => context.item;

const engineOn = (clock: VirtualClock, journal: JournalStore = memoryJournal()) =>
  createEngine({ gateway: scriptedGateway(), journal, clock });

/** A trip with two stations in a child run, one in a child's child, one of its own before and after; then it fails. */
function trip(deeds: Deed[], stubborn = false) {
  const far = chainOf('far', { hotel: deed('hotel', deeds) }, 'done');
  const near = chainOf(
    'near',
    { train: deed('train', deeds, stubborn), far: child(far), bus: deed('bus', deeds) },
    'done',
  );
  return chainOf(
    'trip',
    { plan: deed('plan', deeds), near: child(near), pay: deed('pay', deeds), fail },
    'lost',
  );
}

test('what finished children did is undone in its place, newest first, under keys of their own', async () => {
  const clock = createVirtualClock();
  const deeds: Deed[] = [];
  const told: EngineEvent[] = [];
  const engine = engineOn(clock);
  engine.events.on('compensation-end', (event) => told.push(event));
  const outcome = await clock.run(engine.run(trip(deeds), null, { runId: 'run' }));
  expect(outcome).toMatchObject({
    status: 'failed',
    error: { code: 'STEP_FAILED' },
    compensations: [
      { step: 'pay', visit: 1 },
      { step: 'bus', visit: 1, childRunId: 'run.near.1' },
      { step: 'hotel', visit: 1, childRunId: 'run.near.1.far.1' },
      { step: 'train', visit: 1, childRunId: 'run.near.1' },
      { step: 'plan', visit: 1 },
    ],
  });
  expect(outcome.compensations?.[0]).not.toHaveProperty('childRunId');
  expect(deeds.map(({ what, output }) => [what, output])).toEqual([
    ['pay', 'pay [2]'],
    ['bus', 'bus [2]'],
    ['hotel', 'hotel [0]'],
    ['train', 'train [0]'],
    ['plan', 'plan [0]'],
  ]);
  expect(new Set(deeds.map(({ key }) => key)).size).toBe(5);
  expect(told.map((event) => 'childRunId' in event && event.childRunId)).toContain('run.near.1.far.1');
});

test('a run that reaches its goal undoes nothing of its children', async () => {
  const clock = createVirtualClock();
  const deeds: Deed[] = [];
  const near = chainOf('near', { bus: deed('bus', deeds) }, 'done');
  const outcome = await clock.run(engineOn(clock).run(chainOf('trip', { near: child(near) }, 'done'), null));
  expect(outcome).toMatchObject({ status: 'succeeded' });
  expect(outcome).not.toHaveProperty('compensations');
  expect(deeds).toEqual([]);
});

test('what a child that failed has undone itself is not undone again', async () => {
  const clock = createVirtualClock();
  const deeds: Deed[] = [];
  const near = chainOf('near', { bus: deed('bus', deeds), fail }, 'lost');
  const outcome = await clock.run(engineOn(clock).run(chainOf('trip', { near: child(near) }, 'lost'), null));
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'STEP_FAILED' } });
  expect(deeds.map(({ what }) => what)).toEqual(['bus']);
});

test('one of a child that cannot be undone is loud, and stops none of the others', async () => {
  const clock = createVirtualClock();
  const deeds: Deed[] = [];
  const outcome = await clock.run(engineOn(clock).run(trip(deeds, true), null, { runId: 'run' }));
  expect(outcome).toMatchObject({
    status: 'failed',
    error: {
      code: 'COMPENSATION_FAILED',
      message: expect.stringContaining('`train` of run run.near.1 (It will not go.)'),
    },
  });
  expect(deeds.map(({ what }) => what)).toEqual(['pay', 'bus', 'hotel', 'train', 'plan']);
});

test('of a list, the items that have succeeded are undone, also if the whole has failed', async () => {
  const clock = createVirtualClock();
  const deeds: Deed[] = [];
  const odd = code({
    input: anything,
    output: anything,
    effect: 'pure',
    run: ({ input }) => {
      if (input === 2) throw new Error('not this one');
      return input;
    },
  });
  const setup = setupWorkflow({
    id: 'each',
    input: anything,
    output: anything,
    context: z.object({ item: anything }),
    budget: { totalMs: 10_000 },
    steps: { look: odd, bus: deed('bus', deeds) },
  });
  const each = setup.createMachine({
    context: ({ input }: { readonly input: unknown }) => ({ item: input }),
    output: null,
    initial: 'bus',
    states: {
      bus: {
        invoke: {
          id: 'bus',
          src: 'bus',
          input: item,
          onDone: 'look',
          onError: 'lost',
        },
      },
      look: {
        invoke: {
          id: 'look',
          src: 'look',
          input: item,
          onDone: 'done',
          onError: 'lost',
        },
      },
      done: { type: 'final' },
      lost: { type: 'final', tags: ['failed'] },
    },
  } as never) as unknown as Workflow;
  const all = flow('all', map(child(each), { concurrency: 1 }), { failing: 'failed' });
  const outcome = await clock.run(engineOn(clock).run(all, [0, 1, 2, 3], { runId: 'run' }));
  expect(outcome).toMatchObject({
    status: 'failed',
    compensations: [
      { step: 'bus', childRunId: 'run.step.1.1' },
      { step: 'bus', childRunId: 'run.step.1.0' },
    ],
  });
  // The one that failed did so by itself, and the last was never begun.
  expect(deeds.map(({ output }) => output)).toEqual(['bus 2', 'bus 1', 'bus 0']);
  expect(new Set(deeds.map(({ key }) => key)).size).toBe(3);
});

test.each(['before', 'after'] as const)(
  'a process that dies %s any of its writes leaves nothing undone',
  async (when) => {
    for (let at = 1; ; at++) {
      const clock = createVirtualClock();
      const journal = memoryJournal();
      const deeds: Deed[] = [];
      const workflow = trip(deeds);
      const start = engineOn(clock, dying(journal, at, when)).start(workflow, null, { runId: 'run' });
      let isOver = false;
      void start.result.then(() => (isOver = true));
      await clock.advance(1_000);
      if (isOver) return void expect(at).toBeGreaterThan(15);
      const { runs, left } = await engineOn(clock, journal).recover([workflow]);
      expect(left).toEqual([]);
      await clock.run(Promise.all(runs.map(({ result }) => result)));
      const record = await journal.load('run');
      if (record === undefined) continue;
      expect(
        record.compensations?.map(({ step }) => step),
        `write ${at}`,
      ).toEqual(['pay', 'bus', 'hotel', 'train', 'plan']);
      const keys = new Map(deeds.map(({ what, key }) => [what, key]));
      expect(deeds.every(({ what, key }) => keys.get(what) === key)).toBe(true);
    }
  },
);

test('a child that has vanished is loud', async () => {
  const clock = createVirtualClock();
  const deeds: Deed[] = [];
  const journal = memoryJournal();
  const forgetful = new Proxy(journal, {
    get: (target, key) =>
      key === 'load'
        ? async (runId: string) => (runId === 'run' ? target.load(runId) : undefined)
        : (Reflect.get(target, key).bind?.(target) ?? Reflect.get(target, key)),
  });
  const outcome = await clock.run(engineOn(clock, forgetful).run(trip(deeds), null, { runId: 'run' }));
  expect(outcome).toMatchObject({
    error: { code: 'COMPENSATION_FAILED', message: expect.stringContaining('Run run.near.1 is gone') },
  });
  expect(deeds.map(({ what }) => what)).toEqual(['pay', 'plan']);
});
