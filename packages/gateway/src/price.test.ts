import { describe, expect, test } from 'vitest';
import { createPricer } from './price.ts';
import type { Usage } from './index.ts';

/** Inside the time all prices below have been valid for. */
const OCTOBER_2026 = 1_791_000_000_000;

const usage = (fields: Partial<Usage>): Usage => ({
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  source: 'reported',
  ...fields,
});

const cost = (model: string, fields: Partial<Usage>) => {
  const [provider = '', id = ''] = model.split('/');
  return createPricer(provider, id)(usage(fields), OCTOBER_2026).usd;
};

test('cached input is cheaper and already inside the input', () => {
  // 900 at $0.25, 100 at $0.025 and 100 out at $2, each per million.
  expect(
    cost('openai/gpt-5-mini', { inputTokens: 1_000, cachedInputTokens: 100, outputTokens: 100 }),
  ).toBeCloseTo(0.000_427_5, 12);
});

test('reasoning is inside the output and not paid twice', () => {
  const plain = cost('openai/gpt-5-mini', { outputTokens: 100 });
  expect(cost('openai/gpt-5-mini', { outputTokens: 100, reasoningTokens: 80 })).toBe(plain);
});

test('a prompt beyond the long-context mark reprices the whole request', () => {
  // The list price of claude-sonnet-4-5 above 200k: $6 in, $0.60 cached, $22.50 out, each per million.
  const long = { inputTokens: 250_000, cachedInputTokens: 1_000, outputTokens: 1_000 };
  expect(cost('anthropic/claude-sonnet-4-5', long)).toBeCloseTo(1.5171, 10);
});

describe('what the table does not know', () => {
  test.each(['openai/no-such-model', 'nobody/gpt-5-mini', 'ollama/llama3'])(
    '%s has no price, which is not 0',
    (model) => {
      expect(cost(model, { inputTokens: 1_000, outputTokens: 1_000 })).toBeNull();
    },
  );
});

test('the version of the table stands beside the price', () => {
  const { table } = createPricer('openai', 'gpt-5-mini')(usage({ inputTokens: 1 }), OCTOBER_2026);
  expect(table).toMatch(/^genai-prices@\d+\.\d+\.\d+$/);
});
