import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock } from '@paceline/resilience/testing';
import { expect, test } from 'vitest';
import { createEngine } from '../engine.ts';
import { sqliteJournal } from '../journal/sqlite/sqlite-journal.ts';
import { approving } from '../test-support/approving.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import { scriptedWorld } from '../test-support/one-step.ts';
import type { JournalEntry } from './record.ts';

/** What a reader has been given so far. */
function read(entries: AsyncIterable<JournalEntry>) {
  const seen: string[] = [];
  const whole = (async () => {
    for await (const { seq, event } of entries) seen.push(`${seq} ${event.type}`);
  })();
  return { seen, whole };
}

async function begun() {
  const world = scriptedWorld();
  const handle = world.engine.start(approving({ sent: [] }), { text: 'hello' }, { runId: 'letter' });
  await world.clock.advance(1);
  return { ...world, handle };
}

test('what is recorded comes first, then each entry at once, to the end', async () => {
  const { clock, engine, handle } = await begun();
  const { seen, whole } = read(engine.follow('letter'));
  await clock.advance(0);
  expect(seen).toEqual(['1 run-start', '2 step-done']);
  await handle.signal('approve', { by: 'ann' });
  await clock.advance(0);
  expect(seen).toEqual(['1 run-start', '2 step-done', '3 signal', '4 step-done']);
  await handle.signal('confirm', null);
  await clock.run(handle.result);
  await whole;
  expect(seen.at(-1)).toBe('5 signal');
  expect(clock.pendingTimers()).toBe(0);
});

test('a run is followed from the moment in which it was asked for, recorded or not', async () => {
  const clock = createVirtualClock();
  const folder = mkdtempSync(join(tmpdir(), 'paceline-follow-'));
  const journal = sqliteJournal({ path: join(folder, 'runs.db'), clock });
  const engine = createEngine({ gateway: scriptedGateway(), journal, clock });
  const handle = engine.start(approving({ sent: [] }), { text: 'hello' }, { runId: 'letter' });
  const { seen, whole } = read(engine.follow('letter'));
  await clock.advance(1);
  handle.cancel();
  await clock.run(whole);
  await handle.result;
  expect(seen).toEqual(['1 run-start', '2 step-done', '3 cancel']);
  await journal.close();
  rmSync(folder, { recursive: true });
});

test('a cursor goes on where the reader was, each reader for itself', async () => {
  const { clock, engine, handle } = await begun();
  const readers = [0, 1, 2].map((afterSeq) => read(engine.follow('letter', { afterSeq })));
  handle.cancel();
  await clock.run(Promise.all(readers.map(({ whole }) => whole)));
  expect(readers.map(({ seen }) => seen)).toEqual([
    ['1 run-start', '2 step-done', '3 cancel'],
    ['2 step-done', '3 cancel'],
    ['3 cancel'],
  ]);
  const { seen, whole } = read(engine.follow('letter', { afterSeq: 3 }));
  await whole;
  expect(seen).toEqual([]);
});

test('a reader that stops while it waits is let go at once and leaves no timer', async () => {
  const { clock, engine, handle } = await begun();
  const timers = clock.pendingTimers();
  const reader = engine.follow('letter', { afterSeq: 2 })[Symbol.asyncIterator]();
  const next = reader.next();
  await clock.advance(0);
  expect(clock.pendingTimers()).toBe(timers + 1);
  await reader.return?.();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(clock.pendingTimers()).toBe(timers);
  expect(await reader.next()).toEqual({ done: true, value: undefined });
  handle.cancel();
  await clock.run(handle.result);
});

test('a run of another process is followed, 250 ms behind at most', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paceline-follow-'));
  const clock = createVirtualClock();
  const [owner, other] = [0, 1].map(() => sqliteJournal({ path: join(folder, 'runs.db'), clock })) as [
    ReturnType<typeof sqliteJournal>,
    ReturnType<typeof sqliteJournal>,
  ];
  const engineOn = (journal: typeof owner) => createEngine({ gateway: scriptedGateway(), journal, clock });
  const handle = engineOn(owner).start(approving({ sent: [] }), { text: 'hello' }, { runId: 'letter' });
  await clock.advance(1);
  const { seen, whole } = read(engineOn(other).follow('letter', { afterSeq: 1 }));
  await clock.advance(0);
  expect(seen).toEqual(['2 step-done']);
  handle.cancel('no more');
  await clock.advance(250);
  expect(seen).toEqual(['2 step-done', '3 cancel']);
  await clock.run(whole);
  await handle.result;
  await owner.close();
  await other.close();
  rmSync(folder, { recursive: true });
});

test('a run that nobody knows, and a cursor that is none', async () => {
  const { engine } = scriptedWorld();
  await expect(read(engine.follow('nobody')).whole).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
  for (const afterSeq of [-1, 0.5, Number.NaN]) {
    expect(() => engine.follow('letter', { afterSeq })).toThrow(TypeError);
  }
});
