import { expect, test } from 'vitest';
import { figure, spreadOf, tableText } from './report.ts';

test('the median of an odd and of an even number of samples', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7 });
});

test('figures keep three significant digits', () => {
  expect([0.09421, 51.53, 12893.4].map(figure)).toEqual(['0.0942', '51.5', '12,893']);
});

test('table columns line up', () => {
  expect(
    tableText([
      ['engine', 'µs'],
      ['a', '1234'],
    ]),
  ).toBe('engine    µs\na       1234');
});
