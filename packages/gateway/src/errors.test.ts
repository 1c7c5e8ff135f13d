import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { GATEWAY_ERRORS, GatewayError, isGatewayError } from './index.ts';
import { verdictOf } from './verdict.ts';
import type { AttemptErrorCode } from './verdict.ts';

const page = new URL('../../../docs/errors.md', import.meta.url);

test.runIf(existsSync(page))('every code has a section in docs/errors.md', () => {
  const documented = [...readFileSync(page, 'utf8').matchAll(/^### ([A-Z_]+)$/gm)].map((match) => match[1]);
  expect(documented).toEqual(expect.arrayContaining(Object.keys(GATEWAY_ERRORS)));
});

test.runIf(existsSync(page))('docs/errors.md says of each code what the gateway does about it', () => {
  const row = /^\| `([A-Z_]+)` +\| (\S+) +\| (\S+) +\| (\S+) +\| ([^|]*?) *\| `([\w-]+)`/gm;
  const documented = [...readFileSync(page, 'utf8').matchAll(row)].map((match) => match.slice(1));
  const codes = Object.keys(GATEWAY_ERRORS) as AttemptErrorCode[];
  const actual = codes
    .map((code) => verdictOf(code))
    // Codes that no attempt ends with have no verdict.
    .filter(({ sameTarget }) => (sameTarget as string | undefined) !== undefined)
    .map(({ code, sameTarget, otherTarget, breaker, asideMs, remedy }) => [
      code,
      sameTarget,
      otherTarget ? 'yes' : 'no',
      breaker,
      asideMs === 0 ? '' : `${asideMs / 60_000} min`,
      remedy,
    ]);
  expect(documented.toSorted()).toEqual(actual.toSorted());
});

describe('isGatewayError', () => {
  test('knows its own by the brand, and nothing else', () => {
    const error = new GatewayError('RATE_LIMITED', 'slow down', { retryInMs: 5, status: 429 });
    expect(isGatewayError(error)).toBe(true);
    expect(isGatewayError({ ...error, [Symbol.for('paceline.gateway.error')]: true })).toBe(true);
    for (const other of [new Error('x'), null, undefined, 'RATE_LIMITED', { code: 'RATE_LIMITED' }]) {
      expect(isGatewayError(other)).toBe(false);
    }
  });

  test('an error carries its details', () => {
    const cause = new Error('below');
    const error = new GatewayError('RATE_LIMITED', 'slow down', { cause, retryInMs: 5, status: 429 });
    expect(error).toMatchObject({
      name: 'GatewayError',
      code: 'RATE_LIMITED',
      cause,
      retryInMs: 5,
      status: 429,
      attempts: [],
    });
    const bare = new GatewayError('CANCELLED', 'gone');
    expect([bare.attempts, bare.retryInMs, bare.status, bare.cause]).toEqual([
      [],
      undefined,
      undefined,
      undefined,
    ]);
  });
});
