import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { GATEWAY_ERRORS, GatewayError, isGatewayError } from './index.ts';

const page = new URL('../../../docs/errors.md', import.meta.url);

test.runIf(existsSync(page))('every code has a section in docs/errors.md', () => {
  const documented = [...readFileSync(page, 'utf8').matchAll(/^### ([A-Z_]+)$/gm)].map((match) => match[1]);
  expect(documented).toEqual(expect.arrayContaining(Object.keys(GATEWAY_ERRORS)));
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
