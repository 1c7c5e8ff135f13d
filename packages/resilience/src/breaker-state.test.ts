import { expect, test } from 'vitest';
import { CLOSED, nextBreakerState } from './breaker-state.ts';
import type { BreakerEvent, BreakerLimits, BreakerState } from './breaker-state.ts';

const limits: BreakerLimits = {
  failuresToOpen: 5,
  failureRatioToOpen: 0.5,
  slowRatioToOpen: 0.8,
  minimumCalls: 10,
  windowMs: 60_000,
  openForMs: 5_000,
  openForMaxMs: 60_000,
  closeAfter: 2,
};
const ok: BreakerEvent = { type: 'call-ok' };
const ignored: BreakerEvent = { type: 'call-ignored' };
const probe: BreakerEvent = { type: 'probe-start' };
const life: BreakerEvent = { type: 'sign-of-life' };
const slow = (chance = 0.5): BreakerEvent => ({ type: 'call-slow', chance });
const failed = (chance = 0.5): BreakerEvent => ({ type: 'call-failed', chance });

const after = (state: BreakerState, nowMs: number, ...events: readonly BreakerEvent[]) =>
  events.reduce((current, event) => nextBreakerState(current, event, { nowMs, limits }), state);
const repeat = (event: BreakerEvent, times: number) => Array.from({ length: times }, () => event);
const open = (openForMs: number): BreakerState => ({ phase: 'open', reopensAtMs: 1_000, openForMs });
const probing = (successes: number, probeOut = true): BreakerState => ({
  phase: 'probing',
  probeOut,
  successes,
  openForMs: 5_000,
});

test('closed: five failures in a row open it, four and a success do not', () => {
  expect(after(CLOSED, 0, ...repeat(failed(), 4)).phase).toBe('closed');
  expect(after(CLOSED, 0, ...repeat(failed(), 5)).phase).toBe('open');
  expect(after(CLOSED, 0, ...repeat(failed(), 4), ok, ...repeat(failed(), 4)).phase).toBe('closed');
});

test('a sign of life ends the wait for the first probe, and is none itself', () => {
  expect(after(open(5_000), 0, life)).toEqual(probing(0, false));
  expect(after(open(5_000), 0, life, probe, failed())).toMatchObject({ phase: 'open', openForMs: 10_000 });
  for (const state of [CLOSED, probing(0), probing(1, false)]) expect(after(state, 0, life)).toBe(state);
});

test('closed: half of ten calls failing opens it, half of eight does not', () => {
  expect(after(CLOSED, 0, ...repeat(ok, 4), ...repeat(failed(), 4)).phase).toBe('closed');
  expect(after(CLOSED, 0, failed(), failed(), ...repeat(ok, 5), failed(), failed()).phase).toBe('closed');
  expect(after(CLOSED, 0, failed(), failed(), ...repeat(ok, 5), ...repeat(failed(), 3)).phase).toBe('open');
});

test('closed: eight slow answers of ten open it, seven or eight of nine do not', () => {
  expect(after(CLOSED, 0, ...repeat(ok, 2), ...repeat(slow(), 7)).phase).toBe('closed');
  expect(after(CLOSED, 0, ...repeat(ok, 1), ...repeat(slow(), 8)).phase).toBe('closed');
  expect(after(CLOSED, 0, ...repeat(ok, 3), ...repeat(slow(), 7)).phase).toBe('closed');
  expect(after(CLOSED, 0, ...repeat(ok, 2), ...repeat(slow(), 8))).toMatchObject({
    phase: 'open',
    reopensAtMs: 5_000,
  });
});

test('closed: a slow answer is an answer, and ends a row of failures', () => {
  expect(after(CLOSED, 0, ...repeat(failed(), 4), slow(), ...repeat(failed(), 4)).phase).toBe('closed');
});

test('closed: slow answers do not count as failures, nor failures as slow', () => {
  const mixed = after(CLOSED, 0, ...repeat(slow(), 6), failed(), failed(), slow(), failed(), failed());
  expect(mixed.phase).toBe('closed');
});

test('probing: a slow answer is as good as any', () => {
  expect(after(probing(1), 0, slow())).toEqual(CLOSED);
});

test('closed: a success never opens it, even when it completes the minimum of calls', () => {
  const nine = after(CLOSED, 0, ...repeat(failed(), 3), ok, ...repeat(failed(), 3), ok, ok);
  const ten = after(nine, 0, ok);
  expect(ten.phase).toBe('closed');
  expect(after(ten, 0, failed()).phase).toBe('open');
});

test('closed: calls older than the window no longer count', () => {
  const busy = after(CLOSED, 0, ...repeat(ok, 6), ...repeat(failed(), 4));
  expect(after(busy, 1_000, ok, ...repeat(failed(), 3)).phase).toBe('open');
  expect(after(busy, 60_000, ok, ...repeat(failed(), 3)).phase).toBe('closed');
  expect(after(busy, 59_999, ok, ...repeat(failed(), 3)).phase).toBe('open');
});

test('closed: failures in a row are forgotten once the window has passed without one', () => {
  const four = after(CLOSED, 0, ...repeat(failed(), 4));
  expect(after(four, 60_000, failed()).phase).toBe('open');
  expect(after(four, 60_001, failed()).phase).toBe('closed');
});

test('open: the time is spread by a fifth either way', () => {
  for (const [chance, openForMs] of [
    [0, 4_000],
    [0.5, 5_000],
    [1, 6_000],
  ] as const) {
    const opened = after(CLOSED, 100, ...repeat(failed(chance), 5));
    expect(opened).toEqual({ phase: 'open', reopensAtMs: 100 + openForMs, openForMs: 5_000 });
  }
});

test('open: nothing but the time moves it on, and then only a probe', () => {
  const state = open(5_000);
  expect(after(state, 999, probe)).toBe(state);
  for (const event of [ok, ignored, failed()]) expect(after(state, 5_000, event)).toBe(state);
  expect(after(state, 1_000, probe)).toEqual(probing(0));
});

test('probing: two successes close it with a clean slate', () => {
  expect(after(probing(0), 0, ok)).toEqual(probing(1, false));
  expect(after(probing(1), 0, ok)).toBe(CLOSED);
});

test('probing: an ignored outcome frees the place and counts for nothing', () => {
  expect(after(probing(1), 0, ignored)).toEqual(probing(1, false));
  expect(after(probing(1, false), 0, probe)).toEqual(probing(1));
});

test('probing: each failure doubles the open time, up to its limit', () => {
  const lengths = [5_000];
  let state: BreakerState = open(5_000);
  for (let round = 0; round < 5; round++) {
    state = after(state, 1_000_000 * (round + 1), probe, failed());
    if (state.phase === 'open') lengths.push(state.openForMs);
  }
  expect(lengths).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
});

test('closed: taking a probe place or ignoring an outcome changes nothing', () => {
  const some = after(CLOSED, 0, failed(), ok, failed());
  expect(after(some, 1_000, probe, ignored)).toBe(some);
});
