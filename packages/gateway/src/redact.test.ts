import { expect, test } from 'vitest';
import { createRedact } from './redact.ts';
import { cannedFetch, cannedGateway, request } from './test-support/canned.ts';
import type { GatewayError } from './index.ts';

const SECRET = 'sk-canary+7f3/9a==';
const redact = createRedact(() => [SECRET, '']);

test.each([
  ['plain', SECRET],
  ['URL-encoded', encodeURIComponent(SECRET)],
  ['in base64', Buffer.from(SECRET).toString('base64')],
  ['inside a longer base64', Buffer.from(`${SECRET}:more`).toString('base64')],
])('a secret %s is removed', (_, shape) => {
  expect(redact(`before ${shape} after`)).toMatch(/^before \[redacted\].* after$/);
});

test('short values are left alone: they would blacken ordinary words', () => {
  expect(createRedact(() => ['none'])('none of this')).toBe('none of this');
});

test('control characters go and long messages are shortened', () => {
  expect(redact('a\u0000\u001b[31mb\r\nc')).toBe('a [31mb c');
  expect(redact('x'.repeat(5_000))).toHaveLength(300);
});

test('a key that a provider echoes reaches neither error, record nor event', async () => {
  const key = 'sk-canary-1234567890';
  const body = JSON.stringify({
    error: { message: `Incorrect API key provided: ${key}.`, code: 'invalid_api_key' },
  });
  const { fetch, requests } = cannedFetch({
    status: 401,
    headers: { 'content-type': 'application/json' },
    chunks: [body],
  });
  const { gateway } = cannedGateway('openai', fetch, {
    providers: { openai: { wire: 'openai', headers: { 'x-team': 'team-canary-987' } } },
    env: { OPENAI_API_KEY: key },
  });
  const seen: unknown[] = [];
  gateway.events.on('attempt-end', (event) => seen.push(event));
  const error = await gateway.generate(request()).catch((thrown: GatewayError) => thrown);
  expect(requests[0]?.headers.get('authorization')).toContain(key);
  expect(error).toMatchObject({ code: 'AUTH_REJECTED', message: expect.stringContaining('[redacted]') });
  const { message, stack } = error as GatewayError;
  expect(JSON.stringify([message, stack, error, seen])).not.toMatch(/canary/);
});
