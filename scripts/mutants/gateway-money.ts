import type { Mutant } from '../lib/mutant.ts';

const SRC = 'packages/gateway/src/meter';
const TESTS = [`${SRC}/meter.test.ts`];

const CACHE = 'packages/gateway/src/cache';
const CACHE_TESTS = [`${CACHE}/cache.test.ts`];

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
    file: `${SRC}/price-table.ts`,
    find: 'if (price === null || hasUnpricedFee(units, price.model_price)) return null;',
    replace: 'if (price === null) return null;',
    tests: TESTS,
  },
  {
    name: 'money/fees-at-half-price',
    rule: 'A cheaper tier is cheaper for tokens, not for fees.',
    file: `${SRC}/price-table.ts`,
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
  {
    name: 'cache/shared-by-tenants',
    rule: 'A tenant is never given what another one was answered.',
    file: `${CACHE}/key.ts`,
    find: 'tenant ?? null,',
    replace: 'tenant === undefined,',
    tests: CACHE_TESTS,
  },
  {
    name: 'cache/keeps-cut-answers',
    rule: 'An answer that its token limit cut off is not given again.',
    file: `${CACHE}/response-cache.ts`,
    find: 'if (KEPT.has(result.finishReason)) answers.put(key, result);',
    replace: 'answers.put(key, result);',
    tests: CACHE_TESTS,
  },
  {
    name: 'cache/bills-again',
    rule: 'An answer that is given again costs nothing.',
    file: `${CACHE}/response-cache.ts`,
    find: 'return { ...answer, cached: true, costUsd: 0, savedUsd: 0, attempts: [], ms };',
    replace: 'return { ...answer, cached: true, ms };',
    tests: CACHE_TESTS,
  },
  {
    name: 'cache/every-request',
    rule: 'Only requests that may be are answered from the cache.',
    file: `${CACHE}/through-cache.ts`,
    find: 'if (cache === null || !isCacheable(request)) return make();',
    replace: 'if (cache === null) return make();',
    tests: CACHE_TESTS,
  },
  {
    name: 'cache/follows-into-failure',
    rule: 'A follower whose leader came to nothing makes its own call.',
    file: `${CACHE}/response-cache.ts`,
    find: 'return led === null ? make() : again(led, clock.nowMs() - startedMs);',
    replace:
      "if (led === null) throw new GatewayError('CANCELLED', 'It left.'); return again(led, clock.nowMs() - startedMs);",
    tests: CACHE_TESTS,
  },
];
