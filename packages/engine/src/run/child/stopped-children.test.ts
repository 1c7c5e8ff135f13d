import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { child } from '../../define/child.ts';
import { map } from '../../define/map.ts';
import { setupWorkflow } from '../../define/setup-workflow.ts';
import type { Budget, Step } from '../../define/step.ts';
import { execute, reason, tool } from '../../define/steps.ts';
import { createEngine } from '../../engine.ts';
import { memoryJournal } from '../../journal/memory-store.ts';
import type { JournalStore } from '../../journal/store.ts';
import { dying } from '../../test-support/dying.ts';
import { resultOf, scriptedGateway } from '../../test-support/gateway.ts';
import { flow } from '../../test-support/nested.ts';

const anything = z.json();

/** Asks a model, for a cent, and then works for ever; undoing it takes 200 ms. */
function endless(clock: VirtualClock) {
  const hang = tool({
    description: 'Hangs',
    input: z.object({}),
    effect: 'idempotent',
    run: () => new Promise<never>(() => {}),
  });
  return execute({
    input: anything,
    output: z.object({ n: z.number() }),
    tools: { hang },
    prompt: () => 'Do it.',
    compensate: () => new Promise<void>((resolve) => void clock.setTimer(200, resolve)),
  });
}

const ask = reason({ input: anything, output: z.object({ n: z.number() }), prompt: () => 'Well?' });

/** Waits 100 ms for its step, then goes where it is told to; the last of its states asks a model itself. */
function impatient(step: Step, goesOn: 'to its end' | 'to wait' | 'to ask', budget?: Budget) {
  return setupWorkflow({
    id: 'impatient',
    input: anything,
    output: anything,
    context: z.object({}),
    budget: budget ?? { totalMs: 60_000 },
    steps: { step, ask },
  }).createMachine({
    context: {},
    output: null,
    initial: 'working',
    states: {
      working: {
        invoke: { id: 'step', src: 'step', input: [1, 2], onDone: 'done', onError: 'waiting' },
        after: {
          100: [
            { guard: () => goesOn === 'to its end', target: 'done' },
            { guard: () => goesOn === 'to ask', target: 'asking' },
            { target: 'waiting' },
          ],
        },
      },
      asking: { invoke: { id: 'ask', src: 'ask', input: null, onDone: 'done', onError: 'done' } },
      waiting: { after: { 1_000: 'done' } },
      done: { type: 'final' },
    },
  });
}

const calling = resultOf({ toolCalls: [{ id: 'c1', name: 'hang', input: {} }] });
const engineOn = (journal: JournalStore, clock: VirtualClock) =>
  createEngine({ gateway: scriptedGateway(calling), journal, clock });

/** How it ends, what it spent, what its children spent, and how often the end of one is in its journal. */
async function booksOf(journal: JournalStore) {
  const children = await journal.list({ parentRunId: 'run' });
  const records = await Promise.all(children.map(({ runId }) => journal.load(runId)));
  const cents = records.reduce((sum, record) => sum + (record?.spend.knownUsd ?? 0), 0);
  const stopped: string[] = [];
  for await (const { event } of journal.entries('run')) {
    if (event.type === 'child-stopped') stopped.push(event.runId);
  }
  const record = await journal.load('run');
  return { record, cents, stopped, children: records };
}

const STEPS: Readonly<Record<string, (clock: VirtualClock) => Step>> = {
  'a child': (clock) => child(flow('inner', endless(clock), { failing: 'failed' })),
  'a child with less time': (clock) => ({
    ...child(flow('inner', endless(clock), { failing: 'failed' })),
    totalMs: 60,
  }),
  'children of a list': (clock) => map(child(flow('inner', endless(clock), { failing: 'failed' }))),
  'children of a list with less time': (clock) =>
    map(
      { ...child(flow('inner', endless(clock), { failing: 'failed' })), totalMs: 60 },
      { failure: 'collect' },
    ),
  'a child’s child': (clock) =>
    child(flow('middle', child(flow('inner', endless(clock), { failing: 'failed' })), { failing: 'failed' })),
};

