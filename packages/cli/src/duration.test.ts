import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

test.each([
  ['500ms', 500],
  ['8s', 8_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  [' 10 s ', 10_000],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['8', '', 's', '-1s', '1e3s', '8 seconds', '8s 5ms', 'constructor'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [59_900, '59.9 s'],
  [59_960, '1 min 00 s'],
  [125_000, '2 min 05 s'],
])('%f ms reads %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
