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
