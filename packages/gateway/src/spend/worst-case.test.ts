import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WireFormat } from '../config.ts';
import { createPricer } from '../meter/price.ts';
import type { Pricer } from '../meter/price.ts';
import { createUnitReader } from '../meter/units.ts';
import { usageOf } from '../meter/usage.ts';
import type { ModelRequest } from '../request.ts';
import { ANTHROPIC_BILLS } from '../test-support/bills/anthropic.ts';
import type { Bill } from '../test-support/bills/bill.ts';
import { GOOGLE_BILLS } from '../test-support/bills/google.ts';
import { OPENAI_BILLS } from '../test-support/bills/openai.ts';
import { OTHER_BILLS } from '../test-support/bills/others.ts';
import { createWorld } from '../test-support/world.ts';
import { mostPromptTokens, worstUsd } from './worst-case.ts';

/** Inside the time of all prices without a date of their own. */
const OCTOBER_2026 = 1_791_000_000_000;

const WIRE: Readonly<Record<string, WireFormat>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
};

function billed({ model, wire, reported, at = OCTOBER_2026 }: Bill) {
  const slash = model.indexOf('/');
  const provider = model.slice(0, slash);
  const read = createUnitReader(wire ?? WIRE[provider] ?? 'openai-compatible', provider);
  const usage = usageOf({ raw: reported, adapted: null, whole: true }, read, { promptTokens: 0, output: '' });
  const price = createPricer(provider, model.slice(slash + 1));
  const worst = worstUsd(price, {
    promptTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    keptForAnHour: true,
    fromEpochMs: at,
    untilEpochMs: at,
  });
  return { usage, usd: price(usage, at).usd, worst };
}

/** The gateway asks for text and functions alone: no searches, no audio, and what a reseller charges beside the price is not known before. */
const isAskedFor = (bill: Bill): boolean => {
  const { usage, usd } = billed(bill);
  const others = Object.keys(usage.more ?? {}).filter((unit) => /search|audio|image|video/.test(unit));
  return usd !== null && others.length === 0 && usage.chargedUsd === undefined;
};

const BILLS = [...OPENAI_BILLS, ...ANTHROPIC_BILLS, ...GOOGLE_BILLS, ...OTHER_BILLS].filter(isAskedFor);

/** A tenth of a dollar more each millisecond. */
const rising: Pricer = (_, epochMs) => ({ usd: epochMs / 10, table: null, source: 'computed' });

describe('the worst case', () => {
  test.each(BILLS)('is no less than what was billed: $model, $rule', (bill) => {
    const { usd, worst } = billed(bill);
    expect(worst).toBeGreaterThanOrEqual(Number(usd));
  });

  test('is that of the whole prompt written to a cache for an hour, where there is a price for it', () => {
    const price = createPricer('anthropic', 'claude-sonnet-4-5');
    const prospect = {
      outputTokens: 100,
      keptForAnHour: true,
      fromEpochMs: OCTOBER_2026,
      untilEpochMs: OCTOBER_2026,
    };
    expect(worstUsd(price, { ...prospect, promptTokens: 1_000 })).toBeCloseTo(0.006 + 0.0015, 12);
    expect(worstUsd(price, { ...prospect, promptTokens: 1_000, keptForAnHour: false })).toBeCloseTo(
      0.003_75 + 0.0015,
      12,
    );
    const plain = createPricer('openai', 'gpt-5-mini');
    expect(worstUsd(plain, { ...prospect, promptTokens: 1_000 })).toBeCloseTo(0.000_25 + 0.000_2, 12);
  });

  test('is the dearer of the prices at both ends of the attempt', () => {
    const tokens = { promptTokens: 1, outputTokens: 1, keptForAnHour: false };
    expect(worstUsd(rising, { ...tokens, fromEpochMs: 1, untilEpochMs: 2 })).toBe(0.2);
    expect(worstUsd(rising, { ...tokens, fromEpochMs: 2, untilEpochMs: 1 })).toBe(0.2);
  });

  test('of an unknown price is unknown', () => {
    const price = createPricer('openai', 'gpt-unheard-of');
    const prospect = {
      promptTokens: 1,
      outputTokens: 1,
      keptForAnHour: false,
      fromEpochMs: 0,
      untilEpochMs: 0,
    };
    expect(worstUsd(price, prospect)).toBeNull();
  });
});

const request = (parts: Partial<ModelRequest>): ModelRequest => ({ ...createWorld().ask(), ...parts });
const user = (text: string) => ({ role: 'user', text }) as const;
const tokensOf = (...texts: readonly string[]) => mostPromptTokens(request({ messages: texts.map(user) }));

describe('the most tokens of a prompt', () => {
  test('are one for each byte of its texts, and what the template adds', () => {
    expect(tokensOf('abcd') - tokensOf('')).toBe(4);
    expect(tokensOf('äö€🙂') - tokensOf('')).toBe(2 + 2 + 3 + 4);
    expect(tokensOf('', '') - tokensOf('')).toBe(16);
    expect(tokensOf('')).toBe(256 + 16);
  });

  test('count tools, schemas, calls and results as they are sent', () => {
    const plain = mostPromptTokens(request({}));
    const tools = [{ name: 'book', description: 'Books it.', inputSchema: { type: 'object' } }];
    const schema = { type: 'object', properties: { n: { type: 'number' } } };
    expect(mostPromptTokens(request({ tools })) - plain).toBeGreaterThan(JSON.stringify(tools).length);
    expect(
      mostPromptTokens(request({ answer: { type: 'json', name: 'n', schema } })) - plain,
    ).toBeGreaterThan(JSON.stringify(schema).length);
    const call = { id: 'c1', name: 'book', input: { note: 'x'.repeat(100) } };
    const messages = [user('Hello'), { role: 'assistant', text: 'Wait.', toolCalls: [call] }] as const;
    expect(
      mostPromptTokens(request({ messages })) - mostPromptTokens(request({ messages: [user('Hello')] })),
    ).toBeGreaterThan(100);
  });

  test('never are fewer than the simulated providers count', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 5 }),
        async (texts) => {
          const messages = texts.map((text) => user(`${text}.`));
          const { usage } = await createWorld().generate({ messages });
          expect(mostPromptTokens(request({ messages }))).toBeGreaterThanOrEqual(usage.inputTokens);
        },
      ),
      { numRuns: 50 },
    );
  });
});
