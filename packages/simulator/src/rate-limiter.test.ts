import { describe, expect, test } from 'vitest';
import { createWorld, observe } from './test-support/observe.ts';
import { at } from './test-support/read-answer.ts';
import type { RateLimit } from './scenario/scenario.ts';
import type { Observed } from './test-support/observe.ts';
import type { WireFormat } from './wire/wire.ts';

/** Nineteen tokens each: seven of the prompt, twelve of the answer. Not streamed, a call takes next to no time. */
const limited = (rateLimit: RateLimit) =>
  createWorld({
    rateLimit,
    latency: { firstTokenMs: { p50: 1e-9, p95: 1e-9 }, tokensPerSecond: 1e12 },
  });
const ASK = { stream: false } as const;

const about = ({ headers }: Observed, prefix: string) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(prefix)));

test('OpenAI counts down in x-ratelimit headers, with resets as durations', async () => {
  const world = limited({ requestsPerMinute: 600, tokensPerMinute: 1_200 });
  expect(about(await observe('openai', ASK, world), 'x-ratelimit')).toEqual({
    'x-ratelimit-limit-requests': '600',
    'x-ratelimit-remaining-requests': '599',
    'x-ratelimit-reset-requests': '100ms',
    'x-ratelimit-limit-tokens': '1200',
    'x-ratelimit-remaining-tokens': '1181',
    'x-ratelimit-reset-tokens': '950ms',
  });
  for (let count = 0; count < 4; count++) await observe('openai', ASK, world);
  expect(about(await observe('openai', ASK, world), 'x-ratelimit')).toMatchObject({
    'x-ratelimit-remaining-requests': '594',
    'x-ratelimit-reset-tokens': '5.7s',
  });
});

test('Anthropic counts down in anthropic-ratelimit headers, with resets as moments', async () => {
  const world = limited({ requestsPerMinute: 4, tokensPerMinute: 1_200 });
  expect(about(await observe('anthropic', ASK, world), 'anthropic-')).toEqual({
    'anthropic-ratelimit-requests-limit': '4',
    'anthropic-ratelimit-requests-remaining': '3',
    'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:15Z',
    'anthropic-ratelimit-tokens-limit': '1200',
    'anthropic-ratelimit-tokens-remaining': '1181',
    'anthropic-ratelimit-tokens-reset': '2026-01-01T00:00:01Z',
  });
});

test('Google says nothing until it is too much', async () => {
  const world = limited({ requestsPerMinute: 1 });
  const first = await observe('google', ASK, world);
  expect(Object.keys(first.headers).filter((name) => name.includes('limit'))).toEqual([]);
  const second = await observe('google', ASK, world);
  expect(second.status).toBe(429);
  expect(at(JSON.parse(second.text), 'error.details.0.retryDelay')).toBe('60s');
});

describe.each<[WireFormat, wait: string]>([
  ['openai', 'retry-after'],
  ['anthropic', 'retry-after'],
])('on the %s wire', (wire, wait) => {
  test('beyond the limit 429 says when to come back, uses up nothing, and then there is room', async () => {
    const world = limited({ requestsPerMinute: 2 });
    const statuses = async (count: number) => {
      const seen = [];
      for (let nth = 0; nth < count; nth++) seen.push((await observe(wire, ASK, world)).status);
      return seen;
    };
    expect(await statuses(5)).toEqual([200, 200, 429, 429, 429]);
    const refused = await observe(wire, ASK, world);
    expect(refused.headers[wait]).toBe('30');
    expect(JSON.stringify(refused.headers)).toMatch(/remaining[a-z-]*":"0"/);
    await world.clock.advance(30_000);
    expect(await statuses(2)).toEqual([200, 429]);
  });

  test('tokens count as well', async () => {
    const world = limited({ requestsPerMinute: 100, tokensPerMinute: 40 });
    const seen = [];
    for (let nth = 0; nth < 3; nth++) seen.push(await observe(wire, ASK, world));
    expect(seen.map(({ status }) => status)).toEqual([200, 200, 429]);
    if (wire === 'openai') expect(at(JSON.parse(seen[2]!.text), 'error.type')).toBe('tokens');
    // 17 of 19 tokens are missing, of 40 a minute.
    expect(seen[2]?.headers['retry-after']).toBe('26');
  });

  test('each credential has its own limit', async () => {
    const world = limited({ requestsPerMinute: 1 });
    const statuses = [];
    for (const credential of ['a', 'b', 'a']) {
      statuses.push((await observe(wire, { ...ASK, credential }, world)).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });
});

test('a refusal for the sake of one limit says how the other stands now', async () => {
  const world = limited({ requestsPerMinute: 1, tokensPerMinute: 60 });
  await observe('openai', ASK, world);
  await world.clock.advance(9_000);
  expect((await observe('openai', ASK, world)).headers).toMatchObject({
    'retry-after-ms': '51000',
    'x-ratelimit-remaining-requests': '0',
    'x-ratelimit-remaining-tokens': '50',
  });
});

test('after a pause there is a minute’s worth, and no more', async () => {
  const world = limited({ requestsPerMinute: 3 });
  await world.clock.advance(3_600_000);
  const statuses = [];
  for (let count = 0; count < 4; count++) statuses.push((await observe('openai', ASK, world)).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
});

test('without a limit nobody speaks of one', async () => {
  const { headers } = await observe('openai', ASK, createWorld());
  expect(Object.keys(headers).filter((name) => name.includes('limit'))).toEqual([]);
});
