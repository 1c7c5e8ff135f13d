import { beforeEach, expect, test } from 'vitest';
import { createBulkhead } from './bulkhead.ts';
import type { Bulkhead, BulkheadOptions, BulkheadRequest } from './bulkhead.ts';
import { deadlineIn } from './deadline.ts';
import { createVirtualClock } from './virtual-clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

let clock: VirtualClock;
const never = new AbortController().signal;

beforeEach(() => void (clock = createVirtualClock()));

type Ask = Partial<Omit<BulkheadRequest, 'deadline'>> & { withinMs?: number };

const create = (options: Partial<BulkheadOptions>): Bulkhead =>
  createBulkhead({ maxInFlight: 1, maxQueued: 100, clock, ...options });

/** Joins callers, and notes who got a place in which order, who was refused with what, and how to give a place back. */
function crowd(bulkhead: Bulkhead) {
  const served: string[] = [];
  const refused: Record<string, unknown> = {};
  const held: { tenant: string; release: () => void }[] = [];
  const join = async (name: string, { withinMs = Infinity, signal = never, ...ask }: Ask = {}) => {
    const tenant = ask.tenant ?? name[0]!;
    void bulkhead.acquire({ deadline: deadlineIn(clock, withinMs), signal, ...ask, tenant }).then(
      (release) => {
        served.push(name);
        held.push({ tenant, release });
      },
      (error: { code?: string }) => (refused[name] = error.code ?? error),
    );
    await clock.advance(0);
  };
  const releaseOf = async (tenant: string) => {
    const at = held.findIndex((place) => place.tenant === tenant);
    held.splice(at, 1)[0]!.release();
    await clock.advance(0);
  };
  const releaseAll = async () => {
    while (held.length > 0) await releaseOf(held[0]!.tenant);
  };
  const holds = (tenant: string) => held.filter((place) => place.tenant === tenant).length;
  return { served, refused, join, releaseOf, releaseAll, holds };
}

test('tenants that wait take turns, however many of one came first', async () => {
  const { served, join, releaseAll } = crowd(create({}));
  for (const name of ['a0', 'a1', 'a2', 'a3', 'b1', 'b2']) await join(name);
  await releaseAll();
  expect(served).toEqual(['a0', 'b1', 'a1', 'b2', 'a2', 'a3']);
});

test('a turn is as long as its cost: one big call of one tenant is worth many small ones of another', async () => {
  const { served, join, releaseAll } = crowd(create({}));
  await join('x', { tenant: 'x' });
  for (const name of ['a1', 'a2']) await join(name, { cost: 3_000 });
  for (const name of ['b1', 'b2', 'b3', 'b4']) await join(name, { cost: 1_000 });
  await releaseAll();
  expect(served).toEqual(['x', 'a1', 'b1', 'b2', 'b3', 'a2', 'b4']);
});

test('a tenant of twice the weight gets twice as much', async () => {
  const bulkhead = create({ tenantWeight: (tenant) => (tenant === 'a' ? 2 : 1) });
  const { served, join, releaseAll } = crowd(bulkhead);
  await join('x', { tenant: 'x' });
  for (const at of [1, 2, 3, 4]) await join(`a${at}`);
  for (const at of [1, 2]) await join(`b${at}`);
  await releaseAll();
  expect(served).toEqual(['x', 'a1', 'b1', 'a2', 'a3', 'b2', 'a4']);
});

test('a tenant that was away has saved nothing up', async () => {
  const { served, join, releaseAll } = crowd(create({}));
  await join('b0');
  for (const name of ['a0', 'a1', 'a2', 'a3', 'a4', 'a5']) await join(name);
  await releaseAll();
  await join('x', { tenant: 'x' });
  for (const name of ['a6', 'a7', 'b1', 'b2', 'b3']) await join(name);
  await releaseAll();
  expect(served.slice(8)).toEqual(['b1', 'a6', 'b2', 'a7', 'b3']);
});

