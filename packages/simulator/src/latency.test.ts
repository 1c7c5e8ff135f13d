import { seededRandom } from '@paceline/resilience';
import { describe, expect, test } from 'vitest';
import { drawFirstTokenMs, drawPaceMs, FAST_MODEL, latencyOf, STRONG_MODEL } from './latency.ts';
import { createWorld, observe } from './test-support/observe.ts';

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length * share)]!;

describe.each([
  ['fast', FAST_MODEL.firstTokenMs],
  ['strong', STRONG_MODEL.firstTokenMs],
  ['constant', { p50: 50, p95: 50 }],
])('first tokens of a %s model', (_, firstTokenMs) => {
  // One fresh sequence per draw, as each call has.
  const draws = Array.from({ length: 20_000 }, (_unused, call) =>
    drawFirstTokenMs(firstTokenMs, seededRandom(`seed/${call}`)),
  );

  test.each([
    [0.5, firstTokenMs.p50],
    [0.95, firstTokenMs.p95],
  ])('the %s quantile is what the model says', (share, wanted) => {
    expect(quantile(draws, share) / wanted).toBeGreaterThan(0.97);
    expect(quantile(draws, share) / wanted).toBeLessThan(1.03);
  });

  test('no draw is 0, negative or endless', () => {
    expect(Math.min(...draws)).toBeGreaterThan(0);
    expect(Math.max(...draws)).toBeLessThan(100 * firstTokenMs.p95);
  });
});

test('no token comes before the floor, and the others come when they would have', () => {
  const quantiles = { p50: 50, p95: 120 };
  for (let call = 0; call < 1_000; call++) {
    const free = drawFirstTokenMs(quantiles, seededRandom(call));
    const floored = drawFirstTokenMs({ ...quantiles, floor: 40 }, seededRandom(call));
    expect(floored).toBe(Math.max(40, free));
  }
});

test('the extremes of a random source stay finite', () => {
  for (const value of [0, 1 - 2 ** -32]) {
    const drawn = drawFirstTokenMs({ p50: 100, p95: 200 }, { next: () => value });
    expect(drawn).toBeGreaterThan(0);
    expect(drawn).toBeLessThan(10_000);
  }
});

test('the pace varies by a fifth round the speed', () => {
  const paces = Array.from({ length: 1_000 }, (_, at) => drawPaceMs(80, STRONG_MODEL, seededRandom(at)));
  expect(Math.min(...paces)).toBeGreaterThanOrEqual(800);
  expect(Math.max(...paces)).toBeLessThan(1_200);
  expect(quantile(paces, 0.5)).toBeGreaterThan(970);
  expect(quantile(paces, 0.5)).toBeLessThan(1_030);
});

test.each([
  ['gpt-5-mini', FAST_MODEL],
  ['claude-haiku-4-5', FAST_MODEL],
  ['gemini-2.5-flash-lite', FAST_MODEL],
  ['llama-3.1-8b-instant', FAST_MODEL],
  ['gpt-5.2', STRONG_MODEL],
  ['claude-opus-5', STRONG_MODEL],
  ['gemini-3-pro-preview', STRONG_MODEL],
  ['llama-3.3-70b-versatile', STRONG_MODEL],
])('%s is as fast as its name suggests', (model, latency) => {
  expect(latencyOf(model)).toBe(latency);
});

test('a model of its own comes before the provider, and the provider before the name', async () => {
  const slow = { firstTokenMs: { p50: 5_000, p95: 5_000 }, tokensPerSecond: 100 };
  const slower = { firstTokenMs: { p50: 9_000, p95: 9_000 }, tokensPerSecond: 100 };
  const world = createWorld({ latency: slow, models: { special: slower } });
  const firstTokens = [];
  for (const model of ['special', 'gpt-5-mini']) {
    firstTokens.push((await observe('openai', { model, stream: true }, world)).chunks[1]?.atMs);
  }
  expect(firstTokens.map((ms) => Math.round(ms!))).toEqual([9_000, 5_000]);
});

test('what is not streamed comes when the last token would have', async () => {
  const latency = { firstTokenMs: { p50: 1_000, p95: 1_000 }, tokensPerSecond: 12 };
  const { headersMs, endMs } = await observe('openai', { stream: false }, createWorld({ latency }));
  expect(headersMs).toBe(endMs);
  expect(endMs).toBeGreaterThan(1_800); // 12 tokens at 12 a second, give or take a fifth
  expect(endMs).toBeLessThan(2_200);
});
