import { describe, expect, test } from 'vitest';
import type { WireFormat } from '../config.ts';
import { ANTHROPIC_BILLS } from '../test-support/bills/anthropic.ts';
import { cached, openai } from '../test-support/bills/bill.ts';
import type { Bill } from '../test-support/bills/bill.ts';
import { GOOGLE_BILLS } from '../test-support/bills/google.ts';
import { OPENAI_BILLS } from '../test-support/bills/openai.ts';
import { OTHER_BILLS } from '../test-support/bills/others.ts';
import { createPricer } from './price.ts';
import { createUnitReader } from './units.ts';
import { usageOf } from './usage.ts';
import { roundUsd } from './usd.ts';

/** Inside the time of all prices without a date of their own. */
const OCTOBER_2026 = 1_791_000_000_000;

const WIRE: Readonly<Record<string, WireFormat>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
};

const anthropic = (more: object) => ({ input_tokens: 10, output_tokens: 1, ...more });

const BILLS = [...OPENAI_BILLS, ...ANTHROPIC_BILLS, ...GOOGLE_BILLS, ...OTHER_BILLS];

function usageFrom({ model, wire, reported }: Pick<Bill, 'model' | 'wire' | 'reported'>, whole = true) {
  const [provider = ''] = model.split('/', 1);
  const read = createUnitReader(wire ?? WIRE[provider] ?? 'openai-compatible', provider);
  return usageOf({ raw: reported, adapted: null, whole }, read, {
    promptTokens: 9_999,
    output: 'x'.repeat(400),
  });
}

function costOf(bill: Bill) {
  const { model, at = OCTOBER_2026 } = bill;
  const slash = model.indexOf('/');
  const price = createPricer(model.slice(0, slash), model.slice(slash + 1));
  return price(usageFrom(bill), at);
}

describe('the bill', () => {
  test.each(BILLS)('$model: $rule', (bill) => {
    const tokens = bill.perMillion.reduce((sum, [count, usd]) => sum + count * usd, 0) / 1e6;
    expect(costOf(bill).usd).toBe(roundUsd(tokens + (bill.fees ?? 0)));
  });

  test('has enough cases to be an oracle', () => {
    expect(BILLS.length).toBeGreaterThanOrEqual(40);
  });
});

describe('what nobody has published a price for', () => {
  test.each([
    ['a tier with prices of its own', 'openai/gpt-5', openai(10, 10, { service_tier: 'priority' })],
    ['capacity that was bought before', 'anthropic/claude-opus-5', anthropic({ service_tier: 'priority' })],
    [
      'a search of a model that has none on its list',
      'anthropic/claude-v1',
      anthropic({ server_tool_use: { web_search_requests: 1 } }),
    ],
    ['a model', 'openai/no-such-model', openai(10, 10)],
    ['a provider', 'nobody/gpt-5', openai(10, 10)],
  ])('%s is unknown, which is not 0', (_, model, reported) => {
    expect(costOf({ rule: '', model, reported, perMillion: [] })).toEqual({
      usd: null,
      table: null,
      source: 'unknown',
    });
  });
});

describe('where a cost comes from', () => {
  const model = 'openai/gpt-5-mini';

  test('the usage that was reported', () => {
    expect(costOf({ rule: '', model, reported: openai(1, 1), perMillion: [] })).toMatchObject({
      source: 'computed',
      table: expect.stringMatching(/^genai-prices@/),
    });
  });

  test('the provider itself', () => {
    expect(costOf({ rule: '', model, reported: openai(1, 1, { cost: 0.5 }), perMillion: [] })).toEqual({
      usd: 0.5,
      table: null,
      source: 'reported',
    });
  });

  test.each([
    ['no usage', null],
    ['usage without its total', { prompt_tokens: 3 }],
    ['more cached than sent', openai(1, 1, cached(5))],
    ['less than nothing', openai(-1, 1)],
    ['more than anybody sends', openai(1, 1e300)],
    ['no numbers', openai('1' as never, 1)],
  ])('the text, if a provider says %s', (_, reported) => {
    const usage = usageFrom({ model, reported: reported as never });
    expect(usage).toMatchObject({ source: 'estimated', inputTokens: 9_999, outputTokens: 100 });
    expect(createPricer('openai', 'gpt-5-mini')(usage, 0)).toMatchObject({ source: 'estimated' });
  });

  test('not the provider, if it names a price that nobody asks', () => {
    const reported = openai(1, 1, { cost: 1e300 });
    expect(costOf({ rule: '', model, reported, perMillion: [] })).toMatchObject({ source: 'computed' });
  });

  test('both, if the answer was cut: the prompt as reported, of the answer what arrived', () => {
    const reported = anthropic({ cache_read_input_tokens: 300, service_tier: 'standard' });
    expect(usageFrom({ model: 'anthropic/claude-opus-5', reported }, false)).toEqual({
      inputTokens: 310,
      cachedInputTokens: 300,
      cacheWriteTokens: 0,
      outputTokens: 100,
      reasoningTokens: 0,
      serviceTier: 'standard',
      source: 'estimated',
    });
  });
});

test('counts without a field of their own are kept by name', () => {
  const reported = anthropic({
    cache_creation_input_tokens: 5,
    cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 3 },
    server_tool_use: { web_search_requests: 1 },
  });
  expect(usageFrom({ model: 'anthropic/claude-opus-5', reported })).toMatchObject({
    inputTokens: 15,
    cacheWriteTokens: 5,
    more: { cache_write_5m_tokens: 2, cache_write_1h_tokens: 3, web_searches: 1 },
  });
});
