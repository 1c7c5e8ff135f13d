import { seededRandom } from '@paceline/resilience';
import type { FaultRule } from '@paceline/simulator';
import { describe, expect, test } from 'vitest';
import { drawCall } from './draw-call.ts';
import type { Call } from './draw-call.ts';
import type { ModelledTarget } from './targets.ts';

/** Always first heard of after exactly so long, then ten tokens a millisecond. */
function target(name: string, firstMs: number, ...faults: readonly FaultRule[]): ModelledTarget {
  const latency = { firstTokenMs: { p50: firstMs, p95: firstMs }, tokensPerSecond: 10_000 };
  return { name, model: name, latency, faults };
}

function draw(targets: readonly ModelledTarget[], given: Partial<Call> & { readonly hedge?: boolean } = {}) {
  const { hedge = false, ...call } = given;
  const route = { targets, attempts: 3, hedge };
  const whole: Call = {
    route,
    row: 0,
    step: 's',
    outputTokens: 5,
    leftMs: 10_000,
    usdOf: (name, written) => (name === 'unpriced' ? null : written),
    ...call,
  };
  return drawCall(whole, seededRandom(1));
}

const always = (fault: FaultRule['fault'], more: Partial<FaultRule> = {}): FaultRule => ({ fault, ...more });

test('an answer takes until its first token, and the rest at its pace', () => {
  expect(draw([target('a', 100)])).toEqual({
    ok: true,
    ms: 100,
    usd: 1,
    unpriced: 0,
    attempts: 1,
    unfit: false,
  });
  const { ms } = draw([target('a', 100)], { outputTokens: 1_005 });
  expect(ms).toBeGreaterThan(195);
  expect(ms).toBeLessThan(205);
});

test('an answer that comes too late is none', () => {
  expect(draw([target('a', 100)], { leftMs: 99 })).toMatchObject({ ok: false, ms: 99 });
});

describe('after a failure', () => {
  test('the next target answers', () => {
    const drawn = draw([target('a', 100, always('quota')), target('b', 200)]);
    expect(drawn).toMatchObject({ ok: true, ms: 240, attempts: 2 });
  });

  test('the same one is asked once more after an error that passes, after a short wait', () => {
    const drawn = draw([target('a', 100, always('error-500', { attempts: [1] })), target('b', 5_000)]);
    expect(drawn).toMatchObject({ ok: true, attempts: 2 });
    expect(drawn.ms).toBeGreaterThan(140);
    expect(drawn.ms).toBeLessThan(240);
  });

  test('a long wait that was asked for is not waited for while there is another target', () => {
    const limited = target('a', 100, always('rate-limit', { retryAfterMs: 5_000 }));
    expect(draw([limited, target('b', 200)])).toMatchObject({ ok: true, ms: 240, attempts: 2 });
  });

  test('silence costs what the target usually needs at most', () => {
    expect(draw([target('a', 100, always('stall')), target('b', 200)])).toMatchObject({ ok: true, ms: 500 });
  });

  test('half an answer has been paid for', () => {
    const drawn = draw([target('a', 100, always('cut')), target('b', 200)]);
    expect(drawn).toMatchObject({ ok: true, usd: 1.5, attempts: 2 });
  });

  test('a refusal of the content ends the call', () => {
    expect(draw([target('a', 100, always('content-filter')), target('b', 200)])).toMatchObject({
      ok: false,
      attempts: 1,
    });
  });

  test('no more attempts are made than the route allows, and none that time does not', () => {
    const sick = (name: string) => target(name, 100, always('unavailable-503'));
    expect(draw([sick('a'), sick('b'), sick('c'), target('d', 1)])).toMatchObject({ ok: false, attempts: 3 });
    expect(draw([sick('a'), target('b', 100)], { leftMs: 30 })).toMatchObject({ ok: false, ms: 30 });
  });
});

const ok = (rule: Partial<FaultRule>): boolean => draw([target('a', 100, always('quota', rule))]).ok;

test('rules may name steps, rows, attempts and models', () => {
  expect(ok({ step: 's', rows: [0, 1], models: ['a'], attempts: [1] })).toBe(false);
  for (const other of [{ step: 't' }, { rows: [1, 2] as const }, { models: ['b'] }, { attempts: [2] }]) {
    expect(ok(other)).toBe(true);
  }
});

test('a hedge answers where the first target is late', () => {
  const late = target('a', 100, always('slow', { firstTokenMs: 290 }));
  expect(draw([late, target('b', 50)], { hedge: false })).toMatchObject({ ok: true, ms: 290 });
  expect(draw([late, target('b', 50)], { hedge: true })).toMatchObject({ ok: true, ms: 150 });
});

test('an unknown price is counted, not guessed', () => {
  expect(draw([target('unpriced', 100)])).toMatchObject({ usd: 0, unpriced: 1 });
});
