import { describe, expect, test } from 'vitest';
import { cannedFetch, cannedGateway, request } from '../test-support/canned.ts';
import { createWorld, TARGETS } from '../test-support/world.ts';
import type { GatewayConfig, ModelRequest, ModelResult, PromptCacheUse } from '../index.ts';
import type { World, WorldOptions } from '../test-support/world.ts';

/** Claude Sonnet keeps beginnings of 1,024 tokens, which the longer prompts here have. */
const SONNET = 'anthropic/claude-sonnet-4-5';
const SYSTEM = 'You answer letters of customers. '.repeat(200);
const TOOLS = [{ name: 'find_order', description: 'Finds an order.', inputSchema: { type: 'object' } }];

const asks = (text: string, system = SYSTEM): Pick<ModelRequest, 'messages'> => ({
  messages: [
    { role: 'system', text: system },
    { role: 'user', text },
  ],
});

function worldOf(target: string, options: Partial<WorldOptions> = {}): World {
  const promptCache = {};
  const simulated = { anthropic: { promptCache }, openai: { promptCache }, google: { promptCache } };
  return createWorld({ targets: [target], simulated, ...options });
}

/** The marks of the requests that a provider got, each with its place in the body. */
function marksIn({ simulator }: World): readonly (readonly string[])[] {
  return simulator.calls.map(({ body }) => {
    const found: string[] = [];
    const look = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('cache_control' in value) found.push(`${path} ${JSON.stringify(value.cache_control)}`);
      for (const [key, each] of Object.entries(value)) look(each, path === '' ? key : `${path}.${key}`);
    };
    look(body, '');
    return found;
  });
}

const FIVE = '{"type":"ephemeral"}';
const HOUR = '{"type":"ephemeral","ttl":"1h"}';
const cachedTokens = ({ usage }: ModelResult) => [usage.cachedInputTokens, usage.cacheWriteTokens];

