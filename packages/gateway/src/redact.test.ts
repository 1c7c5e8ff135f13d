import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor } from './redact.ts';
import { cannedFetch, cannedGateway, recordedStream, request } from './test-support/canned.ts';
import type { GatewayError } from './index.ts';

const SECRET = 'sekret/canary+7f3"9a==';
const redactor = createRedactor({ secrets: () => [SECRET, ''] });
const { text, value } = redactor;

describe('a known secret is removed', () => {
  test.each([
    ['plain', SECRET],
    ['as JSON escapes it', JSON.stringify(SECRET).slice(1, -1)],
    ['URL-encoded', encodeURIComponent(SECRET)],
    ['URL-encoded in lower case', encodeURIComponent(SECRET).replaceAll(/%../g, (hex) => hex.toLowerCase())],
    ...[0, 1, 2].flatMap((at): [string, string][] => {
      const bytes = Buffer.from(`${'x'.repeat(at)}${SECRET} and more`);
      return [
        [`in base64 from byte ${at}`, bytes.toString('base64')],
        [`in base64url from byte ${at}`, bytes.toString('base64url')],
      ];
    }),
  ])('%s', (_, form) => {
    const clean = text(`before ${form} after`);
    expect(clean).toMatch(/^before \S{0,3}\[redacted\]\S* after$/);
  });

  test('where another one begins with it', () => {
    const two = createRedactor({ secrets: () => ['first-secret', 'first-secret-and-second'] });
    expect(two.text('it is first-secret-and-second.')).toBe('it is [redacted].');
  });

  test('as soon as it is known', () => {
    const known: string[] = [];
    const late = createRedactor({ secrets: () => [...known] });
    expect(late.text('late-secret')).toBe('late-secret');
    known.push('late-secret');
    expect(late.text('late-secret')).toBe('[redacted]');
  });

  test('but not a short one, which would blacken ordinary words', () => {
    expect(createRedactor({ secrets: () => ['nothing'] }).text('nothing of this')).toBe('nothing of this');
  });
});

/** Made of parts, so that no scanner of repositories takes them for secrets. */
const LOOKS: readonly (readonly [name: string, text: string, clean: string])[] = [
  ['a bearer token', `authorization: Bearer ${'a1B2'.repeat(8)}.`, 'authorization: Bearer [redacted]'],
  ['a basic one', `Basic ${'dXNlcjpwYXNz'.repeat(2)}1==, x`, 'Basic [redacted], x'],
  ['a key of OpenAI', `got ${['sk', 'proj', 'a1b2c3d4e5f6g7h8'].join('-')}.`, 'got [redacted].'],
  ['a key of Groq', `"${'gsk_'}${'a1b2'.repeat(6)}"`, '"[redacted]"'],
  ['a key of AWS', `${'AKIA'}IOSFODNN7EXAMPLE is mine`, '[redacted] is mine'],
  ['a key of Google', `key ${'AIza'}${'b'.repeat(35)}`, 'key [redacted]'],
  ['a token of GitHub', `${'ghp_'}${'c3'.repeat(18)}`, '[redacted]'],
  ['a token of Slack', `${'xoxb'}-123456789012-abc`, '[redacted]'],
  ['a web token', `eyJhbGciOiJI.eyJzdWIiOiIx.${'s'.repeat(20)} ok`, '[redacted] ok'],
  [
    'a private key',
    '-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-128\n\nMIIE\n-----END RSA PRIVATE KEY----- x',
    '[redacted] x',
  ],
  ['half a private key', '-----BEGIN PRIVATE KEY-----\nMIIE', '[redacted]'],
  [
    "a connection string's password",
    'cannot reach postgres://app:pa55@db:5432/x',
    'cannot reach postgres://app:[redacted]@db:5432/x',
  ],
  [
    "an address's key",
    'GET https://x.test/v1?api-key=0123456789&a=b',
    'GET https://x.test/v1?api-key=[redacted]&a=b',
  ],
];

