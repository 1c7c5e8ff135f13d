import { beforeEach, expect, test } from 'vitest';
import { createAdaptiveLimit } from './adaptive-limit.ts';
import type { AdaptiveLimit, AdaptiveLimitOptions } from './adaptive-limit.ts';
import { createVirtualClock } from './virtual-clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

let clock: VirtualClock;

beforeEach(() => void (clock = createVirtualClock()));

const create = (options: Omit<AdaptiveLimitOptions, 'clock'>) => createAdaptiveLimit({ clock, ...options });
const busy = { firstChunkMs: null, inFlight: 1_000 };

/** A busy second in which ten answers begin after `firstChunkMs` each. */
async function second(adaptive: AdaptiveLimit, firstChunkMs: number, inFlight = 1_000): Promise<void> {
  await clock.advance(1_000);
  for (let answer = 0; answer < 10; answer++) adaptive.onOk({ firstChunkMs, inFlight });
}

test('starts at the most there may be, or where it is told', () => {
  expect(create({ max: 64 }).limit).toBe(64);
  expect(create({ max: 64, initial: 8 }).limit).toBe(8);
});

test('falls to 70 % on a refusal; a burst of them within a second is one', async () => {
  const adaptive = create({ max: 64 });
  for (let refusal = 0; refusal < 50; refusal++) adaptive.onRateLimited();
  expect(adaptive.limit).toBe(44);
  await clock.advance(999);
  adaptive.onRateLimited();
  expect(adaptive.limit).toBe(44);
  await clock.advance(1);
  adaptive.onRateLimited();
  expect(adaptive.limit).toBe(31);
});

test('rises by one for each second without a refusal', async () => {
  const adaptive = create({ max: 64, initial: 20 });
  adaptive.onRateLimited();
  expect(adaptive.limit).toBe(14);
  await clock.advance(999);
  adaptive.onOk(busy);
  expect(adaptive.limit).toBe(14);
  await clock.advance(1);
  for (let answer = 0; answer < 50; answer++) adaptive.onOk(busy);
  expect(adaptive.limit).toBe(15);
  await clock.advance(1_000);
  adaptive.onOk(busy);
  expect(adaptive.limit).toBe(16);
});

test('does not rise while less than half of it is in use', async () => {
  const adaptive = create({ max: 64, initial: 20 });
  await clock.advance(5_000);
  adaptive.onOk({ firstChunkMs: null, inFlight: 9 });
  expect(adaptive.limit).toBe(20);
  adaptive.onOk({ firstChunkMs: null, inFlight: 10 });
  expect(adaptive.limit).toBe(21);
});

test('stays within its bounds', async () => {
  const adaptive = create({ min: 3, max: 5 });
  for (let at = 0; at < 10; at++) {
    adaptive.onRateLimited();
    await clock.advance(1_000);
  }
  expect(adaptive.limit).toBe(3);
  for (let at = 0; at < 10; at++) await second(adaptive, 100);
  expect(adaptive.limit).toBe(5);
});

test('falls while first tokens take more than one and a half times the normal, and comes back with them', async () => {
  const adaptive = create({ max: 64 });
  for (let at = 0; at < 20; at++) await second(adaptive, 100);
  await second(adaptive, 150);
  expect(adaptive.limit).toBe(64);
  await second(adaptive, 200);
  // The aim is 64 * 1.5 / 2 + 4 = 52, of which a fifth of the way is gone: the normal has moved by a hair.
  expect(adaptive.limit).toBe(61);
  for (let at = 0; at < 60; at++) await second(adaptive, 400);
  expect(adaptive.limit).toBeLessThan(12);
  for (let at = 0; at < 60; at++) await second(adaptive, 100);
  expect(adaptive.limit).toBe(64);
});

test('does not rise between two slow windows, however far apart they are', async () => {
  const adaptive = create({ max: 64 });
  for (let at = 0; at < 20; at++) await second(adaptive, 100);
  await second(adaptive, 400);
  const { limit } = adaptive;
  await clock.advance(10_000);
  adaptive.onOk({ firstChunkMs: 400, inFlight: 60 });
  expect(adaptive.limit).toBe(limit);
});

test('a few stalls among many answers are no overload', async () => {
  const adaptive = create({ max: 64 });
  for (let at = 0; at < 20; at++) await second(adaptive, 100);
  await clock.advance(1_000);
  for (let answer = 0; answer < 9; answer++) adaptive.onOk({ firstChunkMs: 100, inFlight: 60 });
  adaptive.onOk({ firstChunkMs: 5_000, inFlight: 60 });
  expect(adaptive.limit).toBe(64);
});

test('latencies of less than ten answers, or of less than a second, are gathered further', async () => {
  const adaptive = create({ max: 64 });
  for (let at = 0; at < 20; at++) await second(adaptive, 100);
  await clock.advance(5_000);
  for (let answer = 0; answer < 9; answer++) adaptive.onOk({ firstChunkMs: 1_000, inFlight: 60 });
  expect(adaptive.limit).toBe(64);
  adaptive.onOk({ firstChunkMs: 1_000, inFlight: 60 });
  expect(adaptive.limit).toBe(58);
  await clock.advance(999);
  for (let answer = 0; answer < 30; answer++) adaptive.onOk({ firstChunkMs: 1_000, inFlight: 60 });
  expect(adaptive.limit).toBe(58);
});

test('a target that has become slower for good is the new normal in the end', async () => {
  const adaptive = create({ max: 64 });
  for (let at = 0; at < 20; at++) await second(adaptive, 100);
  for (let at = 0; at < 600; at++) await second(adaptive, 180);
  expect(adaptive.limit).toBe(64);
});

test('a target that has become much faster is the new normal soon', async () => {
  const adaptive = create({ max: 64 });
  for (let at = 0; at < 20; at++) await second(adaptive, 1_000);
  for (let at = 0; at < 60; at++) await second(adaptive, 100);
  await second(adaptive, 500);
  expect(adaptive.limit).toBeLessThan(64);
});

test('is led up evenly after a recovery', async () => {
  const adaptive = create({ max: 64 });
  adaptive.ramp();
  const limits = [adaptive.limit];
  for (let at = 0; at < 5; at++) {
    await clock.advance(2_500);
    limits.push(adaptive.limit);
  }
  expect(limits).toEqual([6, 20, 35, 49, 64, 64]);
  adaptive.ramp(100);
  await clock.advance(50);
  expect(adaptive.limit).toBe(35);
});

test('a small limit is never led down to nothing', () => {
  const adaptive = create({ max: 4 });
  adaptive.ramp();
  expect(adaptive.limit).toBe(1);
});

test('a refusal during the ramp counts', async () => {
  const adaptive = create({ max: 100 });
  adaptive.ramp();
  adaptive.onRateLimited();
  expect(adaptive.limit).toBe(7);
  await clock.advance(10_000);
  expect(adaptive.limit).toBe(70);
});

test.each([
  [{ max: 0 }, 'max'],
  [{ max: Infinity }, 'max'],
  [{ min: 0, max: 5 }, 'min'],
  [{ min: 6, max: 5 }, 'max'],
  [{ max: 5, initial: 6 }, 'initial'],
])('refuses %o', (options, name) => {
  expect(() => create(options)).toThrow(`\`${name}\``);
  expect(() => create({ max: 5 }).ramp(0)).toThrow(TypeError);
});
