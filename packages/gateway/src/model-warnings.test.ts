import { createVirtualClock } from '@paceline/resilience/testing';
import { expect, test } from 'vitest';
import { defaultConfig, modelWarnings } from './index.ts';
import { KNOWN_HOSTS } from './providers/hosts.ts';
import type { GatewayConfig } from './index.ts';

function warnings(targets: readonly string[], config: Partial<GatewayConfig> = {}) {
  return modelWarnings({
    roles: { classify: targets },
    clock: createVirtualClock({ epochMs: 1_795_392_000_000 }),
    ...config,
  });
}

test.each([
  ['openai/gpt-4o-mni', 'openai/gpt-4o-mni is not in the catalog. Did you mean openai/gpt-4o-mini?'],
  [
    'groq/llama-3.1-8b-instant',
    'groq/llama-3.1-8b-instant has ended on 2026-08-16 (https://console.groq.com/docs/deprecations). ' +
      'Its provider recommends groq/openai/gpt-oss-20b.',
  ],
  [
    'google/gemini-2.5-pro',
    'google/gemini-2.5-pro ends on 2026-12-01 (https://ai.google.dev/gemini-api/docs/deprecations). ' +
      'Its provider recommends google/gemini-3.8-flash.',
  ],
  ['mistral/mistral-tiny', 'mistral/mistral-tiny is deprecated (genai-prices@0.1.8).'],
])('%s', (target, warning) => {
  expect(warnings([target, 'openai/gpt-5.6-sol'])).toEqual([warning]);
});

test('models that nobody knows, or at an address of one’s own, are nobody’s business', () => {
  expect(warnings(['openai/gpt-9', 'ollama/llama3'])).toEqual([]);
  const providers = { openai: { wire: 'openai', baseUrl: 'https://proxy.test/v1' } } as const;
  expect(warnings(['openai/gpt-4o-mni'], { providers })).toEqual([]);
});

test('each is said once', () => {
  expect(warnings(['mistral/mistral-tiny'], { routes: { other: ['mistral/mistral-tiny'] } })).toHaveLength(1);
});

test('what the config says of a model counts', () => {
  const customModels = { 'mistral/mistral-tiny': { deprecated: false } };
  expect(warnings(['mistral/mistral-tiny'], { customModels })).toEqual([]);
});

test('the models that are chosen for whoever has no config are none of them', () => {
  const variables = Object.values(KNOWN_HOSTS).flatMap(({ keyVariable }) => keyVariable ?? []);
  const { config } = defaultConfig({ env: Object.fromEntries(variables.map((name) => [name, 'some-key'])) });
  expect(Object.keys(config.roles)).toHaveLength(3);
  expect(modelWarnings({ ...config, clock: createVirtualClock({ epochMs: 1_795_392_000_000 }) })).toEqual([]);
});
