import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashUnit, randomId, seededRandom, systemRandom, timedId } from './random.ts';
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

test('timed ids sort by the moment they were made at, and those of one moment do not collide', () => {
  const random = seededRandom('ids');
  const momentsMs = [0, 1, 31, 32, 1_700_000_000_000, 1_700_000_000_001.9, 1_795_413_905_688, 2 ** 45 - 1];
  const ids = momentsMs.map((epochMs) => timedId(random, 'run', epochMs));
  expect(ids.toSorted()).toEqual(ids);
  const ofOneMoment = Array.from({ length: 10_000 }, () => timedId(random, 'run', 1_795_413_905_688));
  expect(new Set(ofOneMoment).size).toBe(ofOneMoment.length);
  expect(new Set(ofOneMoment.map((id) => id.slice(0, 'run_'.length + 9)))).toEqual(
    new Set(['run_1m83g448r']),
  );
  for (const id of [...ids, ...ofOneMoment]) expect(id).toMatch(/^run_[0-9a-hjkmnp-tv-z]{19}$/);
});

function countingHash(): Random {
  let count = 0;
  return { next: () => hashUnit('seed', 'run', count++) };
}
