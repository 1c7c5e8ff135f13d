import { createVirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { isTellingSilence, watchdogLimits } from './limits.ts';
import { createWorld, TARGETS } from './test-support/world.ts';
import type { AttemptTime } from './limits.ts';
import type { AttemptLimits, LatencyView } from './index.ts';

const learned = (fields: Partial<LatencyView>): LatencyView => ({
  samples: 50,
  p50Ms: 300,
  p95Ms: 700,
  p98Ms: 900,
  ...fields,
});

const limits = (given: AttemptLimits, time: Partial<AttemptTime> & { readonly leftMs: number }) =>
  watchdogLimits(given, {
    clock: createVirtualClock(),
    deadline: { atMs: time.leftMs },
    firstChunks: null,
    last: false,
    alone: false,
    seesHeaders: true,
    ...time,
  });

describe('the first chunk', () => {
  test.each([
    ['10 s while nothing is known', null, 60_000, 10_000],
    ['10 s while too little is known', learned({ samples: 49 }), 60_000, 10_000],
    ['three times the median', learned({ p98Ms: 600 }), 60_000, 900],
    ['a quarter more than the p98, if that is longer', learned({}), 60_000, 1_125],
    ['half of what is left, if that is shorter', learned({}), 1_000, 500],
  ])('%s', (...[, firstChunks, leftMs, ms]) => {
    expect(limits({}, { firstChunks, leftMs }).firstChunkMs).toBe(ms);
  });

  test('a configured limit wins over the learned one', () => {
    expect(limits({ firstChunkMs: 4_000 }, { firstChunks: learned({}), leftMs: 60_000 }).firstChunkMs).toBe(
      4_000,
    );
  });

  test('the last attempt has all that is left', () => {
    expect(limits({}, { leftMs: 6_000, last: true })).toEqual({
      connectMs: 5_000,
      firstChunkMs: 6_000,
      chunkMs: 6_000,
      answerMs: 6_000,
      totalMs: 6_000,
    });
  });
});

describe('a silence is held against the target', () => {
  test.each<[string, ms: number, given: AttemptLimits, LatencyView | null, boolean]>([
    ['once it is as long as its p98', 900, {}, learned({}), true],
    ['not before', 890, {}, learned({}), false],
    ['whatever its length while too little is known', 10, {}, learned({ samples: 49 }), true],
    ['whatever its length while nothing is known', 10, {}, null, true],
    ['once it is as long as the config allows', 400, { firstChunkMs: 400 }, learned({}), true],
    ['once headers are overdue', 5_000, {}, learned({ p98Ms: 9_000 }), true],
  ])('%s', (...[, ms, given, firstChunks, telling]) => {
    expect(isTellingSilence(ms, given, firstChunks)).toBe(telling);
  });
});

test('headers are not waited for longer than the first chunk', () => {
  expect(limits({}, { leftMs: 60_000 }).connectMs).toBe(5_000);
  expect(limits({}, { leftMs: 4_000 }).connectMs).toBe(2_000);
  expect(limits({ connectMs: 100 }, { leftMs: 4_000 }).connectMs).toBe(100);
});

test('between chunks there is a quarter of what is left, at most 30 s', () => {
  expect(limits({}, { leftMs: 8_000 }).chunkMs).toBe(2_000);
  expect(limits({}, { leftMs: 600_000 }).chunkMs).toBe(30_000);
  expect(limits({ chunkMs: 500 }, { leftMs: 600_000 }).chunkMs).toBe(500);
});

test('a model may think for half of what is left, and longer where no other could answer instead', () => {
  expect(limits({}, { leftMs: 600_000 }).answerMs).toBe(300_000);
  expect(limits({}, { leftMs: 600_000, alone: true }).answerMs).toBe(600_000);
  expect(limits({}, { leftMs: 600_000, last: true }).answerMs).toBe(600_000);
});

test('a target is learned from its completed answers, and then watched closely', async () => {
  const faults = {
    openai: [
      { fault: 'stall', rows: [60, 61] },
      { fault: 'cut', rows: [0, 3] },
    ],
  } as const;
  const { generate, gateway } = createWorld({ faults, targets: [TARGETS.openai, TARGETS.anthropic] });
  for (let row = 0; row < 60; row++) await generate();
  const view = gateway.ledger.latency(`first-chunk:${TARGETS.openai}`);
  expect(view?.samples).toBe(57);
  const { attempts } = await generate();
  const limitMs = Math.max(3 * view!.p50Ms, 1.25 * view!.p98Ms);
  expect(attempts[0]?.code).toBe('PROVIDER_STALLED');
  expect(attempts[0]?.ms).toBeCloseTo(limitMs, 6);
  expect(limitMs).toBeLessThan(1_000);
});
