import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWorld, observe, watch } from './test-support/observe.ts';
import { readAnswer } from './test-support/read-answer.ts';
import { requestOf, WIRES } from './test-support/requests.ts';
import type { JsonObject } from './json.ts';
import type { Observed } from './test-support/observe.ts';
import type { WireFormat } from './wire/wire.ts';

const wires = fc.constantFrom(...WIRES);

/** A 4xx in the provider's own shape, or a whole answer. */
function expectProviderLike(wire: WireFormat, { status, text, end }: Observed): void {
  expect(end).toBe('closed');
  if (status === 200) {
    expect(text).not.toBe('');
    return;
  }
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  const { error, type } = JSON.parse(text) as { error: JsonObject; type?: string };
  expect(typeof error['message']).toBe('string');
  if (wire === 'openai') expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code']);
  if (wire === 'anthropic') expect(type).toBe('error');
  if (wire === 'google') expect(error['code']).toBe(status);
}

async function post(path: string, body: string): Promise<Observed> {
  const { clock, sim } = createWorld();
  return clock.run(watch(sim.fetch(`http://any${path}`, { method: 'POST', body }), () => clock.nowMs()));
}

test('whatever the body, the provider answers, and in its own shape', async () => {
  const bodies = fc.oneof(
    fc.string(),
    fc.json(),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
  );
  await fc.assert(
    fc.asyncProperty(wires, bodies, async (wire, body) => {
      expectProviderLike(wire, await post(requestOf(wire, {}).path, body));
    }),
    { numRuns: 150 },
  );
});

test('whatever stands in the fields of a request, the provider answers, and in its own shape', async () => {
  const fields = [
    'model',
    'messages',
    'contents',
    'system',
    'tools',
    'tool_choice',
    'toolConfig',
    'response_format',
  ];
  const more = ['output_config', 'generationConfig', 'max_tokens', 'stream', 'stream_options', 'logprobs'];
  const spoilt = fc.dictionary(fc.constantFrom(...fields, ...more), fc.jsonValue({ maxDepth: 5 }));
  await fc.assert(
    fc.asyncProperty(wires, spoilt, async (wire, extra) => {
      expectProviderLike(wire, await observe(wire, { extra: extra as JsonObject }, createWorld()));
    }),
    { numRuns: 200 },
  );
});

test('whatever schema is asked for, the answer is JSON', async () => {
  const keywords = fc.constantFrom(
    'type',
    'enum',
    'const',
    'anyOf',
    'oneOf',
    'allOf',
    'properties',
    'items',
    'required',
    '$ref',
  );
  const more = fc.constantFrom(
    'minimum',
    'maximum',
    'multipleOf',
    'minLength',
    'maxLength',
    'minItems',
    'maxItems',
    'format',
    'default',
  );
  const { schema: schemas } = fc.letrec<{ schema: JsonObject; value: never }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(
        'object',
        'array',
        'string',
        'number',
        'integer',
        'boolean',
        'null',
        '#',
        '#/properties/a',
      ),
      fc.double(),
      tie('schema'),
      fc.array(tie('schema'), { maxLength: 3 }),
      fc.jsonValue({ maxDepth: 1 }),
    ) as fc.Arbitrary<never>,
    schema: fc.dictionary(fc.oneof(keywords, more, fc.constantFrom('a', 'b')), tie('value'), { maxKeys: 5 }),
  }));
  await fc.assert(
    fc.asyncProperty(wires, schemas, async (wire, schema) => {
      const seen = await observe(wire, { schema, stream: false }, createWorld());
      expect(seen.status).toBe(200);
      expect(() => JSON.parse(seen.text)).not.toThrow();
    }),
    { numRuns: 300 },
  );
});

const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
const deepObject = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
const many = (count: number, item: string): string =>
  `[${Array.from({ length: count }, () => item).join(',')}]`;

