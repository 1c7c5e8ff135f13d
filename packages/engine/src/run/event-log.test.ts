import { expect, test } from 'vitest';
import type { EngineEvent } from '../events.ts';
import { EventLog } from './event-log.ts';

const event = (n: number) => ({ type: 'attempt-end', runId: 'run', afterMs: n }) as unknown as EngineEvent;

async function read(log: EventLog, limit = Number.POSITIVE_INFINITY): Promise<number[]> {
  const seen: number[] = [];
  for await (const { afterMs } of log) {
    seen.push(afterMs);
    if (seen.length >= limit) break;
  }
  return seen;
}

test('every reader reads from the beginning, before and after the end', async () => {
  const log = new EventLog();
  const early = read(log);
  for (const n of [1, 2, 3]) log.push(event(n));
  const middle = read(log);
  await Promise.resolve();
  log.push(event(4));
  log.close();
  expect(await early).toEqual([1, 2, 3, 4]);
  expect(await middle).toEqual([1, 2, 3, 4]);
  expect(await read(log)).toEqual([1, 2, 3, 4]);
});

test('a reader may stop early', async () => {
  const log = new EventLog();
  const reading = read(log, 2);
  for (const n of [1, 2, 3]) log.push(event(n));
  expect(await reading).toEqual([1, 2]);
  log.push(event(4));
  log.close();
});

test('keeps the last 1,024 events; who is slower misses the oldest', async () => {
  const log = new EventLog();
  for (let n = 1; n <= 2_000; n++) log.push(event(n));
  log.close();
  const kept = await read(log);
  expect(kept).toHaveLength(1_024);
  expect([kept[0], kept.at(-1)]).toEqual([977, 2_000]);
});

test('a reader that is overtaken goes on with the oldest event kept', async () => {
  const log = new EventLog();
  const reader = log[Symbol.asyncIterator]();
  log.push(event(0));
  expect((await reader.next()).value).toMatchObject({ afterMs: 0 });
  for (let n = 1; n <= 3_000; n++) log.push(event(n));
  expect((await reader.next()).value).toMatchObject({ afterMs: 3_000 - 1_023 });
});
