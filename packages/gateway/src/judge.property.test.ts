import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeAnswer } from './judge.ts';
import { readProviderError } from './provider-error.ts';
import type { Verdict } from './verdict.ts';

const judge = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  judgeAnswer({ status, body, headers: new Headers(headers), epochMs: 0 });

/** Keys that error bodies use, so that random ones look like them. */
const key = fc.constantFrom(
  'error',
  'errors',
  'message',
  'code',
  'type',
  'status',
  'detail',
  'details',
  'metadata',
  'raw',
  'x',
);
const leaf = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.constant(null),
  fc.constantFrom('429', '{"error":', '[[[', '<html>'),
);
const { body: anyBody } = fc.letrec((tie) => ({
  body: fc.oneof(
    { maxDepth: 6 },
    leaf,
    fc.dictionary(key, tie('body'), { maxKeys: 4 }),
    fc.array(tie('body'), { maxLength: 3 }),
  ),
}));

test('whatever comes, there is a verdict that does not contradict itself', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 999 }), anyBody, fc.boolean(), (...[status, body, asText]) => {
      const verdict = judge(status, asText ? JSON.stringify(body) : body);
      if (!verdict.otherTarget) expect(verdict.sameTarget).toBe('no');
      if (verdict.sameTarget === 'no') expect(verdict.remedy).not.toBe('same-target');
      expect(verdict.asideMs).toBeLessThanOrEqual(3_600_000);
      expect(verdict.message.length).toBeGreaterThan(0);
    }),
    { numRuns: 2_000 },
  );
});

describe('nothing fatal is tried again', () => {
  const tempting = fc.constantFrom(
    'rate limit exceeded',
    'the server is overloaded',
    'too many requests',
    'try again in 2 seconds',
    'high demand',
    'service unavailable',
    '429',
    '503',
  );
  const junk = fc.array(fc.oneof(tempting, fc.string({ maxLength: 20 })), { maxLength: 6 });

  test('whatever of the request its message quotes', () => {
    fc.assert(
      fc.property(fc.constantFrom(400, 422), junk, junk, (...[status, quoted, input]) => {
        const message = `Invalid value: '${quoted.join(' ').replaceAll(/[^ -~]/g, '')}'.`;
        const error = {
          message,
          type: 'invalid_request_error',
          code: 'invalid_value',
          param: input.join(' '),
        };
        const detail = [{ type: 'string_type', loc: input, msg: 'Input should be a string', input: quoted }];
        for (const body of [
          { error },
          error,
          { detail },
          [{ error }],
          { error: { message: 'Bad', raw: { error } } },
        ]) {
          expect(judge(status, body)).toMatchObject({
            code: 'PROVIDER_REJECTED',
            sameTarget: 'no',
            otherTarget: false,
          });
        }
      }),
    );
  });

  const file = new URL('test-support/provider-errors.jsonl', import.meta.url);
  const rows = readFileSync(file, 'utf8').trim().split('\n');
  const final = rows
    .map(
      (row) =>
        JSON.parse(row) as {
          status: number;
          headers?: Record<string, string>;
          body: unknown;
          expect: Verdict;
        },
    )
    .filter(({ expect: { code } }) => /^(?:AUTH|MODEL|CONTEXT|CONTENT)_/.test(code))
    .filter(({ body }) => typeof body === 'object');

  test('whatever fields and hints come along with a real one', () => {
    expect(final.length).toBeGreaterThan(40);
    fc.assert(
      fc.property(
        fc.constantFrom(...final),
        junk,
        fc.nat(100),
        ({ status, headers, body, expect: expected }, words, wait) => {
          const noisy = Array.isArray(body)
            ? body
            : { ...(body as object), id: words.join(' '), request: { words } };
          const hinted = { ...headers, 'retry-after': String(wait), 'x-request-id': 'x' };
          expect(judge(status, noisy, hinted)).toMatchObject({
            code: expected.code,
            sameTarget: 'no',
            hintMs: null,
          });
        },
      ),
    );
  });
});

const nested = (depth: number): unknown =>
  Array.from({ length: depth }).reduce((inner) => ({ error: inner }), 'x');

describe('a hostile body costs no more than a large one', () => {
  const MB = 1024 * 1024;
  const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, { code: 'x' }]));

  test.each([
    ['one long message', { error: { message: 'try again in 1'.repeat(MB / 14) } }],
    ['one long name', { error: { code: 'a'.repeat(MB), type: 'b '.repeat(MB / 2) } }],
    [
      'many messages',
      { errors: Array.from({ length: 20_000 }, (_, index) => ({ message: `m${index}`, code: `c${index}` })) },
    ],
    ['many fields', { error: wide }],
    [
      'many fields at every level',
      { errors: Array.from({ length: 300 }, () => ({ details: [{ code: 'x', type: 'y' }] })) },
    ],
    ['a deep one', nested(5_000)],
    [
      'JSON in JSON',
      { error: { message: JSON.stringify({ message: JSON.stringify({ message: '['.repeat(MB / 4) }) }) } },
    ],
    ['brackets', '['.repeat(MB)],
    ['text', 'model '.repeat(MB / 6)],
  ])('%s', (_, body) => {
    // What the rules get to see is bounded, and every rule is linear in it.
    const { names, message, waits } = readProviderError(body);
    expect(names.length + waits.length).toBeLessThanOrEqual(500);
    expect(Math.max(0, ...names.map((name) => name.length))).toBeLessThanOrEqual(100);
    expect(message.length).toBeLessThanOrEqual(4_096);
    expect(judge(500, body).code).toBe('PROVIDER_ERROR');
  });
});
