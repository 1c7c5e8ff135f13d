import { getEventListeners } from 'node:events';
import { setImmediate as realTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { abortable, AbortReason, isAbortReason, linkedController } from './abort.ts';

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

test('a reason looks like an abort to strangers and tells its cause to us', () => {
  const reason = new AbortReason('shutdown');
  expect(reason).toMatchObject({ name: 'AbortError', abortCause: 'shutdown', message: 'Aborted: shutdown' });
  expect(new AbortReason('user', 'Ctrl-C').message).toBe('Ctrl-C');
  expect(isAbortReason(reason)).toBe(true);
  for (const other of [new DOMException('x', 'AbortError'), { abortCause: 'user' }, null, 'user']) {
    expect(isAbortReason(other)).toBe(false);
  }
});

test('a linked controller takes over the reason of its parent', () => {
  const parent = new AbortController();
  const child = linkedController(parent.signal);
  const late = new AbortReason('user');
  parent.abort(late);
  expect(child.signal.reason).toBe(late);
  expect(linkedController(parent.signal).signal.reason).toBe(late);
});

test('a linked controller aborts alone, and an earlier reason stays', () => {
  const parent = new AbortController();
  const child = linkedController(parent.signal);
  child.abort('mine');
  parent.abort('theirs');
  expect(child.signal.reason).toBe('mine');
});

test('an unlinked controller no longer follows and has left no listener', () => {
  const parent = new AbortController();
  const children = Array.from({ length: 100 }, () => linkedController(parent.signal));
  expect(listenersOf(parent.signal)).toBe(100);
  for (const child of children) child.unlink();
  expect(listenersOf(parent.signal)).toBe(0);
  parent.abort();
  expect(children.some((child) => child.signal.aborted)).toBe(false);
});

test('abortable passes on what the work does, without a listener left at that moment', async () => {
  const { signal } = new AbortController();
  await expect(abortable(Promise.resolve('done'), signal)).resolves.toBe('done');
  expect(listenersOf(signal)).toBe(0);
  await expect(abortable(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken');
  expect(listenersOf(signal)).toBe(0);
});

test('abortable rejects on abort although the work never settles', async () => {
  const controller = new AbortController();
  const result = abortable(new Promise(() => {}), controller.signal);
  controller.abort('stop');
  await expect(result).rejects.toBe('stop');
  expect(listenersOf(controller.signal)).toBe(0);
});

test('abortable rejects at once on an aborted signal, whatever the work does', async () => {
  const signal = AbortSignal.abort('earlier');
  await expect(abortable(Promise.resolve('done'), signal)).rejects.toBe('earlier');
  await expect(abortable(new Promise(() => {}), signal)).rejects.toBe('earlier');
  expect(listenersOf(signal)).toBe(0);
});

test('work that rejects after the abort is not an unhandled rejection', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  try {
    const before = Promise.withResolvers<never>();
    const after = Promise.withResolvers<never>();
    const controller = new AbortController();
    const result = abortable(before.promise, controller.signal);
    controller.abort('stop');
    await expect(result).rejects.toBe('stop');
    await expect(abortable(after.promise, controller.signal)).rejects.toBe('stop');
    before.reject(new Error('late'));
    after.reject(new Error('late'));
    await realTurn();
    expect(unhandled).not.toHaveBeenCalled();
  } finally {
    process.off('unhandledRejection', unhandled);
  }
});
