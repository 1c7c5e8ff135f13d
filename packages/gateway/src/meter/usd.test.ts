import { array, assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { createUsdTotal, roundUsd } from './usd.ts';

function sumOf([first = 0, ...rest]: readonly number[]): number {
  const total = createUsdTotal(first);
  for (const amount of rest) total.add(amount);
  return total.usd;
}

test('a million calls cost a million times what one costs', () => {
  const total = createUsdTotal();
  let drifting = 0;
  for (let call = 0; call < 1_000_000; call++) {
    total.add(0.000_427_5);
    drifting += 0.000_427_5;
  }
  expect(total.usd).toBe(427.5);
  expect(drifting).not.toBe(427.5);
});

test('a sum does not depend on the order of its amounts', () => {
  assert(
    property(array(integer({ min: 0, max: 1e15 }), { maxLength: 50 }), (picos) => {
      const amounts = picos.map((pico) => pico / 1e12);
      const exact = Number(picos.reduce((sum, pico) => sum + BigInt(pico), 0n)) / 1e12;
      expect(sumOf(amounts)).toBe(exact);
      expect(sumOf(amounts.toReversed())).toBe(exact);
    }),
  );
});

test('rounding takes back what binary fractions add', () => {
  expect(roundUsd(0.1 + 0.2)).toBe(0.3);
  expect(roundUsd(0.000_000_000_000_4)).toBe(0);
});
