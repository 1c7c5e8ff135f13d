import { describe, expect, test } from 'vitest';
import { createWorld, jsonEventsOf, observe } from './test-support/observe.ts';
import { at } from './test-support/read-answer.ts';
import type { World } from './test-support/observe.ts';
import type { Ask } from './test-support/requests.ts';
import type { WireFormat } from './wire/wire.ts';

const SYSTEM = 'x'.repeat(8_000);
const ASK: Ask = { system: SYSTEM, text: 'y'.repeat(400) };

/** The last value of a usage field in the stream. */
async function field(path: string, wire: WireFormat, { world, ask = ASK }: { world: World; ask?: Ask }) {
  const { text } = await observe(wire, ask, world);
  return jsonEventsOf(text).findLast((event) => at(event, path) !== undefined);
}

const cached = async (world: World, ask?: Ask): Promise<unknown> => {
  const event = await field('usage.prompt_tokens_details', 'openai', { world, ...(ask && { ask }) });
  return at(event, 'usage.prompt_tokens_details.cached_tokens');
};

test('OpenAI counts cached tokens among the prompt’s', async () => {
  const world = createWorld({ promptCache: {} });
  expect(await cached(world)).toBe(0);
  const event = await field('usage.prompt_tokens', 'openai', { world });
  expect(event).toMatchObject({
    usage: { prompt_tokens: 2_105, prompt_tokens_details: { cached_tokens: 2_100 } },
  });
});

const mark = (ttl?: string) => ({ cache_control: { type: 'ephemeral', ...(ttl && { ttl }) } });

/** A request to Anthropic with a mark behind the system prompt and one behind the question. */
const marked = (text: string, ttl?: string, description?: string): Ask => ({
  extra: {
    system: [{ type: 'text', text: SYSTEM, ...mark(ttl) }],
    messages: [{ role: 'user', content: [{ type: 'text', text, ...mark(ttl) }] }],
    ...(description && { tools: [{ name: 'search', description, input_schema: {} }] }),
  },
});

const offering = (description: string): Ask => marked('y'.repeat(400), '5m', description);

const billed = async (world: World, ask: Ask) =>
  at(await field('message.usage', 'anthropic', { world, ask }), 'message.usage');

describe('Anthropic', () => {
  test('keeps what it is asked to, and counts what it reads and writes apart', async () => {
    const world = createWorld({ promptCache: {} });
    expect(await billed(world, marked('y'.repeat(400)))).toMatchObject({
      input_tokens: 5,
      cache_creation_input_tokens: 2_100,
      cache_read_input_tokens: 0,
    });
    expect(await billed(world, marked('z'.repeat(800)))).toMatchObject({
      input_tokens: 5,
      cache_creation_input_tokens: 200,
      cache_read_input_tokens: 2_000,
    });
  });

  test('neither keeps nor looks up what is not marked', async () => {
    const world = createWorld({ promptCache: {} });
    const nothing = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
    expect(await billed(world, ASK)).toMatchObject(nothing);
    await billed(world, marked('y'.repeat(400)));
    expect(await billed(world, ASK)).toMatchObject(nothing);
  });

  test('keeps for an hour where it is asked to', async () => {
    const world = createWorld({ promptCache: {} });
    expect(await billed(world, marked('y'.repeat(400), '1h'))).toMatchObject({
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 2_100 },
    });
    await world.clock.advance(3_000_000);
    expect(await billed(world, marked('z'))).toMatchObject({ cache_read_input_tokens: 2_000 });
    await world.clock.advance(3_000_000);
    expect(await billed(world, marked('z'))).toMatchObject({ cache_read_input_tokens: 2_000 });
  });

  test('has the tools before the first message', async () => {
    const world = createWorld({ promptCache: {} });
    await billed(world, offering('Finds orders.'));
    expect(await billed(world, offering('Finds invoices.'))).toMatchObject({ cache_read_input_tokens: 0 });
    expect(await billed(world, offering('Finds orders.'))).toMatchObject({ cache_creation_input_tokens: 0 });
  });
});

test('Google names cached tokens only when there are some', async () => {
  const world = createWorld({ promptCache: {} });
  const usage = async () =>
    at(await field('usageMetadata', 'google', { world }), 'usageMetadata.cachedContentTokenCount');
  expect([await usage(), await usage()]).toEqual([undefined, 2_100]);
});

test('a prompt is found by its beginning, of whole messages', async () => {
  const world = createWorld({ promptCache: {} });
  await cached(world);
  expect(await cached(world, { ...ASK, text: 'another question' })).toBe(2_000);
  expect(await cached(world, { ...ASK, system: `${SYSTEM}!` })).toBe(0);
});

test('each credential and each model has a cache of its own', async () => {
  const world = createWorld({ promptCache: {} });
  await cached(world);
  expect(await cached(world, { ...ASK, credential: 'other' })).toBe(0);
  expect(await cached(world, { ...ASK, model: 'other' })).toBe(0);
});

test('short prompts are not kept, and long ones not for ever', async () => {
  const world = createWorld({ promptCache: { minTokens: 2_101 } });
  await cached(world);
  expect(await cached(world)).toBe(0);

  const brief = createWorld({ promptCache: { keepMs: 60_000 } });
  await cached(brief);
  await brief.clock.advance(50_000);
  expect(await cached(brief)).toBe(2_100);
  await brief.clock.advance(50_000);
  expect(await cached(brief)).toBe(2_100);
  await brief.clock.advance(70_000);
  expect(await cached(brief)).toBe(0);
});

test('without a cache nothing is cached', async () => {
  const world = createWorld();
  await cached(world);
  expect(await cached(world)).toBe(0);
});
