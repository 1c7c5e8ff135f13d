import { existsSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diagnose } from './diagnose.ts';
import { nothingCollected } from './collect.ts';
import { judgeAnswer } from './judge.ts';
import { noEvidence } from './wire/evidence.ts';
import { eventData, WIRES } from './wire/wires.ts';
import type { Verdict } from './verdict.ts';

const judge = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  judgeAnswer({ status, body, headers: new Headers(headers), epochMs: 0 });

const error = (fields: Record<string, unknown>) => ({ error: fields });

describe('the body decides before the status', () => {
  test.each([
    [
      'a spent budget under 400',
      400,
      error({ type: 'invalid_request_error', message: 'Your credit balance is too low' }),
      'QUOTA_EXHAUSTED',
    ],
    ['a spent quota under 429', 429, error({ type: 'insufficient_quota' }), 'QUOTA_EXHAUSTED'],
    [
      'a request under 429 that never fits',
      429,
      error({ code: 'rate_limit_exceeded', message: 'Request too large for gpt-4o' }),
      'CONTEXT_TOO_LARGE',
    ],
    [
      'a spend cap of a project under 429',
      429,
      error({ code: 'project_spend_limit_exceeded' }),
      'QUOTA_EXHAUSTED',
    ],
    ['an overload under 500', 500, error({ type: 'overloaded_error' }), 'PROVIDER_OVERLOADED'],
    [
      'a bad key under 400',
      400,
      error({ status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] }),
      'AUTH_REJECTED',
    ],
    [
      'a daily quota of Gemini',
      429,
      error({
        status: 'RESOURCE_EXHAUSTED',
        details: [{ violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel' }] }],
      }),
      'QUOTA_EXHAUSTED',
    ],
    [
      'a filter of Azure under 400',
      400,
      error({ code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } }),
      'CONTENT_FILTERED',
    ],
    ['an error in an array', 503, [error({ status: 'UNAVAILABLE' })], 'PROVIDER_OVERLOADED'],
    ['an error as a string', 400, { error: 'prompt is too long' }, 'CONTEXT_TOO_LARGE'],
  ] as const)('%s', (...[, status, body, code]) => {
    expect(judge(status, body).code).toBe(code);
  });

  test('a generic name does not', () => {
    expect(judge(503, error({ type: 'server_error' })).code).toBe('PROVIDER_OVERLOADED');
    expect(judge(429, error({ type: 'invalid_request_error' })).code).toBe('RATE_LIMITED');
  });
});

describe('the status decides where the body says nothing', () => {
  test.each([
    [400, 'PROVIDER_REJECTED'],
    [401, 'AUTH_REJECTED'],
    [402, 'QUOTA_EXHAUSTED'],
    [403, 'AUTH_REJECTED'],
    [404, 'MODEL_NOT_FOUND'],
    [408, 'PROVIDER_ERROR'],
    [409, 'PROVIDER_ERROR'],
    [413, 'CONTEXT_TOO_LARGE'],
    [422, 'PROVIDER_REJECTED'],
    [429, 'RATE_LIMITED'],
    [500, 'PROVIDER_ERROR'],
    [502, 'PROVIDER_ERROR'],
    [503, 'PROVIDER_OVERLOADED'],
    [529, 'PROVIDER_OVERLOADED'],
    [302, 'PROVIDER_ERROR'],
  ] as const)('%i', (status, code) => {
    expect(judge(status, '<html>').code).toBe(code);
  });

  test('a redirect is not tried again on the same target, nor held against it', () => {
    expect(judge(307, '')).toMatchObject({ sameTarget: 'no', otherTarget: true, breaker: 'ignored' });
  });

  test('an error in an answer of status 200 counts as the status it names', () => {
    expect(judge(200, error({ code: 502, message: 'Upstream' })).code).toBe('PROVIDER_ERROR');
    expect(judge(200, error({ code: 429 })).code).toBe('RATE_LIMITED');
    expect(judge(200, error({ type: 'invalid_request_error' })).code).toBe('PROVIDER_REJECTED');
    expect(judge(200, error({ message: 'Something' })).code).toBe('PROVIDER_ERROR');
  });
});

describe('x-should-retry', () => {
  test('false keeps off the same target', () => {
    expect(judge(500, '', { 'x-should-retry': 'false' }).sameTarget).toBe('no');
  });

  test('true allows it where the status alone would not', () => {
    expect(judge(400, '', { 'x-should-retry': 'true' })).toMatchObject({
      code: 'PROVIDER_ERROR',
      sameTarget: 'yes',
    });
    expect(judge(401, '', { 'x-should-retry': 'true' }).sameTarget).toBe('no');
  });
});

const blamed = (verdict: Verdict) => verdict.breaker === 'failed';

test('what is not the target fault never counts against it', () => {
  expect([400, 401, 402, 403, 404, 409, 413, 422, 429].filter((status) => blamed(judge(status, '')))).toEqual(
    [],
  );
  expect([408, 500, 502, 503, 504, 529].every((status) => blamed(judge(status, '')))).toBe(true);
});

test('whatever comes, there is a verdict, and nothing fatal is tried again', () => {
  const anything = fc.oneof(
    fc.json().map((text) => JSON.parse(text) as unknown),
    fc.string(),
    fc.object(),
  );
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 999 }), anything, anything, (...[status, body, inner]) => {
      for (const each of [
        body,
        { error: inner },
        { error: { message: inner, details: [inner], code: inner } },
      ]) {
        const verdict = judge(status, each);
        if (!verdict.otherTarget) expect(verdict.sameTarget).toBe('no');
        expect(typeof verdict.message).toBe('string');
      }
    }),
    // Found by chance once: an object where a code is expected, whose `toString` is no function.
    { examples: [[500, null, { toString: 0 }]], numRuns: 1_000 },
  );
});

/** Recorded errors of real providers, on machines that have them; the rules stand above. */
const recorded = new URL('../../../../shared/data/provider-errors.jsonl', import.meta.url);

interface RecordedError {
  readonly id: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: unknown;
  readonly expect: {
    readonly retrySame: boolean;
    readonly failover: boolean;
    readonly waitMs: number | null;
  };
}

test.runIf(existsSync(recorded))('errors as real providers sent them', () => {
  const rows = readFileSync(recorded, 'utf8').trim().split('\n');
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    const { id, status, headers, body, expect: expected } = JSON.parse(row) as RecordedError;
    const verdict = status === 200 ? streamed(String(body)) : judge(status, body, headers);
    const { retrySame, failover, waitMs } = expected;
    expect({
      id,
      retrySame: verdict?.sameTarget !== 'no',
      failover: verdict?.otherTarget,
      waitMs: verdict?.hintMs ?? null,
    }).toEqual({ id, retrySame, failover, waitMs });
  }
});

function streamed(body: string): Verdict | undefined {
  const evidence = noEvidence();
  evidence.sent = true;
  evidence.status = 200;
  for (const data of eventData(body)) evidence.inBandError ??= WIRES.anthropic.read(data).error;
  return diagnose({ error: undefined, evidence, collected: nothingCollected(), tapped: true, epochMs: 0 })
    ?.verdict;
}