test('alone a tenant may hold every place', async () => {
  const { join, holds } = crowd(create({ maxInFlight: 16 }));
  for (let at = 0; at < 17; at++) await join(`a${at}`);
  expect(holds('a')).toBe(16);
});

test('beside a tenant seen lately an eighth of the places stays free, for it to come back to at once', async () => {
  const bulkhead = create({ maxInFlight: 16 });
  const { join, releaseOf, holds } = crowd(bulkhead);
  await join('b0');
  await releaseOf('b');
  for (let at = 0; at < 20; at++) await join(`a${at}`);
  expect(holds('a')).toBe(14);
  for (const name of ['b1', 'b2', 'b3']) await join(name);
  expect(holds('b')).toBe(2);
  await releaseOf('a');
  expect({ a: holds('a'), b: holds('b'), waiting: bulkhead.queued }).toEqual({ a: 13, b: 3, waiting: 6 });
});

test('while both wait each holds its share, by weight', async () => {
  const bulkhead = create({ maxInFlight: 12, tenantWeight: (tenant) => (tenant === 'a' ? 3 : 1) });
  const { join, releaseOf, holds } = crowd(bulkhead);
  for (let at = 0; at < 30; at++) await join(`b${at}`);
  expect(holds('b')).toBe(12);
  for (let at = 0; at < 30; at++) await join(`a${at}`);
  for (let at = 0; at < 11; at++) await releaseOf('b');
  expect({ a: holds('a'), b: holds('b') }).toEqual({ a: 9, b: 3 });
});

test('a single place is never kept free', async () => {
  const { served, join, releaseOf } = crowd(create({}));
  await join('b0');
  await releaseOf('b');
  await join('a0');
  expect(served).toEqual(['b0', 'a0']);
});

test('after ten seconds without a call a tenant no longer counts', async () => {
  const { join, releaseOf, holds } = crowd(create({ maxInFlight: 4 }));
  await join('b0');
  await releaseOf('b');
  await clock.advance(9_999);
  for (let at = 0; at < 4; at++) await join(`a${at}`);
  expect(holds('a')).toBe(3);
  await clock.advance(1);
  await join('a4');
  expect(holds('a')).toBe(4);
});

test('a tenant whose one call lasts longer than that still counts', async () => {
  const { join, holds } = crowd(create({ maxInFlight: 4 }));
  await join('b0');
  await clock.advance(60_000);
  for (let at = 0; at < 4; at++) await join(`a${at}`);
  expect(holds('a')).toBe(2);
});

test('in an overload the most critical of a tenant goes first, and among equals the newest', async () => {
  const { served, join, releaseAll } = crowd(create({}));
  const ranks = { a0: 1, a1: 2, a2: 0, a3: 3, a4: 0, a5: 1 };
  for (const [name, rank] of Object.entries(ranks)) await join(name, { rank, withinMs: 1_000 });
  await clock.advance(101);
  await releaseAll();
  expect(served).toEqual(['a0', 'a4', 'a2', 'a5', 'a1', 'a3']);
});

test('one tenant in an overload does not turn the order of another', async () => {
  const { served, join, releaseAll } = crowd(create({}));
  await join('x', { tenant: 'x' });
  for (const name of ['a1', 'a2']) await join(name, { withinMs: 1_000 });
  for (const name of ['b1', 'b2']) await join(name, { withinMs: 10_000 });
  await clock.advance(101);
  await releaseAll();
  expect(served).toEqual(['x', 'a2', 'b1', 'a1', 'b2']);
});

test('a full queue drops its least critical waiter for a more critical one, and of equals the newest', async () => {
  const { refused, join } = crowd(create({ maxQueued: 3 }));
  const ranks = { a0: 1, a1: 3, a2: 2, a3: 3, a4: 1, a5: 3, a6: 0 };
  for (const [name, rank] of Object.entries(ranks)) await join(name, { rank });
  expect(refused).toEqual({ a3: 'QUEUE_FULL', a5: 'QUEUE_FULL', a1: 'QUEUE_FULL' });
});