test.each([
  [
    'deep nesting in a schema',
    `{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"function":{"parameters":${deepObject}}}]}`,
    400,
  ],
  ['deep nesting', `{"model":"m","messages":${deep}}`, 400],
  [
    'deep JSON inside a message',
    JSON.stringify({ model: 'm', messages: [{ role: 'user', content: deepObject }] }),
    200,
  ],
  [
    'a hundred and thirty thousand messages',
    `{"model":"m","messages":${many(130_000, '{"role":"user","content":"x"}')}}`,
    200,
  ],
  [
    'a hundred and thirty thousand blocks',
    `{"model":"m","messages":[{"role":"user","content":${many(130_000, '{"type":"text","text":"x"}')}}]}`,
    200,
  ],
  [
    'a hundred and thirty thousand tools',
    `{"model":"m","messages":[{"role":"user","content":"x"}],"tools":${many(130_000, '{"function":{"name":"refund"}}')}}`,
    200,
  ],
  [
    'only opening braces',
    JSON.stringify({ model: 'm', messages: [{ role: 'user', content: '{'.repeat(300_000) }] }),
    200,
  ],
  [
    'a prototype',
    '{"model":"m","messages":[{"role":"user","content":"x"}],"__proto__":{"stream":true},"constructor":1}',
    200,
  ],
])('%s does no harm', async (_, body, status) => {
  const seen = await post('/openai/v1/chat/completions', body);
  expect(seen).toMatchObject({ status, end: 'closed' });
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
});

test('of deep JSON in a prompt only so much is passed on', async () => {
  const schema = { type: 'object', properties: { a: { type: 'object' } } };
  const seen = await observe('openai', { schema, text: deepObject }, createWorld());
  expect(readAnswer('openai', seen.text).text.split('{').length).toBeLessThan(70);
});

const thirty = (value: () => JsonObject): JsonObject =>
  Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`p${at}`, value()]));

test.each([
  ['refers to itself', { $ref: '#' }],
  ['contains itself in thirty properties', { type: 'object', properties: thirty(() => ({ $ref: '#' })) }],
  [
    'branches into itself',
    { anyOf: [{ $ref: '#' }, { type: 'object', properties: { a: { $ref: '#' } } }, { $ref: '#' }] },
  ],
  ['has a label of a megabyte', { enum: ['x'.repeat(1_000_000), 'y'] }],
  [
    'has a hundred and thirty thousand labels',
    { enum: Array.from({ length: 130_000 }, (_, at) => `label ${at}`) },
  ],
  [
    'has a hundred and thirty thousand parts',
    { allOf: Array.from({ length: 130_000 }, () => ({ type: 'string' })) },
  ],
])('a schema that %s is answered', async (_, schema) => {
  const seen = await observe(
    'openai',
    { schema: schema as JsonObject, text: 'a'.repeat(10_000) },
    createWorld(),
  );
  expect(seen).toMatchObject({ status: 200, end: 'closed' });
});

test.each([
  '',
  '/',
  '//',
  '/openai',
  '/nobody/v1/messages',
  '/openai/v1/messages',
  '/%zz',
  '/__proto__/v1/messages',
  '/google/v1beta/models/:generateContent',
])('there is nothing at %j', async (path) => {
  const { clock, sim } = createWorld();
  const seen = await clock.run(
    watch(sim.fetch(`http://any${path}`, { method: 'POST', body: '{}' }), () => clock.nowMs()),
  );
  expect(seen.status).toBe(404);
  expectProviderLike(sim.calls[0]?.wire ?? 'openai', seen);
});

test.each(['__proto__', 'constructor', ''])('a model called %j is a model like any other', async (model) => {
  const latency = { firstTokenMs: { p50: 1, p95: 1 }, tokensPerSecond: 1_000 };
  const seen = await observe('openai', { model }, createWorld({ models: { other: latency } }));
  expect(seen.status).toBe(200);
});

test('only POST is answered', async () => {
  const { clock, sim } = createWorld();
  const response = await clock.run(sim.fetch('http://any/openai/v1/chat/completions'));
  expect(response.status).toBe(404);
});

test.each(WIRES)('%s: without a key 401 where one is required, with any key an answer', async (wire) => {
  const { clock, sim } = createWorld({ requireKey: true });
  const { path, body } = requestOf(wire, {});
  const ask = (headers: Record<string, string>) =>
    clock.run(sim.fetch(`http://any${path}`, { method: 'POST', headers, body: JSON.stringify(body) }));
  const bare = await ask({});
  expect(bare.status).toBe(401);
  const name = { openai: 'authorization', anthropic: 'x-api-key', google: 'x-goog-api-key' }[wire];
  expect((await ask({ [name]: 'any key' })).status).toBe(200);
});
