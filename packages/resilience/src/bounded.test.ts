import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AbortReason } from './abort.ts';
import { bounded } from './bounded.ts';
import { deadlineIn, NO_DEADLINE } from './deadline.ts';
import { sleep } from './sleep.ts';
import { createVirtualClock } from './virtual-clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

let clock: VirtualClock;
let caller: AbortController;

beforeEach(() => {
  clock = createVirtualClock();
  caller = new AbortController();
});
afterEach(() => {
  expect(clock.pendingTimers()).toBe(0);
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
});

const within = (ms: number) => ({ clock, deadline: deadlineIn(clock, ms), signal: caller.signal });
/** A call that never looks at its signal. */
const deaf = () => new Promise<never>(() => {});

test('passes on the result and leaves the call alone', async () => {
  let own: AbortSignal | undefined;
  const result = await bounded(async (signal) => {
    own = signal;
    return 'done';
  }, within(100));
  expect(result).toBe('done');
  await clock.advance(1_000);
  expect(own?.aborted).toBe(false);
});

test('passes on the error of the call, thrown or rejected', async () => {
  await expect(bounded(() => Promise.reject(new Error('broken')), within(100))).rejects.toThrow('broken');
  const throwing = bounded(() => {
    throw new Error('broken at once');
  }, within(100));
  await expect(throwing).rejects.toThrow('broken at once');
});

test('settles at the deadline although the call goes on', async () => {
  const result = bounded(deaf, within(100)).catch((error: unknown) => error);
  const error = await clock.run(result);
  expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED', message: 'No result within 100 ms.' });
  expect(clock.nowMs()).toBe(100);
});

test('tells the call why it ends, and the caller with a code', async () => {
  let reason: unknown;
  const call = (signal: AbortSignal) =>
    sleep(clock, 10_000, signal).catch((error: unknown) => {
      reason = error;
      throw new Error('what the call makes of it');
    });
  const error = await clock.run(bounded(call, within(100)).catch((thrown: unknown) => thrown));
  expect(reason).toMatchObject({ name: 'AbortError', abortCause: 'deadline' });
  expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED', cause: reason });
});

test("the caller's abort keeps the caller's reason and reaches the call", async () => {
  const reason = new AbortReason('user');
  let seen: unknown;
  const result = bounded((signal) => {
    signal.addEventListener('abort', () => (seen = signal.reason));
    return deaf();
  }, within(100));
  caller.abort(reason);
  await expect(result).rejects.toBe(reason);
  expect(seen).toBe(reason);
});

test('a caller who was stopped by a deadline of his own is not mistaken for this one', async () => {
  const result = bounded(deaf, within(100));
  caller.abort(new AbortReason('deadline'));
  await expect(result).rejects.toMatchObject({ name: 'AbortError', abortCause: 'deadline' });
});

test('whichever comes first wins, also at the same moment', async () => {
  clock.setTimer(100, () => caller.abort('first set, first fired'));
  await expect(clock.run(bounded(deaf, within(100)))).rejects.toBe('first set, first fired');
});

test('does not begin what comes too late or aborted', async () => {
  const call = vi.fn(deaf);
  await expect(bounded(call, within(0))).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  await expect(bounded(call, within(-5))).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  caller.abort('earlier');
  await expect(bounded(call, within(100))).rejects.toBe('earlier');
  expect(call).not.toHaveBeenCalled();
});

test('nested: the inner deadline passes through the outer one as it is', async () => {
  const inner = (signal: AbortSignal) => bounded(deaf, { ...within(50), signal });
  const error = await clock.run(bounded(inner, within(100)).catch((thrown: unknown) => thrown));
  expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED', message: 'No result within 50 ms.' });
  expect(clock.nowMs()).toBe(50);
});

test('without a deadline it still hears the caller and keeps no timer', async () => {
  const result = bounded(deaf, { clock, deadline: NO_DEADLINE, signal: caller.signal });
  expect(clock.pendingTimers()).toBe(0);
  caller.abort('enough');
  await expect(result).rejects.toBe('enough');
});

test('a result that comes after the deadline is dropped, an error too', async () => {
  const late = Promise.withResolvers<string>();
  const result = bounded(() => late.promise, within(100)).catch((error: unknown) => error);
  await clock.advance(100);
  late.reject(new Error('late'));
  expect(await result).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
});
