import { createVirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { createGateway } from '../index.ts';
import { createWorld } from '../test-support/world.ts';
import { createPricer } from './price.ts';
import { expectedUsage } from './usage.ts';
import type { CustomPrice } from './custom-price.ts';
import type { Usage } from '../result.ts';

const NOW = 1_795_392_000_000;
const used: Usage = {
  ...expectedUsage({ inputTokens: 1_000_000, outputTokens: 100_000 }),
  cachedInputTokens: 400_000,
  source: 'reported',
};

/** gpt-4.1 lists 2, 0.5 (cached) and 8 dollars for a million tokens: 0.6 × 2 + 0.4 × 0.5 + 0.1 × 8 = 2.2. */
function priced(price: CustomPrice, usage: Usage = used, usedTokens = 0) {
  return createPricer('openai', 'gpt-4.1', { price, usedTokens: () => usedTokens })(usage, NOW);
}

describe('a price of the config’s own', () => {
  test.each([
    ['a discount', { share: 0.85 }, 1.87],
    ['a markup', { share: 1.2 }, 2.64],
    ['a price by unit, the others as listed', { usdPer: { input_mtok: 1 } }, 1.6],
    ['all units', { usdPer: { input_mtok: 1, cache_read_mtok: 0, output_mtok: 2 } }, 0.8],
    ['a price by unit, and a share of all', { usdPer: { input_mtok: 1 }, share: 0.5 }, 0.8],
    ['a fee for the request', { usdPer: { requests_kcount: 5 } }, 2.205],
  ] as const)('%s', (_, price, usd) => {
    expect(priced(price)).toEqual({ usd, table: 'custom', source: 'computed' });
  });

  test('makes a model priced that the table does not know', () => {
    const price = { usdPer: { input_mtok: 3, output_mtok: 10 } };
    const own = createPricer('corp', 'large', { price, usedTokens: () => 0 });
    expect(own({ ...used, cachedInputTokens: 0 }, NOW)).toEqual({
      usd: 4,
      table: 'custom',
      source: 'computed',
    });
    const half = { usdPer: { input_mtok: 3 } };
    expect(createPricer('corp', 'large', { price: half, usedTokens: () => 0 })(used, NOW).usd).toBeNull();
    expect(
      createPricer('corp', 'large', { price: { share: 0.5 }, usedTokens: () => 0 })(used, NOW).usd,
    ).toBeNull();
  });

  test('an estimate stays one, and a tier that nobody has priced stays unknown', () => {
    expect(priced({ share: 0.5 }, { ...used, source: 'estimated' }).source).toBe('estimated');
    expect(priced({ share: 0.5 }, { ...used, serviceTier: 'flex' }).usd).toBe(0.55);
    expect(priced({ share: 0.5 }, { ...used, serviceTier: 'unheard-of' }).usd).toBeNull();
  });

  test('a share is also one of what the provider says it charges; a price by unit replaces that', () => {
    expect(priced({ share: 1.1 }, { ...used, chargedUsd: 1 })).toMatchObject({ usd: 1.1, table: 'custom' });
    expect(priced({ usdPer: { input_mtok: 1 } }, { ...used, chargedUsd: 1 }).usd).toBe(1.6);
  });
});

describe('volumes', () => {
  const price: CustomPrice = {
    share: 1,
    volumes: [
      { fromTokens: 10_000_000, share: 0.9 },
      { fromTokens: 100_000_000, usdPer: { input_mtok: 1 }, share: 0.5 },
    ],
  };

  test.each([
    [0, 2.2],
    [9_999_999, 2.2],
    [10_000_000, 1.98],
    [100_000_000, 0.8],
  ])('after %i tokens', (tokens, usd) => {
    expect(priced(price, used, tokens).usd).toBe(usd);
  });

  test('count what this process used, what the ledger has booked, and begin anew with the month', async () => {
    const customPrices = { openai: { volumes: [{ fromTokens: 1, share: 0.5 }] } };
    const world = createWorld({ targets: ['openai/gpt-5-mini'], config: { customPrices } });
    const one = async () => (await world.generate()).attempts[0];
    const [first, second] = [await one(), await one()];
    const listed = createPricer('openai', 'gpt-5-mini');
    const share = (record: typeof first) =>
      record!.costUsd! / listed(record!.usage!, world.clock.epochMs()).usd!;
    expect([share(first), share(second)]).toEqual([1, expect.closeTo(0.5, 9)]);
    expect(second?.priceTable).toBe('custom');

    // Another process on the same ledger reads what is booked before its first call.
    const other = createWorld({
      targets: ['openai/gpt-5-mini'],
      config: { customPrices, ledger: world.gateway.ledger },
    });
    const record = (await other.generate()).attempts[0];
    expect(share(record)).toBeCloseTo(0.5, 9);

    await world.clock.advance(32 * 86_400_000);
    expect(share((await world.generate()).attempts[0])).toBe(1);
  });
});

describe('the closest price holds', () => {
  test('for an endpoint, else for the model, else for the provider', () => {
    const endpoints = { eu: { baseUrl: 'https://eu.test/v1' }, us: {} };
    const gateway = createGateway({
      roles: { classify: ['openai/gpt-4.1', 'openai/gpt-4.1-mini@us', 'openai/gpt-4.1@eu'] },
      providers: { openai: { wire: 'openai', endpoints } },
      customPrices: {
        openai: { share: 0.9 },
        'openai/gpt-4.1': { share: 0.8 },
        'openai/gpt-4.1@eu': { share: 0.5 },
      },
      clock: createVirtualClock(),
      env: {},
    });
    const usd = (target: string) => gateway.priceUsd(target, { inputTokens: 1_000_000, outputTokens: 0 });
    expect(usd('openai/gpt-4.1@us')).toBe(1.6);
    expect(usd('openai/gpt-4.1@eu')).toBe(1);
    expect(usd('openai/gpt-4.1-mini@us')).toBe(0.36);
  });

  test.each([
    ['a unit that there is not', { 'openai/gpt-4.1': { usdPer: { input: 1 } } }, 'a unit of the price table'],
    ['a negative price', { openai: { usdPer: { input_mtok: -1 } } }, 'customPrices.openai.usdPer.input_mtok'],
    ['a misspelt field', { openai: { discount: 0.5 } }, 'customPrices.openai'],
    ['no volumes', { openai: { volumes: [] } }, 'Expected at least one volume.'],
  ])('%s is refused', (_, customPrices, message) => {
    const config = { roles: {}, customPrices: customPrices as never };
    expect(() => createGateway(config)).toThrow(message);
  });
});
