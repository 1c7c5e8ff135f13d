import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';
import { seededRandom } from './random.ts';
import type { Random } from './random.ts';

const lowest: Random = { next: () => 0 };
const highest: Random = { next: () => 1 - Number.EPSILON };

test('the upper bound doubles from the base to the cap', () => {
  const bounds = [1, 2, 3, 4, 5, 6, 7, 100].map((retry) => Math.round(backoffMs(retry, {}, highest)));
  expect(bounds).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
});

test('the lower bound is zero: full jitter, not a spread around the bound', () => {
  for (const retry of [1, 2, 10]) expect(backoffMs(retry, {}, lowest)).toBe(0);
});

test('a hint is a minimum: it beats a shorter wait and the cap, never a longer wait', () => {
  expect(backoffMs(1, { hintMs: 200 }, lowest)).toBe(200);
  expect(backoffMs(1, { hintMs: 20_000 }, highest)).toBe(20_000);
  expect(Math.round(backoffMs(3, { hintMs: 200 }, highest))).toBe(1_000);
});

test('every wait lies between the hint and the bound, for any options', () => {
  const options = fc.record(
    { baseMs: fc.nat(10_000), capMs: fc.nat(100_000), hintMs: fc.nat(100_000) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), options, fc.integer(), (retry, chosen, seed) => {
      const { baseMs = 250, capMs = 8_000, hintMs = 0 } = chosen;
      let boundMs = Math.min(capMs, baseMs);
      for (let doubled = 1; doubled < retry; doubled++) boundMs = Math.min(capMs, 2 * boundMs);
      const waitMs = backoffMs(retry, chosen, seededRandom(seed));
      expect(waitMs).toBeGreaterThanOrEqual(hintMs);
      expect(waitMs).toBeLessThanOrEqual(Math.max(hintMs, boundMs));
    }),
  );
});

test('waits are uniform between zero and the bound', () => {
  const random = seededRandom('jitter');
  const tenths = Array.from({ length: 10 }, () => 0);
  for (let draw = 0; draw < 20_000; draw++) tenths[Math.floor(backoffMs(3, {}, random) / 100)]!++;
  for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(255);
});
