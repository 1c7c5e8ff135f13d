import { expect, test } from 'vitest';
import { totalOf } from './show.ts';

test('a run’s time is told without what it waited for free', () => {
  const startedEpochMs = 1_000_000;
  expect(totalOf({ startedEpochMs, expiresEpochMs: startedEpochMs + 10_000 })).toBe('10.0 s');
  const waiting = { waitedMs: 16_000 };
  expect(totalOf({ startedEpochMs, expiresEpochMs: startedEpochMs + 26_000, waiting })).toBe(
    '10.0 s and 16.0 s of waiting',
  );
});
