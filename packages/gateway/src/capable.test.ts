import { describe, expect, test } from 'vitest';
import { lackOf, needOf } from './catalog/lacks.ts';
import { cannedFetch, request } from './test-support/canned.ts';
import { createWorld } from './test-support/world.ts';
import { createGateway } from './index.ts';
import type { CustomModel } from './catalog/model-info.ts';
import type { GatewayEvents, ModelRequest, PlannedTarget } from './index.ts';
import type { WorldOptions } from './test-support/world.ts';

const TOOLS = [{ name: 'refund', description: 'Pays back.', inputSchema: { type: 'object' } }];

/** A world whose first target is known to be so; the second is asked where the first cannot. */
function worldWith(first: CustomModel, options: WorldOptions = {}) {
  const world = createWorld({
    targets: ['openai/first', 'anthropic/second'],
    ...options,
    config: { customModels: { 'openai/first': first }, ...options.config },
  });
  const plans: { skipped: readonly PlannedTarget[] }[] = [];
  world.gateway.events.on('call-plan', (plan: GatewayEvents['call-plan'][0]) => void plans.push(plan));
  return { ...world, plans };
}

const longPrompt = (chars: number): Partial<ModelRequest> => ({
  messages: [{ role: 'user', text: 'word '.repeat(chars / 5) }],
});

describe('a target that cannot do what is asked is passed over, and nothing is sent to it', () => {
  test.each([
    ['no-tools', { tools: false }, { tools: TOOLS }],
    ['context-too-small', { contextTokens: 1_000 }, longPrompt(8_010)],
    ['output-too-small', { maxOutputTokens: 100 }, { maxOutputTokens: 101 }],
    ['not-for-text', { outputs: ['image'] }, {}],
    ['not-for-text', { inputs: ['audio'] }, {}],
    [
      'no-structured-output',
      { structuredOutput: false },
      { answer: { type: 'json', name: 'answer', schema: { type: 'object' } } },
    ],
  ] as const)('%s', async (reason, known, asked) => {
    const world = worldWith(known);
    const { servedBy, attempts } = await world.generate(asked);
    expect(servedBy).toBe('anthropic/second');
    expect(attempts).toHaveLength(1);
    expect(world.plans[0]?.skipped).toEqual([{ name: 'openai/first', reason }]);
  });
});

describe('a target is asked', () => {
  test.each([
    ['of which nobody knows anything', {}, { tools: TOOLS, maxOutputTokens: 1_000_000 }],
    ['that can do it', { tools: true, maxOutputTokens: 100 }, { tools: TOOLS, maxOutputTokens: 100 }],
    ['whose lack does not matter now', { tools: false, structuredOutput: false }, { tools: [] }],
    ['whose window may be large enough', { contextTokens: 1_000 }, longPrompt(8_000)],
  ] as const)('%s', async (_, known, asked) => {
    const world = worldWith(known);
    expect((await world.generate(asked)).servedBy).toBe('openai/first');
  });

  test('whatever the catalog says, where the config switches the check off', async () => {
    const world = worldWith({ tools: false }, { config: { policy: { checkModels: false } } });
    expect((await world.generate({ tools: TOOLS })).servedBy).toBe('openai/first');
  });
});

describe('where no target is left', () => {
  const only = { targets: ['openai/first'] };

  test('the error names what each lacks, and a target of another route that could', async () => {
    const config = {
      routes: { other: ['google/able'] },
      customModels: {
        'openai/first': { tools: false },
        'google/able': { tools: true, contextTokens: 100_000 },
      },
    };
    const world = worldWith({}, { ...only, config });
    const error = await world.failure({ tools: TOOLS });
    expect(error).toMatchObject({ code: 'CAPABILITY_MISSING', attempts: [] });
    expect(error.message).toContain('openai/first: it calls no tools. google/able could.');
  });

  test('else the cheapest model of the same provider that is known to', async () => {
    const world = worldWith({ tools: false }, only);
    const error = await world.failure({ tools: TOOLS });
    expect(error.message).toMatch(/openai\/gpt-5-nano could\.$/);
  });

  test('a prompt that fits nowhere is too large', async () => {
    const world = worldWith({ contextTokens: 1_000 }, only);
    const error = await world.failure(longPrompt(8_010));
    expect(error.code).toBe('CONTEXT_TOO_LARGE');
    expect(error.message).toContain('its context window is 1000 tokens and the prompt has at least 1002');
  });

  test('but a key that is missing comes first', async () => {
    const { openai } = { openai: { wire: 'openai', apiKey: 'env:NONE' } } as const;
    const world = worldWith({ tools: false }, { ...only, config: { providers: { openai }, env: {} } });
    expect((await world.failure({ tools: TOOLS })).code).toBe('CONFIG_INVALID');
  });
});

test('a host that takes no schema is asked for JSON as such, whatever its model takes', async () => {
  const { fetch, requests } = cannedFetch({ status: 400, chunks: ['{}'] });
  const gateway = createGateway({
    roles: { classify: ['deepseek/plain', 'xai/plain'] },
    customModels: { 'deepseek/plain': { structuredOutput: false }, 'xai/plain': { structuredOutput: false } },
    fetch,
    env: { DEEPSEEK_API_KEY: 'some-key', XAI_API_KEY: 'some-key' },
  });
  const answer = { type: 'json', name: 'answer', schema: { type: 'object' } } as const;
  await gateway.generate(request({ answer })).catch(() => {});
  expect(requests.map(({ url }) => new URL(url).host)).toEqual(['api.deepseek.com']);
});

test('a prompt in any language is not taken for longer than it can be', () => {
  const hindi = request({ messages: [{ role: 'user', text: 'नमस्ते दुनिया '.repeat(1_000) }] });
  // 14,000 characters are 38,000 bytes: about 9,500 tokens by the rule of thumb, and at the least 1,750.
  const need = needOf(hindi, 9_500);
  expect(lackOf(need, infoWith(1_749))).toBe('context-too-small');
  expect(lackOf(need, infoWith(1_750))).toBeNull();
});

/** A model of which the window alone is known. */
function infoWith(contextTokens: number): Parameters<typeof lackOf>[1] {
  const unknown = { inputs: null, outputs: null, tools: null, structuredOutput: null, maxOutputTokens: null };
  const info = { ...unknown, contextTokens: { value: contextTokens, source: 'custom' } };
  return info as Parameters<typeof lackOf>[1];
}
