import { expect, test } from 'vitest';
import { outcomeOf } from './test-support/outcome.ts';
import { createTrace } from './trace.ts';

function traceOf(rows: readonly [row: number, endedMs: number, ms: number][]): string {
  let nowMs = 0;
  const trace = createTrace(() => nowMs);
  for (const [row, endedMs, ms] of rows) {
    nowMs = endedMs;
    trace.add(row, outcomeOf('succeeded', { ms }));
  }
  return trace.digest();
}

test('the same rows, times and order give the same hash', () => {
  expect(
    traceOf([
      [1, 10, 10],
      [2, 30, 20],
    ]),
  ).toBe(
    traceOf([
      [1, 10, 10],
      [2, 30, 20],
    ]),
  );
  expect(traceOf([])).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  [
    'another duration',
    [
      [1, 10, 10],
      [2, 30, 21],
    ],
  ],
  [
    'another time of ending',
    [
      [1, 10, 10],
      [2, 31, 20],
    ],
  ],
  [
    'another row',
    [
      [1, 10, 10],
      [3, 30, 20],
    ],
  ],
  [
    'another order',
    [
      [2, 10, 10],
      [1, 30, 20],
    ],
  ],
  ['a row less', [[1, 10, 10]]],
] as const)('%s gives another hash', (_name, rows) => {
  expect(traceOf(rows.map(([row, endedMs, ms]) => [row, endedMs, ms]))).not.toBe(
    traceOf([
      [1, 10, 10],
      [2, 30, 20],
    ]),
  );
});
