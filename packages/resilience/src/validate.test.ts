import { expect, test } from 'vitest';
import { checkedNumber } from './validate.ts';

test('returns what is within the rule, bounds included', () => {
  expect(checkedNumber('x', 1, { min: 1, max: 2 })).toBe(1);
  expect(checkedNumber('x', 2, { min: 1, max: 2 })).toBe(2);
  expect(checkedNumber('x', 1.5, { min: 1, max: 2 })).toBe(1.5);
  expect(checkedNumber('x', -Infinity)).toBe(-Infinity);
  expect(checkedNumber('x', Infinity, { min: 1, integer: true })).toBe(Infinity);
});

test.each([
  [0, { min: 1, integer: true }, 'Expected `x` to be an integer of at least 1, got 0'],
  [1.5, { min: 1, integer: true }, 'Expected `x` to be an integer of at least 1, got 1.5'],
  [-Infinity, { integer: true }, 'Expected `x` to be an integer, got -Infinity'],
  [1.1, { min: 0, max: 1 }, 'Expected `x` to be a number from 0 to 1, got 1.1'],
  [Number.NaN, {}, 'Expected `x` to be a number, got NaN'],
  ['5' as unknown as number, { min: 1 }, 'Expected `x` to be a number of at least 1, got 5'],
])('refuses %s by name and rule', (value, rule, message) => {
  expect(() => checkedNumber('x', value, rule)).toThrow(new TypeError(message));
});
