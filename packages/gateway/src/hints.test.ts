import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { retryHintMs, shouldRetry } from './hints.ts';
import { readProviderError } from './provider-error.ts';

/** 2026-01-01T00:00:00Z. */
const NOW = 1_767_225_600_000;

const hint = (headers: Record<string, string>, body: unknown = {}) =>
  retryHintMs({ headers: new Headers(headers), error: readProviderError(body), epochMs: NOW });

test.each([
  [{ 'retry-after-ms': '1500' }, 1_500],
  [{ 'x-ms-retry-after-ms': '40' }, 40],
  [{ 'retry-after': '31' }, 31_000],
  [{ 'retry-after': '1.5' }, 1_500],
  [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:20 GMT' }, 20_000],
  [{ 'retry-after': 'Thursday, 01-Jan-26 00:00:20 GMT' }, 20_000],
  [{ 'retry-after': 'Thu Jan  1 00:00:20 2026' }, 20_000],
  [{ 'retry-after': '2026-01-01T00:00:20Z' }, 20_000],
  [{ 'retry-after': '20s' }, 20_000],
  [{ 'retry-after': '2', 'retry-after-ms': '2500' }, 2_500],
  // The provider's clock is an hour ahead of ours.
  [{ 'retry-after': 'Thu, 01 Jan 2026 01:00:20 GMT', date: 'Thu, 01 Jan 2026 01:00:00 GMT' }, 20_000],
  // Nothing asks for a wait, but a window is empty.
  [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' }, 360_000],
  [{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '9s', 'retry-after': '1' }, 1_000],
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
  { 'retry-after-ms': 'NaN' },
  { 'retry-after': 'in 2099' },
  { 'x-ratelimit-remaining-requests': '1', 'x-ratelimit-reset-requests': '6m0s' },
  { 'retry-after': 'Wed, 31 Dec 2025 23:59:00 GMT' },
])('%o is no hint', (headers) => {
  expect(hint(headers as Record<string, string>)).toBeNull();
});

test('Gemini names the wait in its body', () => {
  const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' }];
  expect(hint({}, { error: { details } })).toBe(34_400);
});

test.each([
  [{ error: { message: 'Loading', estimated_time: 20 } }, 20_000],
  [{ title: 'Error 1015', retry_after: 30 }, 30_000],
  [{ error: { retry_after_ms: 250 } }, 250],
  [{ error: { resets_at: NOW / 1_000 + 90 } }, 90_000],
  [{ error: { details: [{ metadata: { quotaResetDelay: '1h0m1.5s' } }] } }, 3_601_500],
  [{ error: { metadata: { headers: { 'X-RateLimit-Reset': String(NOW + 7_000) } } } }, 7_000],
  [{ error: { retry_after: { seconds: 4 } } }, null],
  [{ error: { retry_after: 'soon' } }, null],
])('a field of the body: %o', (body, ms) => {
  expect(hint({}, body)).toBe(ms);
});

test.each([
  ['Please try again in 374ms. Visit ...', 374],
  ['Please try again in 20 seconds', 20_000],
  ['please try again after 1 seconds', 1_000],
  ['Rate limit is exceeded. Try again in 8 seconds.', 8_000],
  ['Weekly usage limit reached. Resets in 6hr 29min.', 23_340_000],
  ['Expected available in 1 second.', 1_000],
  ['Please wait 35416 seconds before retrying.', 35_416_000],
  ['Please retry in 34.5s.', 34_500],
  ['Try again in 1 hour, 2 minutes and 3 seconds', 3_723_000],
  ['You will regain access on 2026-01-02 at 00:00 UTC.', 86_400_000],
  ['The limit resets at 2026-01-01T01:00:00+01:30.', null],
  ['The limit resets at 2026-01-01T00:00:30.5Z.', 30_500],
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

test('whatever comes, a hint is a positive number of milliseconds or none', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({
      unit: fc.constantFrom(...'0123456789.,:+- TZsmhd', 'in ', 'try again in ', 'GMT', 'resets at '),
    }),
    fc.double().map(String),
  );
  const headers = fc.dictionary(
    fc.constantFrom('retry-after', 'retry-after-ms', 'x-ms-retry-after-ms', 'date'),
    text,
  );
  fc.assert(
    fc.property(headers, text, fc.jsonValue(), (sent, message, value) => {
      const printable = Object.entries(sent).map(
        ([name, each]) => [name, each.replaceAll(/[^ -~]/g, '')] as const,
      );
      const ms = hint(Object.fromEntries(printable), {
        error: { message, retry_after: value, retryDelay: message },
      });
      expect(ms === null || (ms > 0 && Number.isFinite(ms))).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});
