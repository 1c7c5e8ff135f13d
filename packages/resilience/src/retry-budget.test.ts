import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRetryBudget, RETRY_COST, TIMEOUT_RETRY_COST } from './retry-budget.ts';

test('starts full, pays for ten retries, and then refuses', () => {
  const budget = createRetryBudget();
  expect(budget.level).toBe(10);
  const granted = Array.from({ length: 12 }, () => budget.tryRetry()).filter(Boolean);
  expect(granted).toHaveLength(10);
  expect(budget.level).toBe(0);
});

test('ten calls earn exactly one retry', () => {
  const budget = createRetryBudget({ capacity: 1 });
  expect(budget.tryRetry()).toBe(true);
  for (let call = 1; call <= 9; call++) budget.onCall();
  expect(budget.tryRetry()).toBe(false);
  budget.onCall();
  expect(budget.level).toBe(1);
  expect(budget.tryRetry()).toBe(true);
});

test('fractions of a token add up exactly', () => {
  const budget = createRetryBudget({ capacity: 1, perCall: 0.035 });
  budget.tryRetry();
  for (let call = 0; call < 10; call++) budget.onCall();
  expect(budget.level).toBe(0.35);
});

test('a retry after a time-out costs double, and a refused one costs nothing', () => {
  const budget = createRetryBudget({ capacity: 3 });
  expect(budget.tryRetry(TIMEOUT_RETRY_COST)).toBe(true);
  expect(budget.tryRetry(TIMEOUT_RETRY_COST)).toBe(false);
  expect(budget.level).toBe(1);
  expect(budget.tryRetry(RETRY_COST)).toBe(true);
});

test('a budget that starts empty allows only what has been earned', () => {
  const budget = createRetryBudget({ capacity: 5, perCall: 0.05, initial: 0 });
  for (let call = 1; call <= 19; call++) budget.onCall();
  expect(budget.tryRetry()).toBe(false);
  budget.onCall();
  expect([budget.tryRetry(), budget.tryRetry()]).toEqual([true, false]);
  for (let call = 1; call <= 1_000; call++) budget.onCall();
  expect(budget.level).toBe(5);
});

test('a budget of nothing allows nothing', () => {
  const budget = createRetryBudget({ capacity: 0, perCall: 1 });
  budget.onCall();
  expect(budget.tryRetry()).toBe(false);
});

test.each([
  { capacity: -1 },
  { capacity: Number.NaN },
  { perCall: -0.1 },
  { perCall: 1.1 },
  { initial: 11 },
  { initial: -1 },
])('refuses %o', (options) => expect(() => createRetryBudget(options)).toThrow(TypeError));

test('retries never exceed the capacity plus a tenth of the calls, in any order of events', () => {
  const event = fc.constantFrom('call', 'retry', 'timeout');
  fc.assert(
    fc.property(fc.array(event, { maxLength: 2_000, size: 'max' }), (events) => {
      const budget = createRetryBudget();
      let calls = 0;
      let retries = 0;
      const levels = [budget.level];
      for (const next of events) {
        if (next === 'call') {
          budget.onCall();
          calls++;
        } else if (budget.tryRetry(next === 'timeout' ? TIMEOUT_RETRY_COST : RETRY_COST)) {
          retries++;
        }
        levels.push(budget.level);
      }
      expect(Math.min(...levels)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...levels)).toBeLessThanOrEqual(10);
      expect(retries).toBeLessThanOrEqual(10 + 0.1 * calls);
    }),
  );
});

test.each([1, 5, 100])(
  'everything failing at %d calls a second stays within 1.1 attempts a call',
  (perSecond) => {
    const budget = createRetryBudget();
    const calls = perSecond * 600;
    let attempts = 0;
    for (let call = 0; call < calls; call++) {
      budget.onCall();
      attempts++;
      for (let retry = 0; retry < 2 && budget.tryRetry(); retry++) attempts++;
    }
    expect(attempts).toBeLessThanOrEqual(1.1 * calls + 10);
    expect(attempts).toBeGreaterThan(1.1 * calls);
  },
);
