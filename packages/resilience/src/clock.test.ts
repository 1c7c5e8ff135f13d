import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { dateAt, parseEpochMs, systemClock } from './clock.ts';

// The system clock's own sources, driven by hand: no test waits.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }));
afterEach(() => void vi.useRealTimers());

test('fires once, when due, and not before', () => {
  const fire = vi.fn();
  systemClock.setTimer(100, fire);
  vi.advanceTimersByTime(99);
  expect(fire).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(fire).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(10_000);
  expect(fire).toHaveBeenCalledOnce();
});

test('waits again when the system timer goes off a fraction early, as they do', () => {
  const firedAtMs: number[] = [];
  vi.advanceTimersByTime(0.6);
  const dueMs = systemClock.nowMs() + 100;
  // 100.0 ms after 0.6 the event loop, which counts whole milliseconds, thinks it is 100 ms after 0.
  systemClock.setTimer(100, () => firedAtMs.push(systemClock.nowMs()));
  vi.advanceTimersByTime(200);
  expect(firedAtMs).toHaveLength(1);
  expect(firedAtMs[0]).toBeGreaterThanOrEqual(dueMs);
});

test('a fraction of a millisecond is rounded up, which saves a second system timer', () => {
  const fire = vi.fn();
  const setTimeoutCalls = vi.spyOn(globalThis, 'setTimeout');
  systemClock.setTimer(10.4, fire);
  vi.advanceTimersByTime(11);
  expect(fire).toHaveBeenCalledOnce();
  expect(setTimeoutCalls).toHaveBeenCalledOnce();
});

test.each([0, -5, -Infinity])('a delay of %d fires as soon as possible but not at once', (delayMs) => {
  const fire = vi.fn();
  systemClock.setTimer(delayMs, fire);
  expect(fire).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(fire).toHaveBeenCalledOnce();
});

test('a delay longer than Node can wait does not fire at once, but when due', () => {
  const fire = vi.fn();
  const hundredDaysMs = 100 * 86_400_000;
  systemClock.setTimer(hundredDaysMs, fire);
  vi.advanceTimersByTime(hundredDaysMs - 1);
  expect(fire).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(fire).toHaveBeenCalledOnce();
});

test('an endless delay never fires and keeps no process alive', () => {
  const fire = vi.fn();
  const timer = systemClock.setTimer(Infinity, fire);
  expect(vi.getTimerCount()).toBe(0);
  timer.reset(10);
  expect(vi.getTimerCount()).toBe(1);
  timer.reset(Infinity);
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(fire).not.toHaveBeenCalled();
});

test('NaN is refused, when setting and when resetting', () => {
  expect(() => systemClock.setTimer(Number.NaN, vi.fn())).toThrow(TypeError);
  const timer = systemClock.setTimer(10, vi.fn());
  expect(() => timer.reset(Number.NaN)).toThrow('Expected `delayMs` to be a number, got NaN');
});

test('postponing again and again makes no further system timer', () => {
  const fire = vi.fn();
  const timer = systemClock.setTimer(100, fire);
  const setTimeoutCalls = vi.spyOn(globalThis, 'setTimeout');
  for (let chunk = 0; chunk < 50; chunk++) {
    vi.advanceTimersByTime(1);
    timer.reset(100);
  }
  expect(setTimeoutCalls).not.toHaveBeenCalled();
  vi.advanceTimersByTime(99);
  expect(fire).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(fire).toHaveBeenCalledOnce();
});

test('a reset revives a timer that fired or was cancelled, from its own callback too', () => {
  const firedAtMs: number[] = [];
  const startMs = systemClock.nowMs();
  const timer = systemClock.setTimer(10, () => {
    firedAtMs.push(systemClock.nowMs() - startMs);
    if (firedAtMs.length === 1) timer.reset(20);
  });
  vi.advanceTimersByTime(30);
  timer.reset(5);
  vi.advanceTimersByTime(5);
  timer.reset(5);
  timer.cancel();
  timer.cancel();
  vi.advanceTimersByTime(100);
  timer.reset(7);
  vi.advanceTimersByTime(7);
  expect(firedAtMs).toEqual([10, 30, 35, 142]);
});

test('for any resets and cancels it fires exactly when the last reset says', () => {
  const operation = fc.oneof(
    fc.record({ do: fc.constant('reset' as const), delayMs: fc.integer({ min: -1, max: 50 }) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 40 }) }),
    fc.record({ do: fc.constant('cancel' as const) }),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 30, size: 'max' }), (operations) => {
      const fired: number[] = [];
      const expected: number[] = [];
      let dueMs = Infinity;
      const timer = systemClock.setTimer(Infinity, () => fired.push(systemClock.nowMs()));
      for (const next of operations) {
        if (next.do === 'reset') dueMs = systemClock.nowMs() + Math.max(next.delayMs, 0);
        if (next.do === 'cancel') dueMs = Infinity;
        if (next.do === 'reset') timer.reset(next.delayMs);
        if (next.do === 'cancel') timer.cancel();
        if (next.do !== 'wait') continue;
        vi.advanceTimersByTime(next.ms);
        if (dueMs > systemClock.nowMs()) continue;
        expected.push(dueMs);
        dueMs = Infinity;
      }
      timer.cancel();
      expect(fired).toEqual(expected);
      expect(vi.getTimerCount()).toBe(0);
    }),
  );
});

test('monotonic and wall time are what the system says', () => {
  const before = { nowMs: systemClock.nowMs(), epochMs: systemClock.epochMs() };
  vi.advanceTimersByTime(250);
  expect(systemClock.nowMs() - before.nowMs).toBe(250);
  expect(systemClock.epochMs() - before.epochMs).toBe(250);
  vi.setSystemTime(0);
  expect(systemClock.epochMs()).toBe(0);
  expect(systemClock.nowMs() - before.nowMs).toBe(250);
});

test('moments of wall time translate to and from dates', () => {
  expect(dateAt(1_767_225_600_000).toISOString()).toBe('2026-01-01T00:00:00.000Z');
  expect(parseEpochMs('Thu, 01 Jan 2026 00:00:00 GMT')).toBe(1_767_225_600_000);
  expect(parseEpochMs('2026-01-01T00:00:00Z')).toBe(1_767_225_600_000);
  expect(parseEpochMs('soon')).toBeNaN();
});

test('the next turn needs no time, and comes after the promises of this one', async () => {
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    systemClock.nextTurn(() => resolve(void order.push('next turn')));
    queueMicrotask(() => order.push('promise'));
  });
  expect(order).toEqual(['promise', 'next turn']);
});
