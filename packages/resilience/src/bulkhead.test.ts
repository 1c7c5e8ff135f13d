import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBulkhead } from './bulkhead.ts';
import type { Bulkhead } from './bulkhead.ts';
import { deadlineIn, NO_DEADLINE } from './deadline.ts';
import { createVirtualClock } from './virtual-clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

let clock: VirtualClock;
const never = new AbortController().signal;
const settled = Symbol('none yet');

beforeEach(() => void (clock = createVirtualClock()));
afterEach(() => {
  expect(clock.pendingTimers()).toBe(0);
  expect(getEventListeners(never, 'abort')).toHaveLength(0);
});

const create = (maxInFlight: number, maxQueued: number) => createBulkhead({ maxInFlight, maxQueued, clock });
const take = (bulkhead: Bulkhead, withinMs = Infinity, signal: AbortSignal = never) =>
  bulkhead.acquire({ deadline: deadlineIn(clock, withinMs), signal });

/** The names of the callers in the order in which each got a place; each gives it back when told to. */
function line(bulkhead: Bulkhead) {
  const served: string[] = [];
  const releases: (() => void)[] = [];
  const join = (name: string, withinMs: number) =>
    void take(bulkhead, withinMs).then((release) => {
      served.push(name);
      releases.push(release);
    });
  const releaseNext = async () => {
    releases.shift()?.();
    await clock.advance(0);
  };
  return { served, join, releaseNext };
}

test('takes in so many, lets so many wait, and refuses the next at once', async () => {
  const bulkhead = create(2, 1);
  const first = await take(bulkhead);
  const second = await take(bulkhead);
  const third = take(bulkhead);
  await expect(take(bulkhead)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  expect({ inFlight: bulkhead.inFlight, queued: bulkhead.queued }).toEqual({ inFlight: 2, queued: 1 });
  first();
  const release = await third;
  expect({ inFlight: bulkhead.inFlight, queued: bulkhead.queued }).toEqual({ inFlight: 2, queued: 0 });
  release();
  second();
  expect(bulkhead.inFlight).toBe(0);
});

test('without a queue it only counts', async () => {
  const bulkhead = create(1, 0);
  const release = await take(bulkhead);
  await expect(take(bulkhead)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  release();
  (await take(bulkhead))();
});

test('a second release does not free the place of somebody else', async () => {
  const bulkhead = create(1, 1);
  const first = await take(bulkhead);
  const second = take(bulkhead);
  first();
  await second;
  first();
  expect(bulkhead.inFlight).toBe(1);
  (await second)();
});

test('serves in order of arrival while the queue moves', async () => {
  const bulkhead = create(1, 10);
  const { served, join, releaseNext } = line(bulkhead);
  for (const name of ['a', 'b', 'c']) join(name, 1_000);
  await clock.advance(100);
  for (let round = 0; round < 3; round++) await releaseNext();
  expect(served).toEqual(['a', 'b', 'c']);
});

test('serves the newest first once the head has waited more than a tenth of its time', async () => {
  await clock.advance(50_000);
  const bulkhead = create(1, 10);
  const { served, join, releaseNext } = line(bulkhead);
  for (const name of ['a', 'b', 'c', 'd']) join(name, 1_000);
  await clock.advance(101);
  await releaseNext();
  expect(served).toEqual(['a', 'd']);
  join('e', 1_000);
  for (let round = 0; round < 5; round++) await releaseNext();
  expect(served).toEqual(['a', 'd', 'e', 'c', 'b']);
});

test('returns to the order of arrival when the old ones are gone', async () => {
  const bulkhead = create(1, 10);
  const { served, join, releaseNext } = line(bulkhead);
  join('a', 1_000);
  join('b', 1_000);
  await clock.advance(500);
  await releaseNext();
  for (const name of ['c', 'd']) join(name, 1_000);
  for (let round = 0; round < 3; round++) await releaseNext();
  expect(served).toEqual(['a', 'b', 'c', 'd']);
});

test('who has no deadline waits in order of arrival', async () => {
  const bulkhead = create(1, 10);
  const { served, join, releaseNext } = line(bulkhead);
  for (const name of ['a', 'b', 'c']) join(name, Infinity);
  await clock.advance(3_600_000);
  for (let round = 0; round < 3; round++) await releaseNext();
  expect(served).toEqual(['a', 'b', 'c']);
});

test('a waiter is told at its deadline, and its turn goes to the next', async () => {
  const bulkhead = create(1, 2);
  const first = await take(bulkhead);
  const short = take(bulkhead, 50).catch((error: unknown) => error);
  const long = take(bulkhead, 500);
  await clock.advance(50);
  expect(await short).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(bulkhead.queued).toBe(1);
  first();
  (await long)();
});

test('a place that comes free at the deadline itself comes too late, whatever fires first', async () => {
  const bulkhead = create(1, 2);
  const first = await take(bulkhead);
  clock.setTimer(50, first);
  const long = take(bulkhead, 60);
  const short = take(bulkhead, 50).catch((error: unknown) => error);
  await clock.advance(50);
  expect(await short).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  (await long)();
});

test('an abort gives up waiting with its own reason', async () => {
  const bulkhead = create(1, 1);
  const first = await take(bulkhead);
  const controller = new AbortController();
  const waiting = take(bulkhead, 1_000, controller.signal);
  controller.abort('changed my mind');
  await expect(waiting).rejects.toBe('changed my mind');
  expect(bulkhead.queued).toBe(0);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  first();
  expect(bulkhead.inFlight).toBe(0);
});

test('an abort after the place was given does not give it back', async () => {
  const bulkhead = create(1, 1);
  const controller = new AbortController();
  const release = await take(bulkhead, 1_000, controller.signal);
  controller.abort('too late');
  expect(bulkhead.inFlight).toBe(1);
  release();
});

test('who comes aborted or too late gets no place, even a free one', async () => {
  const bulkhead = create(1, 1);
  await expect(take(bulkhead, 0)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  await expect(take(bulkhead, 10, AbortSignal.abort('no'))).rejects.toBe('no');
  expect(bulkhead.inFlight).toBe(0);
});

test('a place is handed over at once: nobody who comes in between takes it', async () => {
  const bulkhead = create(1, 2);
  const first = await take(bulkhead);
  const waiting = take(bulkhead);
  first();
  const late = take(bulkhead);
  expect(bulkhead.queued).toBe(1);
  (await waiting)();
  (await late)();
});

test('without a deadline a waiter waits for as long as it takes', async () => {
  const bulkhead = create(1, 1);
  const first = await take(bulkhead);
  let outcome: unknown = settled;
  const waiting = bulkhead.acquire({ deadline: NO_DEADLINE, signal: never });
  void waiting.then((release) => (outcome = release));
  await clock.advance(86_400_000);
  expect(outcome).toBe(settled);
  first();
  (await waiting)();
});

test.each([
  [0, 1, 'Expected `maxInFlight` to be an integer of at least 1, got 0'],
  [1.5, 1, 'Expected `maxInFlight` to be an integer of at least 1, got 1.5'],
  [1, -1, 'Expected `maxQueued` to be an integer of at least 0, got -1'],
])('refuses %d places and %d waiting', (maxInFlight, maxQueued, message) => {
  expect(() => create(maxInFlight, maxQueued)).toThrow(new TypeError(message));
});
