import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createQuantiles } from './quantiles.ts';

test('nearest rank: always a value that was recorded', () => {
  const quantiles = createQuantiles();
  for (const value of [40, 10, 30, 20]) quantiles.record(value);
  expect([0, 0.25, 0.5, 0.51, 0.98, 1].map((q) => quantiles.quantile(q))).toEqual([10, 10, 20, 30, 40, 40]);
  expect(quantiles.samples).toBe(4);
});

test('nothing recorded is not a number', () => {
  expect(createQuantiles().quantile(0.5)).toBeNaN();
  expect(createQuantiles().samples).toBe(0);
});

test('follows a change of habits after 512 values, half-way after half of them', () => {
  const quantiles = createQuantiles();
  for (let at = 0; at < 2_000; at++) quantiles.record(100);
  for (let at = 0; at < 255; at++) quantiles.record(900);
  expect(quantiles.quantile(0.5)).toBe(100);
  for (let at = 0; at < 2; at++) quantiles.record(900);
  expect(quantiles.quantile(0.5)).toBe(900);
  for (let at = 0; at < 255; at++) quantiles.record(900);
  expect(quantiles.quantile(0)).toBe(900);
  expect(quantiles.samples).toBe(512);
});

test('is exactly the sorted list of the last 512 values', () => {
  const values = fc.array(fc.oneof(fc.nat(20), fc.double({ noNaN: true, noDefaultInfinity: true })), {
    maxLength: 1_500,
    size: 'max',
  });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (recorded, q) => {
      const quantiles = createQuantiles();
      for (const value of recorded) quantiles.record(value);
      const held = recorded.slice(-512).toSorted((a, b) => a - b);
      const atMost = (bound: number) => held.filter((value) => value <= bound).length;
      const expected = held.find((value) => atMost(value) >= q * held.length) ?? Number.NaN;
      // `===` and not `toBe`: the order of 0 and -0 is nobody's business.
      const actual = quantiles.quantile(q);
      expect(actual === expected || (Number.isNaN(actual) && Number.isNaN(expected))).toBe(true);
      expect(quantiles.samples).toBe(held.length);
    }),
  );
});

test('nonsense is refused before it can spoil the order', () => {
  const quantiles = createQuantiles();
  for (const value of [Number.NaN, Infinity, -Infinity]) {
    expect(() => quantiles.record(value)).toThrow(TypeError);
  }
  expect(quantiles.samples).toBe(0);
  for (const q of [-0.1, 1.1, Number.NaN]) expect(() => quantiles.quantile(q)).toThrow('Expected `q`');
});