test('who fills the queue makes room for another tenant, but not beyond an equal part', async () => {
  const { refused, join } = crowd(create({ maxQueued: 4 }));
  for (const name of ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'b2', 'b3']) await join(name);
  expect(refused).toEqual({ a5: 'QUEUE_FULL', a4: 'QUEUE_FULL', a3: 'QUEUE_FULL', b3: 'QUEUE_FULL' });
});

test('no tenant is made to give up a more critical call for a less critical one', async () => {
  const { refused, join } = crowd(create({ maxQueued: 2 }));
  for (const name of ['a0', 'a1', 'a2']) await join(name, { rank: 0 });
  await join('b1', { rank: 1 });
  expect(refused).toEqual({ b1: 'QUEUE_FULL' });
});

test('who would get a place too late to be of use is refused as soon as that is certain', async () => {
  const { refused, join, served } = crowd(create({}));
  await join('a0', { withinMs: 1_000, usefulMs: 5_000 });
  await join('a1', { withinMs: 1_000, usefulMs: 1_000 });
  await join('a2', { withinMs: 1_000, usefulMs: 400 });
  expect({ served, refused }).toEqual({ served: ['a0'], refused: { a1: 'DEADLINE_EXCEEDED' } });
  await clock.advance(599);
  expect(refused).not.toHaveProperty('a2');
  await clock.advance(1);
  expect(refused).toHaveProperty('a2', 'DEADLINE_EXCEEDED');
});

test('a limit that rises lets in who waits: on `wake`, or before the next caller', async () => {
  let limit = 1;
  const bulkhead = create({ maxInFlight: () => limit });
  const { served, join } = crowd(bulkhead);
  for (const name of ['a0', 'a1', 'a2', 'a3']) await join(name);
  limit = 2;
  bulkhead.wake();
  await clock.advance(0);
  expect(served).toEqual(['a0', 'a1']);
  limit = 4;
  await join('a4');
  expect(served).toEqual(['a0', 'a1', 'a2', 'a3']);
  expect(bulkhead.queued).toBe(1);
});

test('a limit that falls takes no place away, but gives none out until enough have come back', async () => {
  let limit = 3;
  const bulkhead = create({ maxInFlight: () => limit });
  const { served, join, releaseOf } = crowd(bulkhead);
  for (const name of ['a0', 'a1', 'a2', 'a3']) await join(name);
  limit = 0.5;
  await releaseOf('a');
  await releaseOf('a');
  expect(served).toEqual(['a0', 'a1', 'a2']);
  await releaseOf('a');
  expect(served).toEqual(['a0', 'a1', 'a2', 'a3']);
  expect(bulkhead.inFlight).toBe(1);
});

test('tells how long the oldest has waited', async () => {
  const bulkhead = create({});
  const { join, releaseOf } = crowd(bulkhead);
  await join('a0');
  await clock.advance(50);
  expect(bulkhead.oldestMs).toBe(0);
  await join('b1');
  await clock.advance(10);
  await join('a1');
  await clock.advance(5);
  expect(bulkhead.oldestMs).toBe(15);
  await releaseOf('a');
  expect(bulkhead.oldestMs).toBe(5);
});

test.each([
  [{ cost: 0 }, 'cost'],
  [{ cost: Number.NaN }, 'cost'],
  [{ rank: -1 }, 'rank'],
  [{ usefulMs: Number.NaN }, 'usefulMs'],
])('refuses %o', async (ask, name) => {
  const asking = create({}).acquire({ deadline: deadlineIn(clock, 10), signal: never, ...ask });
  await expect(asking).rejects.toThrow(TypeError);
  await expect(asking).rejects.toThrow(name);
});

test('refuses a weight that is none', async () => {
  const asking = create({ tenantWeight: () => 0 }).acquire({
    deadline: deadlineIn(clock, 10),
    signal: never,
  });
  await expect(asking).rejects.toThrow('Expected `tenantWeight` to be a number from 0.001 to 1000, got 0');
});
