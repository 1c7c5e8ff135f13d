import { expect, test } from 'vitest';
import { durationMs } from './durations.ts';
import { retryHintMs, shouldRetry } from './hints.ts';
import { readProviderError } from './provider-error.ts';

/** 2026-01-01T00:00:00Z. */
const NOW = 1_767_225_600_000;

const hint = (headers: Record<string, string>, body: unknown = {}) =>
  retryHintMs({ headers: new Headers(headers), error: readProviderError(body), epochMs: NOW });

test.each([
  ['374ms', 374],
  ['34.4s', 34_400],
  ['9m38.016s', 578_016],
  ['114h18m0s', 411_480_000],
  ['1 minute 30 seconds', 90_000],
  ['86400 seconds', 86_400_000],
  ['2 hours', 7_200_000],
  ['500 milliseconds', 500],
  ['1d', 86_400_000],
])('%s is %i ms', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test.each(['', 'soon', '12', '5 monkeys'])('"%s" is no duration', (text) => {
  expect(durationMs(text)).toBeNull();
});

test.each([
  [{ 'retry-after-ms': '1500' }, 1_500],
  [{ 'x-ms-retry-after-ms': '40' }, 40],
  [{ 'retry-after': '31' }, 31_000],
  [{ 'retry-after': '1.5' }, 1_500],
  [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:20 GMT' }, 20_000],
  [{ 'retry-after': '2', 'retry-after-ms': '2500' }, 2_500],
])('%o asks for %i ms', (headers, ms) => {
  expect(hint(headers as Record<string, string>)).toBe(ms);
});

test.each([
  {},
  { 'retry-after': '' },
  { 'retry-after': 'garbage' },
  { 'retry-after': '-5' },
  { 'retry-after': '0' },
  { 'retry-after': 'Infinity' },
  { 'retry-after': 'Wed, 31 Dec 2025 23:59:00 GMT' },
])('%o is no hint', (headers) => {
  expect(hint(headers as Record<string, string>)).toBeNull();
});

test('Gemini names the wait in its body', () => {
  const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' }];
  expect(hint({}, { error: { details } })).toBe(34_400);
});

test.each([
  ['Please try again in 374ms. Visit ...', 374],
  ['Please try again in 9m38.016s.', 578_016],
  ['Please retry after 86400 seconds.', 86_400_000],
  ['Please retry your request after 20 seconds.', 20_000],
])('the sentence "%s" is a hint', (message, ms) => {
  expect(hint({}, { error: { message } })).toBe(ms);
});

test('a number in a sentence about something else is none', () => {
  expect(hint({}, { error: { message: 'Limit 30000, Used 15532. Please retry shortly.' } })).toBeNull();
});

test('of several hints the longest counts: each is a minimum', () => {
  expect(hint({ 'retry-after': '578' }, { error: { message: 'Please try again in 9m38.016s.' } })).toBe(
    578_016,
  );
});

test('x-should-retry is yes, no or nothing', () => {
  expect(shouldRetry(new Headers({ 'x-should-retry': 'true' }))).toBe(true);
  expect(shouldRetry(new Headers({ 'x-should-retry': 'false' }))).toBe(false);
  expect(shouldRetry(new Headers({ 'x-should-retry': 'perhaps' }))).toBeNull();
  expect(shouldRetry(null)).toBeNull();
});
