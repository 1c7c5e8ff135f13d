import { describe, expect, test } from 'vitest';
import { createMoneyMeter } from './money.ts';
import type { MoneyMeter, MoneyReserved } from './request.ts';

function held(meter: MoneyMeter, usd: number): Extract<MoneyReserved, { ok: true }> {
  const reserved = meter.reserve(usd);
  if (!reserved.ok) throw new Error(`No room for ${usd}`);
  return reserved;
}

describe('a meter', () => {
  test('holds what an attempt can cost, and counts what it did', () => {
    const meter = createMoneyMeter(0.02, { spentUsd: 0.005 });
    const hold = held(meter, 0.015);
    expect([meter.spentUsd, meter.heldUsd]).toEqual([0.005, 0.015]);
    expect(meter.reserve(0.000_000_000_001).ok).toBe(false);
    hold.settle(0.001);
    expect([meter.spentUsd, meter.heldUsd]).toEqual([0.006, 0]);
    expect(meter.reserve(0.014).ok).toBe(true);
  });

  test('has room up to the last picodollar, whatever binary fractions do', () => {
    const meter = createMoneyMeter(0.3);
    held(meter, 0.1).settle(0.1);
    held(meter, 0.2).settle(0.2);
    expect(meter.spentUsd).toBe(0.3);
    expect(meter.reserve(0).ok).toBe(true);
    expect(meter.reserve(1e-12).ok).toBe(false);
  });

  test('gives back what was never spent', () => {
    const meter = createMoneyMeter(0.01);
    held(meter, 0.01).release();
    expect([meter.spentUsd, meter.heldUsd]).toEqual([0, 0]);
    expect(meter.reserve(0.01).ok).toBe(true);
  });

  test('says what stands on it when there is no room', () => {
    const meter = createMoneyMeter(0.02, { spentUsd: 0.005, value: 'run-1' });
    held(meter, 0.01);
    expect(meter.reserve(0.006)).toEqual({
      ok: false,
      refusal: {
        use: { cap: 'run', value: 'run-1', window: { type: 'always' }, limitUsd: 0.02 },
        neededUsd: 0.006,
        spentUsd: 0.005,
        heldUsd: 0.01,
        resetsAtEpochMs: null,
      },
    });
  });

  test('without a cap counts all the same', () => {
    const meter = createMoneyMeter(null);
    expect(meter.isCapped).toBe(false);
    held(meter, 1e6).settle(0.25);
    meter.add(0.5);
    expect([meter.capUsd, meter.spentUsd, meter.heldUsd]).toEqual([null, 0.75, 0]);
  });
});

describe('a meter within another one', () => {
  test('spends and holds on both, but for what the other one knows already', () => {
    const outer = createMoneyMeter(0.03, { spentUsd: 0.01 });
    const inner = createMoneyMeter(null, { spentUsd: 0.005, within: outer });
    expect(inner.isCapped).toBe(true);
    const hold = held(inner, 0.01);
    expect([inner.heldUsd, outer.heldUsd]).toEqual([0.01, 0.01]);
    hold.settle(0.002);
    inner.add(0.001);
    expect([inner.spentUsd, outer.spentUsd, outer.heldUsd]).toEqual([0.008, 0.013, 0]);
    held(inner, 0.01).release();
    expect(outer.heldUsd).toBe(0);
  });

  test('holds on neither where one has no room', () => {
    const outer = createMoneyMeter(0.005, { value: 'outer' });
    const inner = createMoneyMeter(0.02, { within: outer, value: 'inner' });
    expect(inner.reserve(0.01)).toMatchObject({ ok: false, refusal: { use: { value: 'outer' } } });
    expect([inner.heldUsd, outer.heldUsd]).toEqual([0, 0]);
    const tight = createMoneyMeter(0.001, { within: outer, value: 'tight' });
    expect(tight.reserve(0.002)).toMatchObject({ ok: false, refusal: { use: { value: 'tight' } } });
    expect(outer.heldUsd).toBe(0);
  });

  test('parallel branches cannot hold more together than the cap of the run around them', () => {
    const run = createMoneyMeter(0.01);
    const children = Array.from({ length: 8 }, () => createMoneyMeter(0.01, { within: run }));
    const reserved = children.map((child) => child.reserve(0.004));
    expect(reserved.filter(({ ok }) => ok)).toHaveLength(2);
  });
});
