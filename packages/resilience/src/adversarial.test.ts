/**
 * What common resilience libraries were measured to get wrong (cockatiel 4.0, opossum 10.0, p-retry 9.0), run against our
 * own pieces. Each title names the behaviour that must hold.
 */
import { expect, test, vi } from 'vitest';
import { AbortReason } from './abort.ts';
import { bounded } from './bounded.ts';
import { createBreaker } from './breaker.ts';
import type { Breaker, BreakerOutcome } from './breaker.ts';
import { createBulkhead } from './bulkhead.ts';
import { deadlineIn, NO_DEADLINE } from './deadline.ts';
import { seededRandom } from './random.ts';
import { retry } from './retry.ts';
import type { RetryOptions } from './retry.ts';
import { createRetryBudget } from './retry-budget.ts';
import { sleep } from './sleep.ts';
import { createVirtualClock } from './virtual-clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

const never = new AbortController().signal;
/** The upper end of every jitter, or nearly. */
const highest = { next: () => 1 - Number.EPSILON };

/** Never ends and never looks at its signal. */
const deaf = () => new Promise<never>(() => {});
const alwaysFails = () => vi.fn((): Promise<never> => Promise.reject(new Error('down')));
const breakerOn = (clock: VirtualClock) => createBreaker({ clock, random: seededRandom('breaker') });
const attempt = (breaker: Breaker, outcome: BreakerOutcome): boolean => {
  const permit = breaker.tryAcquire();
  if (permit.ok) permit.release(outcome);
  return permit.ok;
};
const retryOptions = (clock: VirtualClock, more: Partial<RetryOptions> = {}): RetryOptions => ({
  attempts: 3,
  clock,
  random: highest,
  deadline: NO_DEADLINE,
  signal: never,
  ...more,
});

test('an abort at 100 ms in a backoff of 2 s ends it at 100 ms and starts no further attempt', async () => {
  const clock = createVirtualClock();
  const caller = new AbortController();
  clock.setTimer(100, () => caller.abort('enough'));
  const call = alwaysFails();
  const backoff = { baseMs: 2_000 };
  await expect(clock.run(retry(call, retryOptions(clock, { backoff, signal: caller.signal })))).rejects.toBe(
    'enough',
  );
  expect(clock.nowMs()).toBe(100);
  await clock.advance(60_000);
  expect(call).toHaveBeenCalledOnce();
});

