import { createGateway } from '@paceline/gateway';
import { createVirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { code } from '../define/steps.ts';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { createEngine } from '../engine.ts';
import type { EngineOptions } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';

/** Works for so many milliseconds, then waits for an hour, then works again. */
function world(limits: Pick<EngineOptions, 'maxActiveRuns' | 'maxQueuedRuns'>) {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const engine = createEngine({ gateway: createGateway({ roles: {} }), clock, journal, ...limits });
  const sleep = (ms: number) => new Promise<void>((resolve) => void clock.setTimer(ms, resolve));
  const { createMachine } = setupWorkflow({
    id: 'work',
    input: z.number(),
    output: z.undefined(),
    context: z.object({ ms: z.number() }),
    budget: { totalMs: 10_000_000 },
    steps: {
      work: code({
        input: z.number(),
        output: z.null(),
        effect: 'pure',
        run: async ({ input }) => sleep(input).then(() => null),
      }),
    },
  });
  const invoke = {
    id: 'work',
    src: 'work',
    input: ({ context }: { context: { ms: number } }) => context.ms,
  } as const;
  const working = createMachine({
    context: ({ input }) => ({ ms: input }),
    initial: 'first',
    states: {
      first: { invoke: { ...invoke, id: 'first', onDone: 'end', onError: 'end' } },
      end: { type: 'final' },
    },
  });
  const resting = createMachine({
    context: ({ input }) => ({ ms: input }),
    initial: 'first',
    states: {
      first: { invoke: { ...invoke, id: 'first', onDone: 'resting', onError: 'end' } },
      resting: { after: { 3_600_000: 'second' } },
      second: { invoke: { ...invoke, id: 'second', onDone: 'end', onError: 'end' } },
      end: { type: 'final' },
    },
  });
  return { clock, journal, engine, working, resting };
}

describe('the places of an engine', () => {
  test('beyond them runs wait, in order, and none is recorded before it has one', async () => {
    const { clock, journal, engine, working } = world({ maxActiveRuns: 2 });
    const ended: string[] = [];
    const results = ['a', 'b', 'c', 'd'].map((runId) =>
      engine.run(working, 100, { runId }).then(({ status }) => ended.push(`${runId} ${status}`)),
    );
    await clock.advance(50);
    expect((await journal.list({})).map(({ runId }) => runId)).toEqual(['a', 'b']);
    await clock.run(Promise.all(results));
    expect(ended).toEqual(['a succeeded', 'b succeeded', 'c succeeded', 'd succeeded']);
    expect(clock.nowMs()).toBe(200);
  });

  test('a run waits no longer than its own time, which counts from the request', async () => {
    const { clock, journal, engine, working } = world({ maxActiveRuns: 1, maxQueuedRuns: 2 });
    const first = engine.run(working, 1_000);
    const late = engine.run(working, 1, { runId: 'late', deadlineMs: 400 });
    const short = engine.run(working, 600, { runId: 'short', deadlineMs: 1_500 });
    expect(await clock.run(late)).toMatchObject({ status: 'failed', error: { code: 'ENGINE_BUSY' } });
    expect(clock.nowMs()).toBe(400);
    await clock.run(first);
    expect(await clock.run(short)).toMatchObject({ steps: [{ step: 'work', ok: false }] });
    const record = await journal.load('short');
    expect(record!.expiresEpochMs - record!.startedEpochMs).toBe(500);
    expect(await journal.load('late')).toBeUndefined();
  });

  test('where there is no room to wait either, it is told at once', async () => {
    const { clock, engine, working } = world({ maxActiveRuns: 1, maxQueuedRuns: 1 });
    const running = [engine.run(working, 10), engine.run(working, 10)];
    expect(await engine.run(working, 10)).toMatchObject({ error: { code: 'ENGINE_BUSY' } });
    expect((await clock.run(Promise.all(running))).map(({ status }) => status)).toEqual([
      'succeeded',
      'succeeded',
    ]);
    // Its id is free again.
    expect(await clock.run(engine.run(working, 10))).toMatchObject({ status: 'succeeded' });
  });

  test('a run at rest gives its place to others, and goes on without waiting for one', async () => {
    const { clock, engine, working, resting } = world({ maxActiveRuns: 1, maxQueuedRuns: 2 });
    const rests = Array.from({ length: 3 }, () => engine.run(resting, 100));
    await clock.advance(301);
    expect(await clock.run(engine.run(working, 100))).toMatchObject({ status: 'succeeded' });
    const long = engine.run(working, 4_000_000);
    expect((await clock.run(Promise.all(rests))).map(({ status }) => status)).toEqual(
      Array.from({ length: 3 }, () => 'succeeded'),
    );
    // Those that went on took their places beyond the one there is.
    expect(clock.nowMs()).toBe(3_600_400);
    expect(await clock.run(long)).toMatchObject({ status: 'succeeded' });
  });

  test('one that waits can be cancelled, by its handle and by its signal, and leaves nothing', async () => {
    const { clock, journal, engine, working } = world({ maxActiveRuns: 1, maxQueuedRuns: 2 });
    const first = engine.run(working, 100);
    const stop = new AbortController();
    const handle = engine.start(working, 100, { runId: 'a' });
    const signalled = engine.start(working, 100, { runId: 'b', signal: stop.signal });
    handle.cancel('Not any more.');
    stop.abort();
    expect(await handle.result).toMatchObject({ status: 'cancelled', error: { message: 'Not any more.' } });
    expect(await signalled.result).toMatchObject({ status: 'cancelled' });
    expect(await journal.load('a')).toBeUndefined();
    // Their places in the queue are free again.
    const others = [engine.run(working, 1), engine.run(working, 1)];
    await clock.run(Promise.all([first, ...others]));
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
  });

  test('closing takes in nobody who still waits', async () => {
    const { clock, engine, working } = world({ maxActiveRuns: 1 });
    const first = engine.run(working, 100);
    const waiting = engine.start(working, 100);
    const closed = engine.close({ drainMs: 1_000 });
    await expect(waiting.result).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    await clock.run(closed);
    expect(await first).toMatchObject({ status: 'succeeded' });
    expect(clock.nowMs()).toBe(100);
  });

  test('every engine has places of its own', async () => {
    const one = world({ maxActiveRuns: 1 });
    const first = one.engine.run(one.working, 100);
    const two = createEngine({ gateway: createGateway({ roles: {} }), clock: one.clock, maxActiveRuns: 1 });
    const other = two.run(one.working, 100);
    await one.clock.run(Promise.all([first, other]));
    expect(one.clock.nowMs()).toBe(100);
  });

  test.each([{ maxActiveRuns: 0 }, { maxActiveRuns: 1.5 }, { maxQueuedRuns: -1 }])(
    '%o is refused',
    (limits) => {
      expect(() => world(limits)).toThrow(TypeError);
    },
  );
});
