import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashUnit, randomId, seededRandom, systemRandom } from './random.ts';
import type { Random } from './random.ts';

const draws = (random: Random, count: number) => Array.from({ length: count }, () => random.next());

test('a seed repeats its sequence, and another seed gives another one', () => {
  expect(draws(seededRandom(7), 20)).toEqual(draws(seededRandom(7), 20));
  expect(draws(seededRandom(7), 20)).toEqual(draws(seededRandom('7'), 20));
  expect(draws(seededRandom(7), 20)).not.toEqual(draws(seededRandom(8), 20));
});

test('the sequences stay what they are: recorded runs depend on them', () => {
  expect(draws(seededRandom(42), 3)).toEqual([0.1135629778727889, 0.1923972088843584, 0.5514567221980542]);
  expect(hashUnit(42, 'run_1-r7', 'triage', 0, 1)).toBe(0.685207688016817);
});

test.each([
  ['one seeded sequence', seededRandom(1)],
  ['the first number of near-equal keys', countingHash()],
  ['the system', systemRandom],
])('%s is uniform on [0, 1)', (_name, random) => {
  const tenths = Array.from({ length: 10 }, () => 0);
  const values = draws(random, 20_000);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values)).toBeLessThan(1);
  for (const value of values) tenths[Math.floor(value * 10)]!++;
  // Expected 2,000 each with a deviation of 42: outside of +-6 deviations once in 10^8 runs.
  for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(255);
});

test('a fate depends on each part and on where the parts end', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.integer()), { minLength: 1 }), fc.nat(), (parts, pick) => {
      const at = pick % parts.length;
      const changed = parts.map((part, index) => (index === at ? `${part}x` : part));
      expect(hashUnit(...parts)).toBe(hashUnit(...parts));
      expect(hashUnit(...changed)).not.toBe(hashUnit(...parts));
    }),
  );
  expect(hashUnit('ab', 'c')).not.toBe(hashUnit('a', 'bc'));
});

test('ids carry their prefix, stay within the alphabet and do not collide', () => {
  const random = seededRandom('ids');
  const ids = Array.from({ length: 10_000 }, () => randomId(random, 'run'));
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^run_[0-9a-hjkmnp-tv-z]{16}$/);
});

function countingHash(): Random {
  let count = 0;
  return { next: () => hashUnit('seed', 'run', count++) };
}
