import { expect, test } from 'vitest';
import { figuresOf } from './figures.ts';
import { missed } from './targets.ts';
import { meetOverload } from './world.ts';
import type { OverloadFigures } from './figures.ts';

/** The short form: no time to settle. */
const outage = async (guards: boolean): Promise<OverloadFigures> => {
  const spans = { calmMs: 6_000, afterMs: 11_000 };
  const trigger = { factor: 0, forMs: 5_000 };
  return figuresOf(await meetOverload({ trigger, load: 0.85, guards, seed: 1, spans }));
};

test('after an outage the gateway is back within seconds, and has not made it worse', async () => {
  const { calm, recoveredAfterMs, attempts, calls, leftBehind } = await outage(true);
  expect(calm).toBeGreaterThan(0.95);
  expect(recoveredAfterMs).toBeLessThan(5_000);
  expect(attempts).toBeLessThanOrEqual(1.1 * calls + 10);
  expect(leftBehind).toBe(0);
});

test('without guards the overload outlives it', async () => {
  const { calm, recoveredAfterMs, attempts, calls, leftBehind } = await outage(false);
  expect(calm).toBeGreaterThan(0.95);
  expect(recoveredAfterMs).toBeNull();
  expect(attempts).toBeGreaterThan(1.5 * calls);
  expect(leftBehind).toBe(0);
});

const GOOD: OverloadFigures = {
  calls: 1_000,
  attempts: 1_110,
  attemptsPerCall: 1.11,
  calm: 0.95,
  during: 0,
  settled: 0.95,
  recoveredAfterMs: 30_000,
  queueAgeMs: { calm: 5, during: 3_000, settled: 15 },
  p99Ms: { calm: 100, settled: 100 },
  leftBehind: 0,
};

test.each<[Partial<OverloadFigures>, readonly string[]]>([
  [{}, []],
  [{ calm: 0.94 }, ['goodput before >= 95 %']],
  [{ settled: 0.94 }, ['goodput after >= 95 %']],
  [{ recoveredAfterMs: 30_100 }, ['recovered within 30 s']],
  [{ recoveredAfterMs: null }, ['recovered within 30 s']],
  [{ attempts: 1_111 }, ['attempts <= 1.10 x calls + 10']],
  [{ queueAgeMs: { calm: 5, during: 0, settled: 16 } }, ['queue age back to what it was']],
  [{ leftBehind: 1 }, ['leaves nothing behind']],
])('with guards %j misses %j', (change, expected) => {
  expect(missed({ ...GOOD, ...change }, true)).toEqual(expected);
});

test('without guards it is the recovery that is amiss', () => {
  expect(missed(GOOD, false)).toEqual(['does not recover']);
  expect(missed({ ...GOOD, recoveredAfterMs: null, settled: 0.6 }, false)).toEqual(['does not recover']);
  expect(missed({ ...GOOD, recoveredAfterMs: null, settled: 0.1, attempts: 3_000 }, false)).toEqual([]);
});
