import type { Mutant } from '../lib/mutant.ts';

const SRC = 'packages/gateway/src/meter';
const TESTS = [`${SRC}/meter.test.ts`];

export const GATEWAY_MONEY_MUTANTS: readonly Mutant[] = [
  {
    name: 'money/tier-as-asked',
    rule: 'The tier that answered decides the price.',
    file: `${SRC}/price.ts`,
    find: 'const share = tierShare(providerId, usage.serviceTier);',
    replace: 'const share = tierShare(providerId, undefined);',
    tests: TESTS,
  },
  {
    name: 'money/searches-for-nothing',
    rule: 'What the table has no price for is unknown, not free.',
    file: `${SRC}/price.ts`,
    find: 'if (price === null || hasUnpricedFee(units, price.model_price)) return null;',
    replace: 'if (price === null) return null;',
    tests: TESTS,
  },
  {
    name: 'money/fees-at-half-price',
    rule: 'A cheaper tier is cheaper for tokens, not for fees.',
    file: `${SRC}/price.ts`,
    find: 'return roundUsd((price.total_price - fees) * share + fees);',
    replace: 'return roundUsd(price.total_price * share);',
    tests: TESTS,
  },
  {
    name: 'money/everybody-counts-like-openai',
    rule: 'Each provider is read in its own accounting.',
    file: `${SRC}/units.ts`,
    find: "const own = wire === 'openai' ? undefined : findProvider({ providerId: pricedAs });",
    replace: 'const own = undefined as PricedProvider | undefined;',
    tests: TESTS,
  },
  {
    name: 'money/cut-answers-for-nothing',
    rule: 'Of an answer that was cut, what arrived is paid for.',
    file: `${SRC}/usage.ts`,
    find: "const output = Math.max(units['output_tokens'] ?? 0, tokensIn(counted.output));",
    replace: "const output = units['output_tokens'] ?? 0;",
    tests: TESTS,
  },
  {
    name: 'money/sums-that-drift',
    rule: 'A million small amounts add up exactly.',
    file: `${SRC}/usd.ts`,
    find: 'return BigInt(Math.round(usd * PICO_PER_USD));',
    replace: 'return BigInt(Math.round(usd * 1e9)) * 1000n;',
    tests: [`${SRC}/usd.test.ts`],
  },
];
