import { expect, test } from 'vitest';
import { durationMs, instantMs, untilMs } from './durations.ts';

/** 2026-01-01T00:00:00Z. */
const NOW = 1_767_225_600_000;

test.each([
  ['374ms', 374],
  ['34.4s', 34_400],
  ['9m38.016s', 578_016],
  ['114h18m0s', 411_480_000],
  ['1 minute 30 seconds', 90_000],
  ['1 minute and 30 seconds', 90_000],
  ['86400 seconds', 86_400_000],
  ['2 hours', 7_200_000],
  ['6hr 29min', 23_340_000],
  ['500 milliseconds', 500],
  ['5 mins', 300_000],
  ['1d', 86_400_000],
  ['250us', 0.25],
  ['250µs', 0.25],
])('%s is %f ms', (text, ms) => {
  expect(durationMs(text)).toBeCloseTo(ms, 6);
});

test.each(['', 'soon', '12', '5 monkeys'])('"%s" is no duration', (text) => {
  expect(durationMs(text)).toBeNull();
});

test.each([
  'Sun, 06 Nov 1994 08:49:37 GMT',
  'Sunday, 06-Nov-94 08:49:37 GMT',
  'Sun Nov  6 08:49:37 1994',
  '1994-11-06T08:49:37Z',
  '1994-11-06T09:49:37+01:00',
  '1994-11-06 08:49:37.000Z',
])('"%s" is an instant', (text) => {
  expect(instantMs(text)).toBe(784_111_777_000);
});

test.each([
  '',
  '1994',
  'in 2099',
  '06 Nov 1994',
  '1994-11-06',
  'Sun, 99 Foo 1994 08:49:37 GMT',
  '1994-13-46T08:49:37Z',
])('"%s" is none', (text) => {
  expect(instantMs(text)).toBeNull();
});

test.each([
  ['31', 31_000],
  ['1.5', 1_500],
  ['6m0s', 360_000],
  ['Thu, 01 Jan 2026 00:00:20 GMT', 20_000],
  ['2026-01-01T00:00:20Z', 20_000],
  [String(NOW / 1_000 + 20), 20_000],
  [String(NOW + 20_000), 20_000],
  ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
])('until "%s" it is %i ms', (value, ms) => {
  expect(untilMs(value, NOW)).toBe(ms);
});

test.each(['', 'soon', '-5', 'Infinity', '1e3', '12 monkeys', '9'.repeat(400), 'in 20s'])(
  '"%s" names no time',
  (value) => {
    expect(untilMs(value, NOW)).toBeNull();
  },
);