describe('what looks like a secret is removed', () => {
  test.each(LOOKS)('%s', (_, given, clean) => {
    expect(text(given)).toBe(clean);
  });

  test.each([
    'The bearer of this letter needs basic understanding of responsibilities.',
    'task-sk-learn-pipeline-example-of-length',
    'sk-learn-pipeline-example-of-some-length',
    'fw_some_function_name_that_is_long_enough',
    'https://example.com:8080/a@b and http://[::1]:80/',
    'run_1m83g448rb2nsezqap4 openai/gpt-5-mini@eu 2026-11-23T00:00:00Z',
    'eyJ is how a JSON object begins in base64.',
    '?key=short&page=2',
  ])('but not ordinary text: %s', (ordinary) => {
    expect(text(ordinary)).toBe(ordinary);
  });

  test('or what the config says that it looks like', () => {
    const own = createRedactor({ secrets: () => [], patterns: [/^(?<kept>card )\d{8,}$/y] });
    expect(own.text('card 4111111111111111')).toBe('card [redacted]');
    expect(own.value(['first line', 'card 4111111111111111'])).toEqual(['first line', 'card [redacted]']);
    expect(own.text(LOOKS[4]![1])).toBe(LOOKS[4]![1]);
  });

  test('in time that grows with the text alone', () => {
    // Beginnings that never end: a pattern that went back for each would take minutes.
    const begins = ['Bearer ', 'sk-', 'gsk_a', 'AKIA', 'AIza-', 'ghp_', 'xoxb-', 'eyJ-', 'eyJaaaaaaaa.'];
    const others = ['-----BEGIN PRIVATE KEY-----', '-----BEGIN A ', '://', '://a:b', '?key=', '-', 'a.'];
    for (const begin of [...begins, ...others]) {
      expect(text(begin.repeat(200_000)).length).toBeGreaterThan(0);
    }
  });
});

test('a message is one line of at most 300 characters', () => {
  expect(redactor.message('a\u0000\u001b[31mb\r\nc')).toBe('a [31mb c');
  expect(redactor.message('x'.repeat(5_000))).toHaveLength(300);
  expect(redactor.message(`${'x'.repeat(290)}${SECRET}`)).toBe(`${'x'.repeat(290)}[redacted]`);
});

describe('plain data', () => {
  test('is cleaned in depth, keys too', () => {
    const given = { a: [1, null, { [`key ${SECRET}`]: `of ${SECRET}` }], b: { c: true } };
    const clean = value(given);
    expect(clean).toEqual({ a: [1, null, { 'key [redacted]': 'of [redacted]' }], b: { c: true } });
    expect(clean.b).toBe(given.b);
    expect(given.a[2]).toHaveProperty([`key ${SECRET}`]);
  });

  test('is given back as it is where there is nothing to hide', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        expect(value(data)).toBe(data);
      }),
    );
  });

  test('holds no secret afterwards, wherever it stood', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(2), (before, after, level) => {
        const inner = before + SECRET + after;
        const nested = [inner, [inner], { deep: { [inner]: 1 } }][level];
        expect(JSON.stringify(value({ nested }))).not.toContain('canary');
      }),
    );
  });
});

test('an error is cleaned with its stack, causes and fields, and stays the same error', () => {
  const cause: Error & { cause?: unknown } = new Error(`first ${SECRET}`);
  const thrown = Object.assign(
    new AggregateError([new Error(`one of ${SECRET}`)], `second ${SECRET}`, { cause }),
    { detail: { header: `Bearer ${SECRET}` } },
  );
  cause.cause = thrown;
  expect(redactor.error(thrown)).toBe(thrown);
  expect(thrown.message).toBe('second [redacted]');
  expect(inspect(thrown, { depth: 10 })).not.toContain('canary');
  expect(redactor.error('no error')).toBe('no error');
});

const key = 'canary-1234567890';

/** A provider that echoes the key it rejects. */
const echoing = () =>
  cannedFetch({
    status: 401,
    headers: { 'content-type': 'application/json' },
    chunks: [
      JSON.stringify({ error: { message: `Incorrect API key provided: ${key}.`, code: 'invalid_api_key' } }),
    ],
  });

test('a key that a provider echoes reaches neither error, record nor event', async () => {
  const { fetch, requests } = echoing();
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

test('nor does it reach the record of an attempt in the result of a call that went on elsewhere', async () => {
  const [first, second] = [echoing(), cannedFetch({ chunks: [await recordedStream('openai')] })];
  const { gateway } = cannedGateway(
    'openai',
    (input, init) => (String(input).startsWith('http://first.test') ? first : second).fetch(input, init),
    {
      roles: { classify: ['first/gpt-5-mini', 'second/gpt-5-mini'] },
      providers: {
        first: { wire: 'openai', baseUrl: 'http://first.test/v1', apiKey: 'env:MY_KEY' },
        second: { wire: 'openai', baseUrl: 'http://second.test/v1' },
      },
      policy: {},
      env: { MY_KEY: key },
    },
  );
  const { attempts } = await gateway.generate(request());
  expect(attempts).toMatchObject([{ message: expect.stringContaining('[redacted]') }, { outcome: 'ok' }]);
  expect(JSON.stringify(attempts)).not.toContain('canary');
});
