import { expect, test } from 'vitest';
import { z } from 'zod';
import { child } from '../define/child.ts';
import { map } from '../define/map.ts';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { code, reason } from '../define/steps.ts';
import { flow } from '../test-support/nested.ts';
import { wiredWorld } from '../test-support/wired.ts';

const Text = z.object({ text: z.string() });

const think = reason({ input: Text, output: Text, prompt: ({ input }) => input.text });

const stops: unknown[] = [];

/** Works until it is stopped. */
const work = code({
  input: Text,
  output: Text,
  effect: 'pure',
  run: ({ signal }) => {
    signal.addEventListener('abort', () => stops.push(signal.reason));
    return new Promise<never>(() => {});
  },
});

/** A list of children that ask a model, beside a child of a child that waits, and a step that works. */
const crowd = setupWorkflow({
  id: 'crowd',
  input: z.array(Text),
  output: z.null(),
  context: z.object({ items: z.array(Text) }),
  budget: { totalMs: 60_000 },
  steps: {
    each: map(child(flow('thinking', think)), { concurrency: 16, failure: 'collect' }),
    deep: child(flow('middle', child(flow('working', work)))),
    work,
  },
}).createMachine({
  context: ({ input }) => ({ items: input }),
  output: null,
  initial: 'busy',
  states: {
    busy: {
      type: 'parallel',
      onDone: 'done',
      states: {
        list: {
          initial: 'x',
          states: {
            x: {
              invoke: {
                id: 'each',
                src: 'each',
                input: ({ context }) => context.items,
                onDone: 'y',
                onError: 'y',
              },
            },
            y: { type: 'final' },
          },
        },
        deep: {
          initial: 'x',
          states: {
            x: { invoke: { id: 'deep', src: 'deep', input: { text: '' }, onDone: 'y', onError: 'y' } },
            y: { type: 'final' },
          },
        },
        own: {
          initial: 'x',
          states: {
            x: {
              invoke: { id: 'work', src: 'work', input: { text: '' }, onDone: 'y', onError: 'y' },
              after: { 30_000: 'y' },
            },
            y: { type: 'final' },
          },
        },
      },
    },
    done: { type: 'final' },
  },
});

const items = Array.from({ length: 40 }, (_, n) => ({ text: `Item ${n}` }));

test('a cancel reaches every child, item, queue, timer and socket in the same turn', async () => {
  stops.length = 0;
  const config = { policy: { maxInFlightPerTarget: 6 } };
  const { clock, simulator, engine, journal, gateway } = wiredWorld({ config });
  const queued = () => gateway.health().targets.reduce((sum, { queue }) => sum + queue.length, 0);
  const handle = engine.start(crowd, items, { runId: 'run' });
  await clock.advance(50);
  expect(simulator.calls.filter(({ ended }) => ended === null).length).toBeGreaterThan(4);
  expect(queued()).toBeGreaterThan(4);
  const atMs = clock.nowMs();
  handle.cancel('Enough.');
  expect(stops).toMatchObject([{ message: 'Enough.' }, { message: 'Enough.' }]);
  const outcome = await clock.run(handle.result);
  expect(outcome).toMatchObject({ status: 'cancelled' });
  // Nothing had to wait for the clock.
  expect(clock.nowMs()).toBe(atMs);
  expect(simulator.calls.filter(({ ended }) => ended !== 'cancelled')).toEqual([]);
  expect(new Set(simulator.calls.map(({ endedMs }) => endedMs))).toEqual(new Set([atMs]));
  expect(await journal.list({ unfinished: true })).toEqual([]);
  expect((await journal.list({})).every(({ status }) => status === 'cancelled')).toBe(true);
  expect(queued()).toBe(0);
  expect(clock.pendingTimers()).toBe(0);
});

test('so does the end of their time', async () => {
  stops.length = 0;
  const { clock, simulator, engine, journal } = wiredWorld();
  const outcome = await clock.run(engine.run(crowd, items, { runId: 'run', deadlineMs: 120 }));
  expect(outcome.ms).toBeLessThanOrEqual(120);
  expect(stops).toHaveLength(2);
  expect(simulator.calls.filter(({ ended }) => ended === null)).toEqual([]);
  expect(await journal.list({ unfinished: true })).toEqual([]);
  expect(clock.pendingTimers()).toBe(0);
});
