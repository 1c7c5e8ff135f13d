import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { sleep } from './sleep.ts';
import { createVirtualClock } from './virtual-clock.ts';

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

test('resolves when the time is over, and not before', async () => {
  const clock = createVirtualClock();
  const { signal } = new AbortController();
  let done = false;
  void sleep(clock, 100, signal).then(() => (done = true));
  await clock.advance(99);
  expect(done).toBe(false);
  await clock.advance(1);
  expect(done).toBe(true);
  expect(listenersOf(signal)).toBe(0);
});

test('an abort ends it at once with its reason and leaves nothing behind', async () => {
  const clock = createVirtualClock();
  const controller = new AbortController();
  const nap = sleep(clock, 100, controller.signal);
  await clock.advance(40);
  controller.abort('wake up');
  await expect(nap).rejects.toBe('wake up');
  expect(clock.nowMs()).toBe(40);
  expect(clock.pendingTimers()).toBe(0);
  expect(listenersOf(controller.signal)).toBe(0);
});

test('does not begin on an aborted signal', async () => {
  const clock = createVirtualClock();
  await expect(sleep(clock, 100, AbortSignal.abort('no'))).rejects.toBe('no');
  expect(clock.pendingTimers()).toBe(0);
});
