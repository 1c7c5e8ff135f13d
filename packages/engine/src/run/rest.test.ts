import { createGateway } from '@paceline/gateway';
import { createVirtualClock } from '@paceline/resilience/testing';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { code } from '../define/steps.ts';
import { createEngine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { memoryJournal } from '../journal/memory-store.ts';

/** Waits for a signal, at most for an hour. */
const resting = setupWorkflow({
  id: 'resting',
  input: z.null(),
  output: z.string(),
  context: z.object({ word: z.string() }),
  budget: { totalMs: 10_000_000 },
  signals: { word: z.string() },
  steps: { none: code({ input: z.null(), output: z.null(), effect: 'pure', run: async () => null }) },
}).createMachine({
  context: { word: 'nothing' },
  output: ({ context }) => context.word,
  initial: 'waiting',
  states: {
    waiting: { on: { word: 'heard' }, after: { 3_600_000: 'end' } },
    heard: { after: { 1_000: 'end' } },
    end: { type: 'final' },
  },
});

function world() {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const load = vi.spyOn(journal, 'load');
  return {
    clock,
    journal,
    load,
    engine: createEngine({ gateway: createGateway({ roles: {} }), clock, journal }),
  };
}

test('a run at rest is left to the journal, and read again when something happens to it', async () => {
  const { clock, load, engine } = world();
  const handle = engine.start(resting, null);
  await clock.advance(10);
  expect(load).not.toHaveBeenCalled();
  expect(await clock.run(handle.signal('word', 'hello'))).toBe('taken');
  expect(load).toHaveBeenCalledTimes(1);
  expect(await clock.run(handle.result)).toMatchObject({ status: 'succeeded' });
  expect(load).toHaveBeenCalledTimes(2);
});

test('its deadline and its cancel reach it all the same', async () => {
  const { clock, engine } = world();
  const late = engine.start(resting, null, { deadlineMs: 3_600_000 });
  const unwanted = engine.start(resting, null);
  await clock.advance(10);
  unwanted.cancel();
  expect(await clock.run(unwanted.result)).toMatchObject({ status: 'cancelled' });
  expect(await clock.run(late.result)).toMatchObject({ ms: 3_600_000 });
});

test('a journal that cannot give it back fails it here, and leaves it to whoever recovers it', async () => {
  const { clock, journal, load, engine } = world();
  const handle = engine.start(resting, null, { runId: 'a' });
  await clock.advance(10);
  load.mockRejectedValueOnce(new Error('The disk is gone.'));
  handle.signal('word', 'hello').catch(() => {});
  await expect(clock.run(handle.result)).rejects.toThrow('The disk is gone.');
  expect((await journal.list({ unfinished: true })).map(({ runId }) => runId)).toEqual(['a']);
});

test('a disk that cannot be read for a while is waited for', async () => {
  const { clock, load, engine } = world();
  const handle = engine.start(resting, null);
  await clock.advance(10);
  for (let i = 0; i < 5; i++) load.mockRejectedValueOnce(new EngineError('JOURNAL_FAILED', 'SQLITE_BUSY'));
  expect(await clock.run(handle.signal('word', 'hello'))).toBe('taken');
  expect(await clock.run(handle.result)).toMatchObject({ status: 'succeeded' });
});

test('a disk that stays unreadable fails the run here, and leaves it to others', async () => {
  const { clock, load, engine, journal } = world();
  const handle = engine.start(resting, null, { runId: 'run' });
  await clock.advance(10);
  load.mockRejectedValue(new EngineError('JOURNAL_FAILED', 'SQLITE_IOERR'));
  handle.cancel();
  await expect(clock.run(handle.result)).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
  expect(clock.nowMs()).toBeGreaterThan(50_000);
  load.mockRestore();
  expect(await journal.load('run')).toMatchObject({ status: 'running' });
});

test('nor does one that does not answer keep it for ever', async () => {
  const { clock, load, engine } = world();
  const handle = engine.start(resting, null);
  await clock.advance(10);
  load.mockReturnValue(new Promise(() => {}));
  handle.cancel();
  await expect(clock.run(handle.result)).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
});

test('an engine that closes does not wait for a disk that cannot be read', async () => {
  const { clock, load, engine } = world();
  const handle = engine.start(resting, null);
  await clock.advance(10);
  load.mockRejectedValue(new EngineError('JOURNAL_FAILED', 'SQLITE_IOERR'));
  handle.cancel();
  const failed = expect(handle.result).rejects.toThrow();
  await clock.advance(100);
  await clock.run(engine.close({ unfinished: 'leave' }));
  await failed;
  expect(clock.nowMs()).toBeLessThan(1_000);
});