test('a call of 1.5 s that ignores its signal is left at its deadline of 100 ms', async () => {
  const clock = createVirtualClock();
  const result = bounded(() => sleep(clock, 1_500, never), {
    clock,
    deadline: deadlineIn(clock, 100),
    signal: never,
  });
  await expect(clock.run(result)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(clock.nowMs()).toBe(100);
});

test('a call of 1.5 s that ignores its signal is left at an abort after 100 ms', async () => {
  const clock = createVirtualClock();
  const caller = new AbortController();
  clock.setTimer(100, () => caller.abort('enough'));
  const result = bounded(() => sleep(clock, 1_500, never), {
    clock,
    deadline: NO_DEADLINE,
    signal: caller.signal,
  });
  await expect(clock.run(result)).rejects.toBe('enough');
  expect(clock.nowMs()).toBe(100);
});

test('each call has a deadline of its own, and it stops a running attempt', async () => {
  const clock = createVirtualClock();
  const endedAtMs: number[] = [];
  const callWithin = (ms: number) =>
    retry(
      (signal) => sleep(clock, 10_000, signal),
      retryOptions(clock, { deadline: deadlineIn(clock, ms) }),
    ).catch(() => endedAtMs.push(clock.nowMs()));
  await clock.run(Promise.all([callWithin(300), callWithin(20), callWithin(150)]));
  expect(endedAtMs).toEqual([20, 150, 300]);
});

test("a user's abort is reported as the user's, a time-out as a time-out", async () => {
  const clock = createVirtualClock();
  const caller = new AbortController();
  const reason = new AbortReason('user');
  const options = { clock, deadline: deadlineIn(clock, 5_000), signal: caller.signal };
  const timedOut = bounded(deaf, { ...options, deadline: deadlineIn(clock, 50) }).catch(
    (error: unknown) => error,
  );
  const aborted = bounded(deaf, options).catch((error: unknown) => error);
  clock.setTimer(100, () => caller.abort(reason));
  expect(await clock.run(timedOut)).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(await clock.run(aborted)).toBe(reason);
});

test('a Retry-After is waited out, and one that does not fit the deadline is not waited for at all', async () => {
  const clock = createVirtualClock();
  const startedAtMs: number[] = [];
  const rateLimited = async () => {
    startedAtMs.push(clock.nowMs());
    throw new Error('429');
  };
  const options = (deadlineMs: number) =>
    retryOptions(clock, { hintMs: () => 7_000, deadline: deadlineIn(clock, deadlineMs) });
  await expect(clock.run(retry(rateLimited, options(10_000)))).rejects.toThrow('429');
  expect(startedAtMs).toEqual([0, 7_000]);
  expect(clock.nowMs()).toBe(7_000);
});

test('the jitter is full: a third of all first waits lies in each third of the range', async () => {
  const clock = createVirtualClock();
  const random = seededRandom('jitter');
  const thirds = [0, 0, 0];
  const onRetry = ({ delayMs }: { delayMs: number }) => void thirds[Math.floor((delayMs / 250) * 3)]!++;
  const calls = Array.from({ length: 3_000 }, () =>
    retry(alwaysFails(), retryOptions(clock, { attempts: 2, random, onRetry })).catch(() => 'failed'),
  );
  await clock.run(Promise.all(calls));
  for (const count of thirds) expect(Math.abs(count - 1_000)).toBeLessThan(155);
});

test('one retry budget holds back all calls that share it', async () => {
  const clock = createVirtualClock();
  const budget = createRetryBudget();
  const call = alwaysFails();
  for (let second = 0; second < 600; second++) {
    await clock.run(retry(call, retryOptions(clock, { budget })).catch(() => 'failed'));
  }
  expect(call.mock.calls.length).toBeLessThanOrEqual(600 * 1.1 + 10);
});

test('one failure after an idle hour does not open the breaker, whatever happened before', async () => {
  const clock = createVirtualClock();
  const breaker = breakerOn(clock);
  for (let at = 0; at < 5; at++) attempt(breaker, 'ok');
  // One more failure now would open it twice over: the fifth in a row, and half of ten calls.
  for (let at = 0; at < 4; at++) attempt(breaker, 'failed');
  await clock.advance(3_600_000);
  attempt(breaker, 'failed');
  expect(breaker.phase).toBe('closed');
});

test('at 2 calls a second and 100 % failures the breaker opens after 5 and lets hardly any through', async () => {
  const clock = createVirtualClock();
  const breaker = breakerOn(clock);
  const letThrough: number[] = [];
  for (let call = 1; call <= 200; call++) {
    if (attempt(breaker, 'failed')) letThrough.push(call);
    await clock.advance(500);
  }
  expect(letThrough.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
  // After 5, 10, 20 and 40 s, each give or take a fifth: four probes in 100 s.
  expect(letThrough.length).toBeLessThanOrEqual(5 + 5);
});

test('the second caller of a probing breaker is refused at once, not held until the probe ends', async () => {
  const clock = createVirtualClock();
  const breaker = breakerOn(clock);
  for (let at = 0; at < 5; at++) attempt(breaker, 'failed');
  await clock.advance(6_000);
  expect(breaker.tryAcquire().ok).toBe(true);
  expect(breaker.tryAcquire()).toEqual({ ok: false, retryInMs: 5_000 });
  expect(clock.pendingTimers()).toBe(0);
});

test.each([-3_600_000, 3_600_000])(
  'a wall clock that jumps by %d ms neither opens nor reopens',
  async (byMs) => {
    const clock = createVirtualClock();
    const [jumped, steady] = [breakerOn(clock), breakerOn(clock)];
    for (let at = 0; at < 5; at++) for (const breaker of [jumped, steady]) attempt(breaker, 'failed');
    await clock.advance(1_000);
    const before = steady.tryAcquire();
    clock.jumpEpoch(byMs);
    expect(jumped.tryAcquire()).toEqual(before);
    await clock.advance(6_000);
    expect(jumped.phase).toBe('probing');
  },
);

test('the time-out of one call does not abort another, and its place stays taken until it has really ended', async () => {
  const clock = createVirtualClock();
  const bulkhead = createBulkhead({ maxInFlight: 2, maxQueued: 0, clock });
  const guarded = <T>(ms: number, call: (signal: AbortSignal) => Promise<T>) => {
    const deadline = deadlineIn(clock, ms);
    const held = async (signal: AbortSignal) => {
      const release = await bulkhead.acquire({ deadline, signal });
      return call(signal).finally(release);
    };
    return bounded(held, { clock, deadline, signal: never });
  };
  const deafSick = guarded(100, () => sleep(clock, 300, never)).catch((error: unknown) => error);
  const healthy = guarded(1_000, (signal) => sleep(clock, 500, signal).then(() => 'healthy'));
  expect(await clock.run(deafSick)).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(bulkhead.inFlight).toBe(2);
  await clock.advance(200);
  expect(bulkhead.inFlight).toBe(1);
  expect(await clock.run(healthy)).toBe('healthy');
});