describe('marks for Anthropic', () => {
  test('a beginning is marked when it comes a second time, written then and read from then on', async () => {
    const world = worldOf(SONNET);
    const results = [];
    for (const text of ['Where is it?', 'Is it blue?', 'May I return it?'])
      results.push(await world.generate(asks(text)));
    expect(marksIn(world)).toEqual([[], [`system.0 ${FIVE}`], [`system.0 ${FIVE}`]]);
    expect(results.map(cachedTokens)).toEqual([
      [0, 0],
      [0, 1_650],
      [1_650, 0],
    ]);
  });

  test('what came more than five minutes ago is new', async () => {
    const world = worldOf(SONNET);
    await world.generate(asks('Where is it?'));
    await world.clock.advance(300_000);
    await world.generate(asks('Is it blue?'));
    expect(marksIn(world)).toEqual([[], []]);
  });

  test('a request that offers tools is marked at once, behind the system prompt and at its end', async () => {
    const world = worldOf(SONNET);
    await world.generate({ ...asks('Where is it?'), tools: TOOLS });
    expect(marksIn(world)).toEqual([[`system.0 ${FIVE}`, `messages.0.content.0 ${FIVE}`]]);
  });

  test('the turns of one conversation read what the turn before has written', async () => {
    const world = worldOf(SONNET);
    const turn = asks('Where is it?').messages;
    const answered: ModelRequest['messages'] = [
      ...turn,
      { role: 'assistant', text: '', toolCalls: [{ id: 'c1', name: 'find_order', input: {} }] },
      { role: 'tool', toolCallId: 'c1', toolName: 'find_order', result: { state: 'sent '.repeat(400) } },
    ];
    const first = await world.generate({ messages: turn, tools: TOOLS });
    const second = await world.generate({ messages: answered, tools: TOOLS });
    const third = await world.generate({
      messages: [...answered, { role: 'assistant', text: 'Sent.' }, { role: 'user', text: 'When?' }],
      tools: TOOLS,
    });
    expect(cachedTokens(first)[0]).toBe(0);
    expect(cachedTokens(second)[0]).toBe(cachedTokens(first)[1]);
    expect(cachedTokens(third)[0]).toBe(cachedTokens(second)[0]! + cachedTokens(second)[1]!);
    expect(marksIn(world)[2]!.length).toBeLessThanOrEqual(4);
  });

  test('a conversation without tools that goes on is marked at its end', async () => {
    const world = worldOf(SONNET);
    const { messages } = asks('Where is it?');
    await world.generate({ messages });
    await world.generate({
      messages: [...messages, { role: 'assistant', text: 'Here.' }, { role: 'user', text: 'Where?' }],
    });
    expect(marksIn(world)[1]).toEqual([`messages.0.content.0 ${FIVE}`, `messages.2.content.0 ${FIVE}`]);
  });

  test('without a system prompt the tools are the head', async () => {
    const world = worldOf(SONNET);
    const tools = [{ ...TOOLS[0]!, description: 'Finds an order. '.repeat(400) }, TOOLS[0]!];
    await world.generate({ tools });
    expect(marksIn(world)).toEqual([[`messages.0.content.0 ${FIVE}`, `tools.1 ${FIVE}`]]);
  });

  test('prompts shorter than what the model keeps are left alone', async () => {
    const brief = worldOf(SONNET);
    await brief.generate({ ...asks('Where is it?', 'You answer letters.'), tools: TOOLS });
    const haiku = worldOf(TARGETS.anthropic);
    await haiku.generate({ ...asks('Where is it?'), tools: TOOLS });
    expect([...marksIn(brief), ...marksIn(haiku)]).toEqual([[], []]);
    const long = worldOf(TARGETS.anthropic);
    await long.generate({ ...asks('Where is it?', SYSTEM.repeat(3)), tools: TOOLS });
    expect(marksIn(long)).toEqual([[`system.0 ${FIVE}`, `messages.0.content.0 ${FIVE}`]]);
  });

  test('an attempt that failed says nothing about what comes again', async () => {
    const world = worldOf(SONNET, { faults: { anthropic: [{ fault: 'error-500', attempts: [1] }] } });
    expect((await world.generate(asks('Where is it?'))).attempts).toHaveLength(2);
    expect(marksIn(world)).toEqual([[], []]);
  });

  test('each target has a cache of its own', async () => {
    const world = worldOf(SONNET, { targets: [SONNET, 'anthropic/claude-opus-4-1'] });
    await world.generate(asks('Where is it?'));
    const [first] = world.simulator.calls;
    expect(first?.model).toBe('claude-sonnet-4-5');
    const other = createWorld({
      targets: ['anthropic/claude-sonnet-4-5', 'anthropic/claude-opus-4-1'],
      faults: { anthropic: [{ fault: 'error-500', models: ['claude-sonnet-4-5'], rows: [1, 2] }] },
    });
    for (const text of ['Where is it?', 'Is it blue?']) await other.generate(asks(text));
    const [, ...later] = marksIn(other);
    expect(later.at(0)).toEqual([`system.0 ${FIVE}`]);
    expect(later.at(-1)).toEqual([]);
  });
});

/** The marks of one request under settings at three places. */
async function used(use: { provider?: PromptCacheUse; route?: PromptCacheUse; request?: PromptCacheUse }) {
  const providers = worldOf(SONNET).simulator.providers();
  const config: Partial<GatewayConfig> = {
    providers: {
      anthropic: { ...providers['anthropic']!, ...(use.provider && { promptCache: use.provider }) },
    },
    roles: { classify: { targets: [SONNET], ...(use.route && { promptCache: use.route }) } },
  };
  const world = createWorld({ config });
  await world.generate({ ...asks('Where is it?'), ...(use.request && { promptCache: use.request }) });
  return marksIn(world);
}

const keysIn = ({ simulator }: World) =>
  simulator.calls.map(({ body }) => (body as { prompt_cache_key?: string }).prompt_cache_key);

/** What Bedrock is sent. */
async function bodyFor(model: string, options: Partial<ModelRequest> = {}): Promise<string> {
  const { fetch, requests } = cannedFetch({ status: 400, chunks: ['{"message":"No."}'] });
  const { clock, gateway } = cannedGateway('openai', fetch, {
    roles: { classify: [`bedrock/${model}`] },
    providers: {},
    env: { AWS_REGION: 'eu-west-1', AWS_BEARER_TOKEN_BEDROCK: 'bedrock-key' },
  });
  await clock.run(gateway.generate(request({ ...asks('Where is it?'), ...options })).catch(() => {}));
  return JSON.stringify(requests[0]?.body);
}

