import * as fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { createRateWindow } from './rate-window.ts';
import { createVirtualClock } from './virtual-clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

let clock: VirtualClock;

beforeEach(() => void (clock = createVirtualClock()));

test('is open while nothing is known', () => {
  const window = createRateWindow({ clock });
  expect(window.tryTake(1_000_000)).toBe(true);
  expect({ retryInMs: window.retryInMs(5), share: window.share }).toEqual({ retryInMs: 0, share: 1 });
});

test('counts down between reports, so that the last unit is taken once', async () => {
  const window = createRateWindow({ clock });
  window.update({ limit: 10, remaining: 2, resetMs: 6_000 });
  expect([window.tryTake(1), window.tryTake(1), window.tryTake(1)]).toEqual([true, true, false]);
  await clock.advance(1_000);
  expect({ retryInMs: window.retryInMs(), share: window.share }).toEqual({ retryInMs: 5_000, share: 0 });
});

test('a refused amount takes nothing', () => {
  const window = createRateWindow({ clock });
  window.update({ limit: 10_000, remaining: 500, resetMs: 6_000 });
  expect(window.tryTake(501)).toBe(false);
  expect(window.retryInMs(501)).toBe(6_000);
  expect(window.retryInMs(500)).toBe(0);
  expect(window.tryTake(500)).toBe(true);
});

test('is open again from the reset on, until told otherwise', async () => {
  const window = createRateWindow({ clock });
  window.update({ limit: 10, remaining: 0, resetMs: 1_000 });
  await clock.advance(999);
  expect(window.tryTake(1)).toBe(false);
  await clock.advance(1);
  expect({ retryInMs: window.retryInMs(), share: window.share }).toEqual({ retryInMs: 0, share: 1 });
  for (let call = 0; call < 20; call++) expect(window.tryTake(1)).toBe(true);
});

test('a late report of the same window does not bring back what has been taken since', async () => {
  const window = createRateWindow({ clock });
  window.update({ limit: 100, remaining: 5, resetMs: 10_000 });
  for (let call = 0; call < 4; call++) window.tryTake(1);
  await clock.advance(500);
  window.update({ limit: 100, remaining: 4, resetMs: 10_000 });
  expect(window.share).toBe(0.01);
  window.update({ limit: 100, remaining: 0, resetMs: 9_000 });
  expect(window.tryTake(1)).toBe(false);
});

test('a report of a later window replaces the present one', async () => {
  const window = createRateWindow({ clock });
  window.update({ limit: 100, remaining: 0, resetMs: 2_000 });
  window.update({ limit: 100, remaining: 100, resetMs: 60_000 });
  expect({ taken: window.tryTake(60), share: window.share }).toEqual({ taken: true, share: 0.4 });
});

test('what is larger than a full window may go once that is full', () => {
  const window = createRateWindow({ clock });
  window.update({ limit: 1_000, remaining: 1_000, resetMs: 60_000 });
  expect([window.tryTake(5_000), window.tryTake(1)]).toEqual([true, false]);
});

test('in steady mode units come back bit by bit', async () => {
  const window = createRateWindow({ clock, steady: true });
  window.update({ limit: 60, remaining: 0, resetMs: 60_000 });
  expect(window.retryInMs(3)).toBe(3_000);
  await clock.advance(2_000);
  expect([window.tryTake(1), window.tryTake(1), window.tryTake(1)]).toEqual([true, true, false]);
  expect(window.retryInMs()).toBe(1_000);
});

test('without a limit to go by the steady mode waits for the reset', async () => {
  const window = createRateWindow({ clock, steady: true });
  window.update({ remaining: 0, resetMs: 60_000 });
  await clock.advance(59_000);
  expect({ taken: window.tryTake(1), retryInMs: window.retryInMs(), share: window.share }).toEqual({
    taken: false,
    retryInMs: 1_000,
    share: 1,
  });
});

test.each([
  { remaining: -1, resetMs: 1_000 },
  { remaining: Number.NaN, resetMs: 1_000 },
  { remaining: Infinity, resetMs: 1_000 },
  { remaining: 0, resetMs: -1 },
  { remaining: 0, resetMs: Number.NaN },
  { remaining: 0, resetMs: 32 * 86_400_000 },
  { remaining: 0, resetMs: 0 },
])('pays no attention to %o', (report) => {
  const window = createRateWindow({ clock });
  window.update({ limit: 10, ...report });
  expect(window.tryTake(1)).toBe(true);
});

test.each([0, -5, Number.NaN, 3])(
  'a limit of %d beside 4 remaining is not believed, the rest is',
  (limit) => {
    const window = createRateWindow({ clock });
    window.update({ limit, remaining: 4, resetMs: 1_000 });
    expect({ share: window.share, fits: window.tryTake(4), more: window.tryTake(1) }).toEqual({
      share: 1,
      fits: true,
      more: false,
    });
  },
);

const take = fc.record({ do: fc.constant('take' as const), amount: fc.integer({ min: 1, max: 40 }) });
const wait = fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 200 }) });
const late = fc.record({ do: fc.constant('late-report' as const), remaining: fc.nat({ max: 200 }) });

test('never lets through more than was left before the reset, whatever late reports say', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(take, wait, late), { maxLength: 80, size: 'max' }),
      fc.nat({ max: 100 }),
      async (steps, remaining) => {
        const own = createVirtualClock();
        const window = createRateWindow({ clock: own });
        const resetAtMs = 5_000;
        window.update({ limit: 200, remaining, resetMs: resetAtMs });
        let taken = 0;
        for (const next of steps) {
          if (next.do === 'wait') await own.advance(next.ms);
          if (own.nowMs() >= resetAtMs) break;
          const resetMs = resetAtMs - own.nowMs();
          if (next.do === 'late-report') window.update({ limit: 200, remaining: next.remaining, resetMs });
          if (next.do === 'take' && window.tryTake(next.amount)) taken += next.amount;
          expect(taken).toBeLessThanOrEqual(remaining);
          expect(window.share).toBeGreaterThanOrEqual(0);
          expect(window.retryInMs(next.do === 'take' ? next.amount : 1)).toBeLessThanOrEqual(resetMs);
        }
        await own.advance(resetAtMs);
        expect(window.tryTake(100)).toBe(true);
      },
    ),
  );
});

test('in steady mode never lets through more than was left and has come back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(take, wait), { maxLength: 80, size: 'max' }),
      fc.nat({ max: 100 }),
      async (steps, remaining) => {
        const own = createVirtualClock();
        const window = createRateWindow({ clock: own, steady: true });
        window.update({ limit: 100, remaining, resetMs: 20_000 });
        let taken = 0;
        for (const next of steps) {
          if (next.do === 'wait') await own.advance(next.ms);
          else if (window.tryTake(next.amount)) taken += next.amount;
          const retryInMs = window.retryInMs(30);
          expect(taken).toBeLessThanOrEqual(remaining + ((100 - remaining) * own.nowMs()) / 20_000 + 1e-6);
          expect(retryInMs).toBeLessThanOrEqual(20_000);
        }
        await own.advance(window.retryInMs(30) + 0.001);
        expect(window.tryTake(30)).toBe(true);
      },
    ),
  );
});
