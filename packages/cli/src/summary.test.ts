import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTally } from './summary.ts';
import { outcomeOf } from './test-support/outcome.ts';

const REAL = { simulated: false };

test('adds outcomes up; a cancelled run counts as failed', () => {
  const tally = createTally();
  const spend = {
    calls: 3,
    attempts: 5,
    retries: 1,
    failovers: 1,
    savedUsd: 0.01,
    knownUsd: 0.1,
    byProvider: { openai: 0.1 },
  };
  tally.add(outcomeOf('succeeded', { ms: 100, spend }));
  tally.add(
    outcomeOf('degraded', { ms: 300, spend: { ...spend, knownUsd: 0.2, byProvider: { google: 0.2 } } }),
  );
  tally.add(outcomeOf('failed', { ms: 200, withinBudget: false, spend }));
  tally.add(outcomeOf('cancelled', { ms: 400 }));
  expect(tally.summary({ simulated: true, traceHash: 'abc' })).toEqual({
    runs: 4,
    succeeded: 1,
    withinBudget: 3,
    degraded: 1,
    failed: 2,
    p50Ms: 200,
    p95Ms: 400,
    p99Ms: 400,
    calls: 9,
    attempts: 15,
    failovers: 3,
    retries: 3,
    costUsd: 0.4,
    savedUsd: 0.03,
    costByProvider: { openai: 0.2, google: 0.2 },
    simulated: true,
    traceHash: 'abc',
  });
});

test('one attempt of unknown price makes the cost unknown, not 0', () => {
  const tally = createTally();
  tally.add(outcomeOf('succeeded', { spend: { knownUsd: 0.1, byProvider: { openai: 0.1 } } }));
  tally.add(outcomeOf('succeeded', { spend: { unpricedAttempts: 1 } }));
  expect(tally.summary(REAL)).toMatchObject({ costUsd: null, costByProvider: { openai: 0.1 } });
});

test('a refused input has no duration; without any run there are no quantiles', () => {
  const tally = createTally();
  tally.add(outcomeOf('failed', { ms: 0, code: 'INPUT_INVALID' }));
  expect(tally.summary(REAL)).toMatchObject({ runs: 1, failed: 1, p50Ms: null, p95Ms: null, p99Ms: null });
});

test('adding fractions of a cent leaves no floating-point noise', () => {
  const tally = createTally();
  for (let run = 0; run < 10; run++) tally.add(outcomeOf('succeeded', { spend: { knownUsd: 0.1 } }));
  expect(tally.summary(REAL).costUsd).toBe(1);
});

test('at least the share q of the runs took no longer than its quantile, and no smaller run time will do', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 500 }), { minLength: 1 }), (durations) => {
      const tally = createTally();
      for (const ms of durations) tally.add(outcomeOf('succeeded', { ms }));
      const summary = tally.summary(REAL);
      for (const [q, value] of [
        [0.5, summary.p50Ms],
        [0.95, summary.p95Ms],
        [0.99, summary.p99Ms],
      ] as const) {
        expect(durations.filter((ms) => ms <= value!).length).toBeGreaterThanOrEqual(q * durations.length);
        expect(durations.filter((ms) => ms < value!).length).toBeLessThan(q * durations.length);
      }
    }),
  );
});
