import { existsSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rateLimitsIn } from './rate-limit-headers.ts';

/** 2026-01-01T00:00:00Z. */
const NOW = 1_767_225_600_000;

const limits = (headers: Record<string, string>) => rateLimitsIn(new Headers(headers), NOW);

describe('what providers send', () => {
  test('OpenAI, with Go durations', () => {
    expect(
      limits({
        'x-ratelimit-limit-requests': '30000',
        'x-ratelimit-limit-tokens': '150000000',
        'x-ratelimit-remaining-requests': '29999',
        'x-ratelimit-remaining-tokens': '149999982',
        'x-ratelimit-reset-requests': '2ms',
        'x-ratelimit-reset-tokens': '6m0s',
      }),
    ).toEqual({
      requests: { limit: 30_000, remaining: 29_999, resetMs: 2 },
      tokens: { limit: 150_000_000, remaining: 149_999_982, resetMs: 360_000 },
    });
  });

  test('Anthropic, with timestamps: of several windows the one with the least left counts', () => {
    expect(
      limits({
        'anthropic-ratelimit-requests-limit': '4000',
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:13Z',
        'anthropic-ratelimit-tokens-limit': '480000',
        'anthropic-ratelimit-tokens-remaining': '430000',
        'anthropic-ratelimit-tokens-reset': '2026-01-01T00:00:01Z',
        'anthropic-ratelimit-input-tokens-limit': '400000',
        'anthropic-ratelimit-input-tokens-remaining': '350000',
        'anthropic-ratelimit-input-tokens-reset': '2026-01-01T00:00:07Z',
        'anthropic-ratelimit-output-tokens-limit': '80000',
        'anthropic-ratelimit-output-tokens-remaining': '79000',
        'anthropic-ratelimit-output-tokens-reset': '2026-01-01T00:00:02Z',
      }),
    ).toEqual({
      requests: { limit: 4_000, remaining: 0, resetMs: 13_000 },
      tokens: { limit: 400_000, remaining: 350_000, resetMs: 7_000 },
    });
  });

  test('a window of output tokens counts once it is empty', () => {
    const answers = {
      'anthropic-ratelimit-input-tokens-remaining': '350000',
      'anthropic-ratelimit-output-tokens-limit': '80000',
      'anthropic-ratelimit-output-tokens-reset': '2026-01-01T00:00:02Z',
    };
    const left = (remaining: string) =>
      limits({ ...answers, 'anthropic-ratelimit-output-tokens-remaining': remaining }).tokens;
    expect(left('1')).toMatchObject({ remaining: 350_000 });
    expect(left('0')).toEqual({ limit: 80_000, remaining: 0, resetMs: 2_000 });
  });

  test('Mistral, with the length of a window in its name', () => {
    expect(
      limits({
        'x-ratelimit-limit-req-10-second': '60',
        'x-ratelimit-remaining-req-10-second': '53',
        'x-ratelimit-limit-tokens-minute': '2000000',
        'x-ratelimit-remaining-tokens-minute': '1999370',
        'x-ratelimit-limit-tokens-month': '10000000000',
        'x-ratelimit-remaining-tokens-month': '9999999370',
        'x-ratelimit-tokens-query-cost': '110',
      }),
    ).toEqual({
      requests: { limit: 60, remaining: 53, resetMs: 10_000 },
      tokens: { limit: 2_000_000, remaining: 1_999_370, resetMs: 60_000 },
    });
  });

  test.each([
    [
      'Mistral, formerly',
      {
        'ratelimitbysize-limit': '500000',
        'ratelimitbysize-remaining': '499983',
        'ratelimitbysize-reset': '28',
      },
      'tokens',
      499_983,
      28_000,
    ],
    [
      'Azure',
      { 'x-ratelimit-remaining-tokens': '119984', 'x-ratelimit-renewalperiod-tokens': '60' },
      'tokens',
      119_984,
      60_000,
    ],
    ['Azure, each header twice', { 'x-ratelimit-remaining-requests': '119, 119' }, 'requests', 119, null],
    [
      'Groq',
      { 'x-ratelimit-remaining-requests': '14397', 'x-ratelimit-reset-requests': '17.399999999s' },
      'requests',
      14_397,
      17_399.999999,
    ],
    [
      'Cerebras, in seconds',
      { 'x-ratelimit-remaining-requests-day': '14399', 'x-ratelimit-reset-requests-day': '33011.382867' },
      'requests',
      14_399,
      33_011_382.867,
    ],
    [
      'Fireworks',
      { 'x-ratelimit-limit-tokens-prompt': '60000', 'x-ratelimit-remaining-tokens-prompt': '59927' },
      'tokens',
      59_927,
      null,
    ],
    [
      'Cohere',
      {
        'x-trial-endpoint-call-limit': '40',
        'x-trial-endpoint-call-remaining': '38',
        'x-endpoint-monthly-call-limit': '1000',
      },
      'requests',
      38,
      null,
    ],
    [
      'Together',
      { 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': '2' },
      'requests',
      1,
      2_000,
    ],
    [
      'Together, tokens',
      { 'x-tokenlimit-limit': '60000', 'x-tokenlimit-remaining': '59000' },
      'tokens',
      59_000,
      null,
    ],
    [
      'OpenRouter, in milliseconds since 1970',
      { 'x-ratelimit-limit': '50', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW + 5_000) },
      'requests',
      0,
      5_000,
    ],
    [
      'SambaNova, in seconds since 1970',
      { 'x-ratelimit-remaining-requests': '3', 'x-ratelimit-reset-requests': String(NOW / 1_000 + 9) },
      'requests',
      3,
      9_000,
    ],
    ['Kong', { 'x-ratelimit-remaining-minute': '4', 'x-ratelimit-limit-minute': '5' }, 'requests', 4, 60_000],
    ['GitHub', { 'x-rate-limit-remaining': '7', 'x-rate-limit-limit': '10' }, 'requests', 7, null],
    ['Replicate', { 'ratelimit-remaining': '599', 'ratelimit-reset': '1' }, 'requests', 599, 1_000],
    [
      'an early draft',
      { 'ratelimit-limit': '100, 100;w=60', 'ratelimit-remaining': '99', 'ratelimit-reset': '50' },
      'requests',
      99,
      50_000,
    ],
    ['the seventh draft', { ratelimit: 'limit=100, remaining=98, reset=5' }, 'requests', 98, 5_000],
    [
      'Hugging Face, the latest draft',
      { ratelimit: '"api";r=999;t=295', 'ratelimit-policy': '"fixed window";"api";q=1000;w=300' },
      'requests',
      999,
      295_000,
    ],
    ['several lists', { ratelimit: '"burst";r=9;t=1, "tokens";r=70;t=3' }, 'tokens', 70, 3_000],
  ] as const)('%s', (...[, headers, unit, remaining, resetMs]) => {
    const view = limits(headers)[unit];
    expect(view?.remaining).toBe(remaining);
    if (resetMs === null) expect(view?.resetMs).toBeNull();
    else expect(view?.resetMs).toBeCloseTo(resetMs, 3);
  });

  test('the quota of the latest draft stands in its policy', () => {
    const view = limits({ ratelimit: '"b";r=9;t=1', 'ratelimit-policy': '"a";q=50;w=1, "b";q=100;w=60' });
    expect(view.requests).toEqual({ limit: 100, remaining: 9, resetMs: 1_000 });
  });
});