describe.each(Object.entries(STEPS))('%s that is stopped', (_, make) => {
  test.each(['to its end', 'to wait'] as const)('comes to rest, and is paid for once: %s', async (goesOn) => {
    const clock = createVirtualClock();
    const journal = memoryJournal();
    const outcome = await clock.run(
      engineOn(journal, clock).run(impatient(make(clock), goesOn), [], { runId: 'run' }),
    );
    const { record, cents, stopped, children } = await booksOf(journal);
    expect(children.length).toBeGreaterThan(0);
    expect(children.every((each) => each?.status === 'cancelled' || each?.status === 'failed')).toBe(true);
    expect(cents).toBeGreaterThan(0);
    expect(outcome.spend.knownUsd).toBeCloseTo(cents);
    expect(record).toMatchObject({ status: 'succeeded', spend: outcome.spend });
    expect(record).not.toHaveProperty('stopping');
    expect(stopped.toSorted()).toEqual(children.map((each) => each?.runId).toSorted());
    expect(clock.pendingTimers()).toBe(0);
  });

  test.each(['before', 'after'] as const)('also if the process dies %s any of its writes', async (when) => {
    for (let at = 1; ; at++) {
      const clock = createVirtualClock();
      const journal = memoryJournal();
      const workflow = impatient(make(clock), at % 2 === 0 ? 'to its end' : 'to wait');
      const start = engineOn(dying(journal, at, when), clock).start(workflow, [], { runId: 'run' });
      let isOver = false;
      void start.result.then(() => (isOver = true));
      await clock.advance(5_000);
      if (isOver) return void expect(at).toBeGreaterThan(8);
      const { runs, left } = await engineOn(journal, clock).recover([workflow]);
      expect(left).toEqual([]);
      await clock.run(Promise.all(runs.map(({ result }) => result)));
      expect(await journal.list({ unfinished: true })).toEqual([]);
      const { record, cents, stopped } = await booksOf(journal);
      expect(record?.spend.knownUsd ?? 0, `write ${at}`).toBeCloseTo(cents);
      expect(new Set(stopped).size).toBe(stopped.length);
    }
  });
});

test('what a child that was stopped has spent counts against the cap of a run that goes on', async () => {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  let room: unknown[] = [];
  const gateway = scriptedGateway(async ({ budget }) => {
    const held = budget?.money.reserve(0.001);
    room.push(held?.ok);
    if (held?.ok) held.settle(0.01);
    return calling;
  });
  const workflow = impatient(STEPS['a child']!(clock), 'to ask', { totalMs: 60_000, usd: 0.01 });
  const engine = (store: JournalStore) => createEngine({ gateway, journal: store, clock });
  // It dies when the run has left its child and has not heard that it came to rest.
  void engine(dying(journal, 6, 'after')).start(workflow, [], { runId: 'run' });
  await clock.advance(5_000);
  expect(await journal.load('run')).toMatchObject({ stopping: [{ runId: 'run.step.1' }] });
  room = [];
  const { runs } = await engine(journal).recover([workflow]);
  await clock.run(Promise.all(runs.map(({ result }) => result)));
  expect(new Set(room)).toEqual(new Set([false]));
});

test('a run that is cancelled ends when what it stopped has come to rest, and undoes nothing before', async () => {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const workflow = impatient(STEPS['a child']!(clock), 'to wait');
  const handle = engineOn(journal, clock).start(workflow, [], { runId: 'run' });
  await clock.advance(50);
  handle.cancel('Enough.');
  await clock.advance(100);
  expect(await journal.load('run')).toMatchObject({
    status: 'running',
    ending: { status: 'cancelled' },
    stopping: [{ runId: 'run.step.1', step: 'step' }],
  });
  const outcome = await clock.run(handle.result);
  expect(outcome).toMatchObject({
    status: 'cancelled',
    error: { message: 'Enough.' },
    spend: { knownUsd: 0.01 },
  });
  expect(outcome.ms).toBe(250);
});
