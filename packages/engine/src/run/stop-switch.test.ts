import { AbortReason } from '@paceline/resilience';
import { expect, test } from 'vitest';
import { StopSwitch } from './stop-switch.ts';

const reason = new AbortReason('user', 'enough');

test('stops once, and every signal knows it, early or late', () => {
  const early = new StopSwitch();
  const { signal } = early;
  expect(signal.aborted).toBe(false);
  early.stop(reason);
  early.stop(new AbortReason('deadline'));
  expect(signal.reason).toBe(reason);
  expect(early.reason).toBe(reason);

  const late = new StopSwitch();
  late.stop(reason);
  expect(late.signal.reason).toBe(reason);
  expect(late.signal).toBe(late.signal);
});

test('a race gives what the work gives, or the reason if that comes first', async () => {
  const stop = new StopSwitch();
  expect(await stop.race(Promise.resolve(1))).toBe(1);
  await expect(stop.race(Promise.reject(new Error('no')))).rejects.toThrow('no');
  const hanging = stop.race(new Promise(() => {}));
  stop.stop(reason);
  await expect(hanging).rejects.toBe(reason);
});

test('a race that begins after the stop is lost', async () => {
  const stop = new StopSwitch();
  stop.stop(reason);
  await expect(stop.race(new Promise(() => {}))).rejects.toBe(reason);
});

test('work that fails after it was stopped is nobody’s unhandled rejection', async () => {
  const stop = new StopSwitch();
  const { promise, reject } = Promise.withResolvers<never>();
  const racing = stop.race(promise);
  stop.stop(reason);
  await expect(racing).rejects.toBe(reason);
  reject(new Error('too late'));
  await Promise.resolve();
});
