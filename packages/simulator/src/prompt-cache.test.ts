import { expect, test } from 'vitest';
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

test('Anthropic counts what it reads from the cache, and what it writes, apart', async () => {
  const world = createWorld({ promptCache: {} });
  const usage = async (ask: Ask) =>
    at(await field('message.usage', 'anthropic', { world, ask }), 'message.usage');
  expect(await usage(ASK)).toMatchObject({
    input_tokens: 5,
    cache_creation_input_tokens: 2_100,
    cache_read_input_tokens: 0,
  });
  expect(await usage({ ...ASK, text: 'z'.repeat(800) })).toMatchObject({
    input_tokens: 5,
    cache_creation_input_tokens: 200,
    cache_read_input_tokens: 2_000,
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