test("the provider's own clock counts", () => {
  const headers = {
    date: 'Thu, 01 Jan 2026 06:00:00 GMT',
    'anthropic-ratelimit-requests-remaining': '0',
    'anthropic-ratelimit-requests-reset': '2026-01-01T06:00:04Z',
  };
  expect(limits(headers).requests?.resetMs).toBe(4_000);
});

describe('what makes no sense is left out', () => {
  test.each([
    {},
    { 'x-ratelimit-limit-requests': '100' },
    { 'x-ratelimit-remaining-requests': '-1' },
    { 'x-ratelimit-remaining-requests': 'many' },
    { 'x-ratelimit-remaining-requests': '' },
    { 'x-ratelimit-remaining-requests': '1e99' },
    { 'x-ratelimit-remaining-requests': '9'.repeat(400) },
    { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-limit-requests': '0' },
    { 'x-ratelimit-remaining-images': '0' },
    { 'x-ratelimit-remaining-concurrent-requests': '0' },
    { 'anthropic-ratelimit-unified-status': 'allowed' },
    { ratelimit: 'garbage;;;', 'ratelimit-policy': '=,=' },
    { ratelimit: '"upload";r=0;t=3', 'ratelimit-policy': '"upload";q=9;qu="content-bytes"' },
  ])('%o', (headers) => {
    expect(limits(headers as Record<string, string>)).toEqual({ requests: null, tokens: null });
  });

  test.each(['soon', '-3', '', 'NaN', '4000-01-01T00:00:00Z', '99999999'])('a reset of "%s"', (reset) => {
    const headers = { 'x-ratelimit-remaining-requests': '3', 'x-ratelimit-reset-requests': reset };
    expect(limits(headers).requests).toEqual({ limit: null, remaining: 3, resetMs: null });
  });

  test('a window that holds less than is left in it has no known size', () => {
    const headers = { 'x-ratelimit-limit-tokens': '5', 'x-ratelimit-remaining-tokens': '9' };
    expect(limits(headers).tokens).toEqual({ limit: null, remaining: 9, resetMs: null });
  });

  test('whatever comes, views are numbers in range or nothing', () => {
    const name = fc.constantFrom(
      'ratelimit',
      'ratelimit-policy',
      'x-ratelimit-remaining-requests',
      'x-ratelimit-limit-requests',
      'x-ratelimit-reset-requests',
      'anthropic-ratelimit-tokens-remaining',
      'anthropic-ratelimit-tokens-reset',
      'x-ratelimit-remaining-tokens-minute',
      'date',
    );
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'0123456789.,;=:-+"rtqhmsdTZ GMJanW') }),
      fc.integer().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    );
    fc.assert(
      fc.property(fc.dictionary(name, text), fc.nat(), (headers, epochMs) => {
        for (const view of Object.values(rateLimitsIn(new Headers(headers), epochMs))) {
          if (view === null) continue;
          expect(view.remaining).toBeGreaterThanOrEqual(0);
          expect(view.limit ?? view.remaining).toBeGreaterThanOrEqual(view.remaining);
          expect(view.resetMs ?? 0).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(view.remaining + (view.limit ?? 0) + (view.resetMs ?? 0))).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Headers of real providers, on machines that have them; the grammars stand above. */
const recorded = new URL('../../../../shared/data/rate-limit-headers.json', import.meta.url);

/** 2025-06-23T10:26:50Z, when Anthropic's were recorded. */
const RECORDED = 1_750_674_410_000;

test.runIf(existsSync(recorded))('headers as real providers sent them', () => {
  const hosts = JSON.parse(readFileSync(recorded, 'utf8')) as Record<string, { lim: Record<string, string> }>;
  const seen = Object.entries(hosts).map(([host, { lim }]) => {
    const { requests, tokens } = rateLimitsIn(new Headers(lim), RECORDED);
    return [host, requests?.remaining, requests?.resetMs, tokens?.remaining, tokens?.resetMs];
  });
  expect(seen.length).toBeGreaterThan(0);
  expect(seen).toEqual([
    ['huggingface.co', 999, 295_000, undefined, undefined],
    ['api.openai.com', 29_999, 2, 149_999_982, 0],
    ['api.anthropic.com', 3_999, 3_000, 400_000, 3_000],
    ['api.groq.com', 14_397, expect.closeTo(17_400, 2), 29_987, 26],
    ['api.mistral.ai', 53, 10_000, 1_999_370, 60_000],
    ['traceloop-stg.openai.azure.com', 119, null, 119_984, null],
    ['test-resource.openai.azure.com', 119, null, 119_991, null],
    ['api.replicate.com', 599, 1_000, undefined, undefined],
    ['api.together.xyz', 1, 2_000, undefined, undefined],
  ]);
});
