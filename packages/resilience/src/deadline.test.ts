import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { deadlineIn, earliest, NO_DEADLINE, remainingMs } from './deadline.ts';
import { createVirtualClock } from './virtual-clock.ts';

test('what remains shrinks with the clock and stops at zero', async () => {
  const clock = createVirtualClock();
  await clock.advance(1_000);
  const deadline = deadlineIn(clock, 100);
  expect(deadline).toEqual({ atMs: 1_100 });
  await clock.advance(40);
  expect(remainingMs(deadline, clock)).toBe(60);
  await clock.advance(60);
  expect(remainingMs(deadline, clock)).toBe(0);
  await clock.advance(1);
  expect(remainingMs(deadline, clock)).toBe(0);
});

test('a negative budget has passed, an endless one never does, and NaN is refused', () => {
  const clock = createVirtualClock();
  expect(remainingMs(deadlineIn(clock, -5), clock)).toBe(0);
  expect(remainingMs(deadlineIn(clock, Infinity), clock)).toBe(Infinity);
  expect(remainingMs(NO_DEADLINE, clock)).toBe(Infinity);
  expect(() => deadlineIn(clock, Number.NaN)).toThrow('Expected `budgetMs` to be a number, got NaN');
});

test('a jump of the wall clock changes nothing', () => {
  const clock = createVirtualClock();
  const deadline = deadlineIn(clock, 100);
  clock.jumpEpoch(-3_600_000);
  expect(remainingMs(deadline, clock)).toBe(100);
});

test('the earliest of any deadlines is one of them and none is earlier', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true })), (times) => {
      const first = earliest(...times.map((atMs) => ({ atMs })));
      expect(first.atMs).toBe(Math.min(...times, Infinity));
    }),
  );
  expect(earliest()).toBe(NO_DEADLINE);
});
