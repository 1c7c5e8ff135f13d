import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { judgeAnswer } from './judge.ts';
import type { Verdict } from './verdict.ts';

/** 2026-01-01T00:00:00Z. */
const NOW = 1_767_225_600_000;

interface ErrorCase {
  readonly id: string;
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
  readonly expect: Partial<Verdict>;
}

/** Errors as providers document them, or as people met and reported them: `source` says where. Ids and keys are masked. */
const lines = readFileSync(new URL('test-support/provider-errors.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const cases = lines.map((line) => JSON.parse(line) as ErrorCase);

describe('errors of real providers', () => {
  test.each(cases.map((each) => [each.id, each] as const))('%s', (...[, each]) => {
    const { status, body, headers, expect: expected } = each;
    expect(judgeAnswer({ status, body, headers: new Headers(headers), epochMs: NOW })).toMatchObject(
      expected,
    );
  });
});

const judge = (status: number, body: unknown = '', headers: Record<string, string> = {}) =>
  judgeAnswer({ status, body, headers: new Headers(headers), epochMs: NOW });

describe('for how long calls to come fail the same way', () => {
  test('a key, a quota or a name is mended by people: five minutes', () => {
    for (const status of [401, 402, 403, 404]) expect(judge(status).asideMs).toBe(300_000);
  });

  test('a quota that says when it is full again: until then, and at least five minutes', () => {
    const spent = { error: { code: 'insufficient_quota' } };
    expect(judge(429, spent, { 'retry-after': '1200' }).asideMs).toBe(1_200_000);
    expect(judge(429, spent, { 'retry-after': '1' }).asideMs).toBe(300_000);
  });

  test('a rate limit longer than a call would wait: until it ends, asking again each hour', () => {
    expect(judge(429, '', { 'retry-after': '60' })).toMatchObject({ sameTarget: 'yes', asideMs: 0 });
    expect(judge(429, '', { 'retry-after': '61' })).toMatchObject({ sameTarget: 'no', asideMs: 61_000 });
    expect(judge(429, '', { 'retry-after': '86400' }).asideMs).toBe(3_600_000);
  });

  test('what the request is at fault for: not at all, whatever it says about waiting', () => {
    expect(judge(400, '', { 'retry-after': '900' })).toMatchObject({ asideMs: 0, hintMs: null });
    const tooLarge = { error: { message: 'Request too large for gpt-4o' } };
    expect(judge(429, tooLarge, { 'retry-after': '900' })).toMatchObject({ asideMs: 0, hintMs: null });
  });
});

test('what would help', () => {
  expect(judge(500).remedy).toBe('same-target');
  expect(judge(500, '', { 'x-should-retry': 'false' }).remedy).toBe('other-target');
  expect(judge(429, '', { 'retry-after': '600' }).remedy).toBe('other-target');
  expect(judge(529).remedy).toBe('other-target');
  expect(judge(401).remedy).toBe('other-credential');
  expect(judge(402).remedy).toBe('other-credential');
  expect(judge(403, { error: { code: 'unsupported_country_region_territory' } }).remedy).toBe('other-target');
  expect(judge(413).remedy).toBe('larger-window');
  expect(judge(400, { error: { code: 'content_filter' } }).remedy).toBe('other-content');
  expect(judge(400).remedy).toBe('other-request');
});

test('a time limit of the provider may have been paid for, so a retry costs more', () => {
  expect([408, 504, 524].map((status) => judge(status).retryCost)).toEqual([2, 2, 2]);
  expect(judge(500).retryCost).toBe(1);
});

describe('statuses nobody expects', () => {
  test.each([
    [[405, 407, 426, 501, 302, 600, 999], { code: 'PROVIDER_ERROR', sameTarget: 'no', otherTarget: true }],
    [[409, 421, 423, 425, 444, 460, 499], { code: 'PROVIDER_ERROR', sameTarget: 'yes', breaker: 'ignored' }],
    [[424, 506, 520, 527, 530, 561, 599], { code: 'PROVIDER_ERROR', sameTarget: 'yes', breaker: 'failed' }],
    [
      [411, 414, 415, 416, 418, 428, 431],
      { code: 'PROVIDER_REJECTED', sameTarget: 'no', otherTarget: false },
    ],
    [[451], { code: 'AUTH_REJECTED', remedy: 'other-target' }],
  ] as const)('%o', (statuses, expected) => {
    for (const status of statuses) expect(judge(status)).toMatchObject(expected);
  });
});

test('the message tells the reason behind the reason, and no page', () => {
  const raw = JSON.stringify({ error: { message: 'No such voice.' } });
  const wrapped = {
    error: { message: 'Provider returned error', metadata: { raw, flagged_input: 'secret' } },
  };
  expect(judge(400, wrapped).message).toBe('Provider returned error; No such voice.');
  expect(judge(502, '<html>203.0.113.7</html>').message).toBe(
    'Answered with status 502 and no readable error.',
  );
  expect(judge(502, { unknown: 1 }).message).toBe('Answered with status 502 and an unknown error body.');
});