describe('marks on Bedrock', () => {
  test('Claude gets cache points behind the system prompt and at the end', async () => {
    const body = await bodyFor('eu.anthropic.claude-sonnet-4-5-20250929-v1:0', { tools: TOOLS });
    expect(body.match(/\{"cachePoint":\{"type":"default"\}\}/g)).toHaveLength(2);
    const lasting = await bodyFor('anthropic.claude-sonnet-4-5-20250929-v1:0', {
      promptCache: { ttl: '1h' },
    });
    expect(lasting).toContain('{"cachePoint":{"type":"default","ttl":"1h"}}');
  });

  test('models that would refuse them get none', async () => {
    for (const model of ['amazon.titan-text-premier-v1:0', 'anthropic.claude-3-haiku-20240307-v1:0'])
      expect(await bodyFor(model, { tools: TOOLS })).not.toContain('cachePoint');
  });
});

describe('what the config and the request say', () => {
  const hour = { ttl: '1h' } as const;

  test('a ttl keeps the head from the first request on', async () => {
    for (const use of [{ provider: hour }, { route: hour }, { request: hour }])
      expect(await used(use)).toEqual([[`system.0 ${HOUR}`]]);
    expect(await used({ request: { ttl: '5m' } })).toEqual([[`system.0 ${FIVE}`]]);
  });

  test('the request goes before the route, and the route before the provider', async () => {
    expect(await used({ provider: hour, route: 'off' })).toEqual([[]]);
    expect(await used({ route: hour, request: 'off' })).toEqual([[]]);
    expect(await used({ provider: 'off', request: hour })).toEqual([[`system.0 ${HOUR}`]]);
  });

  test('off is off, tools or no tools', async () => {
    const world = worldOf(SONNET);
    await world.generate({ ...asks('Where is it?'), tools: TOOLS, promptCache: 'off' });
    expect(marksIn(world)).toEqual([[]]);
  });
});

describe('providers that cache by themselves', () => {
  test('OpenAI gets one key for all prompts with the same head', async () => {
    const world = worldOf(TARGETS.openai);
    await world.generate(asks('Where is it?'));
    const second = await world.generate(asks('Is it blue?'));
    await world.generate(asks('Where is it?', `${SYSTEM}!`));
    const [first, again, other] = keysIn(world);
    expect(first).toMatch(/^[\w-]{43}$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(second.usage.cachedInputTokens).toBe(1_650);
  });

  test('no key for short prompts, for those without a head, and where it is off', async () => {
    const world = worldOf(TARGETS.openai);
    await world.generate();
    await world.generate({ messages: [{ role: 'user', text: SYSTEM }] });
    await world.generate({ ...asks('Where is it?'), promptCache: 'off' });
    expect(keysIn(world)).toEqual([undefined, undefined, undefined]);
  });

  test('Google is sent nothing, and its saving is seen', async () => {
    const world = worldOf(TARGETS.google);
    await world.generate(asks('Where is it?'));
    const second = await world.generate(asks('Is it blue?'));
    expect(JSON.stringify(world.simulator.calls.map(({ body }) => body))).not.toContain('cache');
    expect(second.usage.cachedInputTokens).toBe(1_650);
    expect(second.savedUsd).toBeGreaterThan(0);
  });
});

describe('the saving', () => {
  test('writing costs at first, reading saves from then on', async () => {
    const world = worldOf(SONNET);
    const saved: (number | null)[] = [];
    for (const text of ['Where is it?', 'Is it blue?', 'May I return it?']) {
      const { attempts, savedUsd } = await world.generate(asks(text));
      expect(attempts[0]?.savedUsd).toBe(savedUsd);
      saved.push(savedUsd);
    }
    // Claude Sonnet 4.5: $3 a million of input, $3.75 to write, $0.30 to read. 1,650 tokens.
    expect(saved).toEqual([0, -0.0012375, 0.004455]);
  });

  test('an hour costs twice to write', async () => {
    const world = worldOf(SONNET);
    const { savedUsd, usage } = await world.generate({ ...asks('Where is it?'), promptCache: { ttl: '1h' } });
    expect(usage.more).toEqual({ cache_write_1h_tokens: 1_650 });
    expect(savedUsd).toBe(-0.00495);
  });

  test('it is unknown where the price is', async () => {
    const world = worldOf('openai/some-model-nobody-knows');
    expect((await world.generate(asks('Where is it?'))).savedUsd).toBe(0);
    expect((await world.generate(asks('Is it blue?'))).savedUsd).toBeNull();
  });
});
