import { createVirtualClock } from '@paceline/resilience/testing';
import type { Clock } from '@paceline/resilience';
import { expect, test, vi } from 'vitest';
import { StepTimer } from './step-timer.ts';

const setup = () => {
  const clock = createVirtualClock();
  const setTimer = vi.fn<Clock['setTimer']>((delayMs, fire) => clock.setTimer(delayMs, fire));
  return { clock, setTimer, timer: new StepTimer({ ...clock, nowMs: () => clock.nowMs(), setTimer }) };
};

test('visits that follow one another share one timer, each with its own time', async () => {
  const { clock, setTimer, timer } = setup();
  const [first, second] = [vi.fn(), vi.fn()];
  const watch = timer.set(100, first);
  await clock.advance(60);
  watch.cancel();
  timer.set(70, second);
  await clock.advance(69);
  expect(second).not.toHaveBeenCalled();
  await clock.advance(1);
  expect(second).toHaveBeenCalledOnce();
  expect(first).not.toHaveBeenCalled();
  expect(setTimer).toHaveBeenCalledOnce();
});

test('a shorter time after a longer one is kept too', async () => {
  const { clock, timer } = setup();
  timer.set(100, () => {}).cancel();
  const due = vi.fn();
  timer.set(10, due);
  await clock.advance(10);
  expect(due).toHaveBeenCalledOnce();
});

test('it may be set again after it went off', async () => {
  const { clock, timer } = setup();
  const due = vi.fn();
  timer.set(10, due);
  await clock.advance(10);
  timer.set(10, due);
  await clock.advance(10);
  expect(due).toHaveBeenCalledTimes(2);
});

test('visits side by side have timers of their own', async () => {
  const { clock, timer } = setup();
  const [long, short] = [vi.fn(), vi.fn()];
  timer.set(100, long);
  const watch = timer.set(50, short);
  timer.set(20, vi.fn()).cancel();
  watch.cancel();
  await clock.advance(100);
  expect(short).not.toHaveBeenCalled();
  expect(long).toHaveBeenCalledOnce();
});

test('a visit that ends late does not take the time from the next one', async () => {
  const { clock, timer } = setup();
  const due = vi.fn();
  const late = timer.set(10, vi.fn());
  await clock.advance(10);
  timer.set(10, due);
  late.cancel();
  await clock.advance(10);
  expect(due).toHaveBeenCalledOnce();
});

test('at rest it holds no timer', async () => {
  const { clock, timer } = setup();
  timer.set(100, vi.fn()).cancel();
  timer.rest();
  expect(clock.pendingTimers()).toBe(0);
});
