import { expectTypeOf, test } from 'vitest';
import { createAdaptiveLimit, createBreaker, createBulkhead, NO_DEADLINE } from './index.ts';
import { ResilienceError, retry, systemClock, systemRandom } from './index.ts';
import type { Breaker, BreakerPhase, Clock, RetryOptions } from './index.ts';
import type { VirtualClock } from './testing.ts';

declare const breaker: Breaker;
declare const options: RetryOptions;

test('only a granted permit can be released, and only with a known outcome', () => {
  const permit = breaker.tryAcquire();
  // @ts-expect-error -- it may have been refused
  permit.release('ok');
  if (!permit.ok) {
    expectTypeOf(permit.retryInMs).toEqualTypeOf<number>();
    return;
  }
  // @ts-expect-error -- not an outcome
  permit.release('success');
});

test('phases and codes are closed', () => {
  expectTypeOf<BreakerPhase>().toEqualTypeOf<'closed' | 'open' | 'probing'>();
  // @ts-expect-error -- not in the table
  void new ResilienceError('TIMED_OUT', 'x');
});

test('a breaker cannot be made without its sources of time and chance', () => {
  // @ts-expect-error -- no clock
  createBreaker({ random: systemRandom });
  createBreaker({ clock: systemClock, random: systemRandom });
});

test('retry gives what the call gives, and takes hints per error, not per backoff', () => {
  expectTypeOf(retry(async () => 7, options)).resolves.toEqualTypeOf<number>();
  // @ts-expect-error -- `hintMs` is asked for each error
  const wrong: RetryOptions = { ...options, backoff: { hintMs: 5 } };
  void wrong;
  // @ts-expect-error -- a deadline is a moment, not a length
  const unbounded: RetryOptions = { ...options, deadline: 5_000 };
  void unbounded;
  void ({ ...options, deadline: NO_DEADLINE } satisfies RetryOptions);
});

test('an adaptive limit is what a bulkhead goes by, a breaker hears of slow answers', () => {
  const limiter = createAdaptiveLimit({ clock: systemClock, max: 64 });
  createBulkhead({ maxInFlight: () => limiter.limit, maxQueued: 256, clock: systemClock });
  // @ts-expect-error -- the moment a call was answered at is not what it tells
  limiter.onOk({ firstChunkMs: 5 });
  const permit = breaker.tryAcquire();
  if (permit.ok) permit.release('ok', { slow: true });
});

test('a virtual clock goes wherever a clock goes', () => {
  expectTypeOf<VirtualClock>().toExtend<Clock>();
});
