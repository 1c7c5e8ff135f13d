import { describe, expect, test, vi } from 'vitest';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createSimulator } from '@paceline/simulator';
import { createCatalog } from './catalog/catalog.ts';
import { createGateway, defaultConfig } from './index.ts';
import { createPricer } from './meter/price.ts';
import { expectedUsage } from './meter/usage.ts';
import { parseTarget } from './providers/target-name.ts';
import { request } from './test-support/canned.ts';
import type { GatewayError } from './index.ts';

const { installed } = vi.hoisted(() => ({ installed: { all: true } }));
vi.mock('./providers/installed.ts', () => ({ isInstalled: () => installed.all }));

/** A key for every provider that has defaults. */
const EVERY_KEY = Object.fromEntries(
  'ANTHROPIC OPENAI GOOGLE_GENERATIVE_AI GOOGLE_VERTEX MISTRAL XAI DEEPSEEK GROQ CEREBRAS TOGETHER FIREWORKS COHERE OPENROUTER'
    .split(' ')
    .map((name) => [`${name}_API_KEY`, 'k']),
);
const EVERYTHING = { ...EVERY_KEY, CLOUDFLARE_API_TOKEN: 'k', CLOUDFLARE_ACCOUNT_ID: 'acc1' };

function refusal(env: Record<string, string>): string {
  try {
    defaultConfig({ env });
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    return (error as GatewayError).message;
  }
  throw new Error('accepted');
}

test('one key is enough for every role', () => {
  const { config, keys } = defaultConfig({ env: { OPENAI_API_KEY: 'sk-1', UNRELATED: 'x' } });
  expect(keys).toEqual(['OPENAI_API_KEY']);
  expect(config.roles).toEqual({
    classify: ['openai/gpt-4.1-mini'],
    reason: ['openai/gpt-5.2'],
    execute: ['openai/gpt-5-mini'],
  });
  expect(config.providers).toBeUndefined();
});

test('of several, each falls back on the next, in an order of their own', () => {
  const { config } = defaultConfig({ env: { OPENAI_API_KEY: 'sk-1', ANTHROPIC_API_KEY: 'sk-2' } });
  expect(config.roles.reason).toEqual(['anthropic/claude-sonnet-5', 'openai/gpt-5.2']);
});

test('an empty variable is no key', () => {
  expect(refusal({ OPENAI_API_KEY: '' })).toMatch(/One is enough:\n {2}export ANTHROPIC_API_KEY=\.\.\.\n/);
});

test('without any key every one that would do is listed', () => {
  const message = refusal({});
  for (const variable of Object.keys(EVERY_KEY)) expect(message).toContain(`  export ${variable}=...`);
});

describe('a key that cannot be used', () => {
  const COHERE = 'COHERE_API_KEY is set, but @ai-sdk/cohere is not installed (pnpm add @ai-sdk/cohere).';

  test('for want of a package is passed over, with the command', () => {
    installed.all = false;
    const { keys, passedOver } = defaultConfig({ env: { COHERE_API_KEY: 'k', MISTRAL_API_KEY: 'k' } });
    expect(keys).toEqual(['MISTRAL_API_KEY']);
    expect(passedOver).toEqual([COHERE]);
    expect(refusal({ COHERE_API_KEY: 'k' })).toBe(`No provider can be used.\n  ${COHERE}`);
    installed.all = true;
  });

  test('for want of a part of its address is passed over', () => {
    expect(refusal({ CLOUDFLARE_API_TOKEN: 'k' })).toContain(
      'CLOUDFLARE_API_TOKEN is set, but CLOUDFLARE_ACCOUNT_ID is not in the environment (export CLOUDFLARE_ACCOUNT_ID=...).',
    );
  });
});

test.each([
  ['https://proxy.test/openai/v1', 'https://proxy.test/openai/v1'],
  ['https://proxy.test', 'https://proxy.test/v1'],
  ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080/v1'],
])('a base URL beside the key is where the key goes: %s', (given, baseUrl) => {
  const { config } = defaultConfig({ env: { OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: given } });
  expect(config.providers).toEqual({ openai: { baseUrl, apiKey: 'env:OPENAI_API_KEY' } });
});

test('a base URL that is none is refused by its name', () => {
  for (const url of ['localhost', 'https://me:secret@proxy.test/v1']) {
    const message = refusal({ OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: url });
    expect(message).toMatch(/providers\.openai\.baseUrl/);
    expect(message).not.toContain('secret');
  }
});

test('every model has a price, is known to the catalog and not on its way out', () => {
  const { config, keys } = defaultConfig({ env: EVERYTHING });
  expect(keys).toHaveLength(Object.keys(EVERY_KEY).length + 1);
  const catalog = createCatalog();
  const targets = new Set(Object.values(config.roles).flatMap((route) => route as readonly string[]));
  for (const target of targets) {
    const { provider, model } = parseTarget(target, config);
    const usage = expectedUsage({ inputTokens: 1_000, outputTokens: 1_000 });
    expect(createPricer(provider, model)(usage, 1_791_000_000_000).usd, target).toBeGreaterThan(0);
    expect(catalog.find(target), target).not.toBeNull();
    expect(catalog.find(target)?.deprecated?.value, target).not.toBe(true);
  }
});

test('models that execute take tools, as far as anybody says', () => {
  const { config } = defaultConfig({ env: EVERYTHING });
  const catalog = createCatalog();
  for (const target of config.roles.execute as readonly string[]) {
    expect(catalog.find(target)?.tools?.value ?? true, target).toBe(true);
  }
});

test('answers', async () => {
  const clock = createVirtualClock();
  const simulator = createSimulator({
    seed: 1,
    clock,
    scenario: { providers: { openai: { wire: 'openai' } } },
  });
  const env = { OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: simulator.providers()['openai']?.baseUrl };
  const gateway = createGateway({ ...defaultConfig({ env }).config, fetch: simulator.fetch, clock });
  const result = await clock.run(gateway.generate(request()));
  expect(result).toMatchObject({ servedBy: 'openai/gpt-4.1-mini', costUsd: expect.any(Number) });
});
