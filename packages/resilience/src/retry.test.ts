import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { deadlineIn } from './deadline.ts';
import { ResilienceError } from './errors.ts';
import { retry } from './retry.ts';
import type { RetryNotice, RetryOptions } from './retry.ts';
import { createRetryBudget } from './retry-budget.ts';
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

/** Half of each backoff's upper bound: 125, 250, 500 ms ... */
const random = { next: () => 0.5 };
const options = (more: Partial<RetryOptions> = {}): RetryOptions => ({
  attempts: 3,
  clock,
  random,
  deadline: deadlineIn(clock, 60_000),
  signal: caller.signal,
  ...more,
});
/** Fails until attempt `worksAt`, each time with another error. */
const flaky = (worksAt: number) =>
  vi.fn(async (_signal: AbortSignal, attempt: number) => {
    if (attempt < worksAt) throw new Error(`failure ${attempt}`);
    return `attempt ${attempt}`;
  });

test('tries until it works, with growing waits', async () => {
  const notices: RetryNotice[] = [];
  const call = flaky(3);
  const result = retry(call, options({ onRetry: (notice) => notices.push(notice) }));
  await expect(clock.run(result)).resolves.toBe('attempt 3');
  expect(clock.nowMs()).toBe(125 + 250);
  expect(notices).toMatchObject([
    { attempt: 1, delayMs: 125, error: { message: 'failure 1' } },
    { attempt: 2, delayMs: 250, error: { message: 'failure 2' } },
  ]);
});

test('gives up with the last error after so many attempts', async () => {
  const call = flaky(10);
  await expect(clock.run(retry(call, options()))).rejects.toThrow('failure 3');
  expect(call).toHaveBeenCalledTimes(3);
});

test('one attempt means no retry', async () => {
  const call = flaky(2);
  await expect(retry(call, options({ attempts: 1 }))).rejects.toThrow('failure 1');
  await expect(retry(call, options({ attempts: 0 }))).rejects.toThrow('Expected `attempts`');
});

test('what no retry can help is not retried', async () => {
  const call = flaky(3);
  const result = retry(call, options({ shouldRetry: (error) => (error as Error).message !== 'failure 2' }));
  await expect(clock.run(result)).rejects.toThrow('failure 2');
  expect(call).toHaveBeenCalledTimes(2);
});

test('each attempt has a signal of its own, all of them follow the caller', async () => {
  const signals: AbortSignal[] = [];
  const result = retry((signal, attempt) => {
    signals.push(signal);
    return attempt < 2 ? Promise.reject(new Error('once')) : new Promise<never>(() => {});
  }, options());
  await clock.advance(200);
  caller.abort('stop');
  await expect(result).rejects.toBe('stop');
  expect(signals).toHaveLength(2);
  expect(signals.map((signal) => signal.aborted)).toEqual([false, true]);
});

test('an abort in the middle of a wait rejects at once and starts nothing', async () => {
  const call = flaky(3);
  const result = retry(call, options({ backoff: { baseMs: 4_000 } })).catch((error: unknown) => error);
  await clock.advance(100);
  caller.abort('stop');
  expect(await result).toBe('stop');
  expect(clock.nowMs()).toBe(100);
  await clock.advance(10_000);
  expect(call).toHaveBeenCalledOnce();
});

test('an abort while the attempt fails takes nothing from the budget and announces no retry', async () => {
  const budget = createRetryBudget();
  const onRetry = vi.fn();
  const result = retry(async () => {
    queueMicrotask(() => caller.abort('stop'));
    throw new Error('broken');
  }, options({ budget, onRetry }));
  await expect(result).rejects.toBe('stop');
  expect(budget.level).toBe(10);
  expect(onRetry).not.toHaveBeenCalled();
});

test('the deadline bounds a running attempt and ends the retries', async () => {
  const call = vi.fn(() => new Promise<never>(() => {}));
  const result = retry(call, options({ deadline: deadlineIn(clock, 100) }));
  await expect(clock.run(result)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(clock.nowMs()).toBe(100);
  expect(call).toHaveBeenCalledOnce();
});

test.each([
  [126, 2],
  [125, 1],
])('a wait of 125 ms with %d ms left makes %d attempts', async (leftMs, attempts) => {
  const call = flaky(10);
  const result = retry(call, options({ deadline: deadlineIn(clock, leftMs) }));
  await expect(clock.run(result)).rejects.toThrow(`failure ${attempts}`);
  expect(call).toHaveBeenCalledTimes(attempts);
  expect(clock.nowMs()).toBe(attempts === 1 ? 0 : 125);
});

test('a hint is a minimum, and one that does not fit before the deadline fails at once', async () => {
  const result = retry(flaky(2), options({ hintMs: () => 3_000 }));
  await clock.run(result);
  expect(clock.nowMs()).toBe(3_000);

  const tooLong = retry(flaky(2), options({ hintMs: () => 61_000 }));
  await expect(tooLong).rejects.toThrow('failure 1');
  expect(clock.nowMs()).toBe(3_000);
});

test('no hint for this error leaves the backoff as it is', async () => {
  await clock.run(retry(flaky(2), options({ hintMs: () => undefined })));
  expect(clock.nowMs()).toBe(125);
});

test('each call pays into the budget once, however many attempts it makes', async () => {
  const budget = createRetryBudget({ capacity: 5 });
  for (let drained = 0; drained < 5; drained++) budget.tryRetry();
  for (let call = 0; call < 10; call++) await retry(flaky(1), options({ budget }));
  expect(budget.level).toBe(1);
  await clock.run(retry(flaky(2), options({ budget })));
  expect(budget.level).toBeCloseTo(0.1, 10);
});

test('calls that share a budget share their retries', async () => {
  const budget = createRetryBudget({ capacity: 3 });
  const calls = Array.from({ length: 4 }, () => flaky(10));
  const results = calls.map((call) => retry(call, options({ budget })).catch(() => 'failed'));
  await clock.run(Promise.all(results));
  const attempts = calls.reduce((sum, call) => sum + call.mock.calls.length, 0);
  expect(attempts).toBe(4 + 3);
});

test.each([
  ['DEADLINE_EXCEEDED', 8],
  ['STALLED', 8],
  ['QUEUE_FULL', 9],
] as const)('a retry after %s leaves %d of 10 tokens', async (code, level) => {
  const budget = createRetryBudget();
  const call = async (_signal: AbortSignal, attempt: number) => {
    if (attempt === 1) throw new ResilienceError(code, 'first');
  };
  await clock.run(retry(call, options({ budget })));
  expect(budget.level).toBe(level);
});

test('a retry that does not happen costs nothing', async () => {
  const budget = createRetryBudget();
  const results = [
    retry(flaky(2), options({ budget, attempts: 1 })),
    retry(flaky(2), options({ budget, shouldRetry: () => false })),
    retry(flaky(2), options({ budget, deadline: deadlineIn(clock, 10) })),
  ];
  await Promise.allSettled(results);
  expect(budget.level).toBe(10);
});
