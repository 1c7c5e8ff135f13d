import { expect, test, vi } from 'vitest';
import { createBreaker } from './breaker.ts';
import type { BreakerOptions, BreakerOutcome } from './breaker.ts';
import { createVirtualClock } from './virtual-clock.ts';

/** Jitter of exactly nothing. */
const random = { next: () => 0.5 };

function setUp(options: BreakerOptions = {}) {
  const clock = createVirtualClock();
  const onChange = vi.fn();
  const breaker = createBreaker({ ...options, clock, random, onChange });
  const acquire = () => {
    const permit = breaker.tryAcquire();
    if (!permit.ok) throw new Error(`refused for ${permit.retryInMs} ms`);
    return permit;
  };
  const call = (outcome: BreakerOutcome) => acquire().release(outcome);
  const calls = (outcome: BreakerOutcome, times: number) => {
    for (let at = 0; at < times; at++) call(outcome);
  };
  return { clock, onChange, breaker, acquire, call, calls };
}

test('opens, refuses with the time left, probes, closes, and says so', async () => {
  const { clock, onChange, breaker, call, calls } = setUp();
  calls('failed', 5);
  expect(breaker.phase).toBe('open');
  await clock.advance(1_000);
  expect(breaker.tryAcquire()).toEqual({ ok: false, retryInMs: 4_000 });
  await clock.advance(4_000);
  call('ok');
  expect(breaker.phase).toBe('probing');
  call('ok');
  expect(breaker.phase).toBe('closed');
  expect(onChange.mock.calls).toEqual([['open'], ['probing'], ['closed']]);
});

test('closes with a clean slate and the first open time', async () => {
  const { clock, breaker, call, calls } = setUp();
  calls('failed', 5);
  await clock.advance(5_000);
  call('failed');
  await clock.advance(10_000);
  calls('ok', 2);
  calls('failed', 4);
  expect(breaker.phase).toBe('closed');
  call('failed');
  expect(breaker.tryAcquire()).toEqual({ ok: false, retryInMs: 5_000 });
});

test('an answer to a call that did not ask lets the next one probe at once', () => {
  const { breaker, acquire, calls } = setUp();
  calls('failed', 5);
  expect(breaker.retryInMs).toBeGreaterThan(0);
  breaker.onSignOfLife();
  expect([breaker.phase, breaker.retryInMs]).toEqual(['probing', 0]);
  acquire();
  expect(breaker.retryInMs).toBeGreaterThan(0);
});

test('lets one probe out at a time and tells everybody else at once', async () => {
  const { clock, breaker, acquire, calls } = setUp();
  calls('failed', 5);
  await clock.advance(5_000);
  const probe = acquire();
  for (let other = 0; other < 3; other++) {
    expect(breaker.tryAcquire()).toEqual({ ok: false, retryInMs: 5_000 });
  }
  probe.release('ok');
  acquire();
  expect(breaker.tryAcquire()).toMatchObject({ ok: false });
});

test('reading the phase and the time left takes no probe place and changes nothing', async () => {
  const { clock, onChange, breaker, acquire, calls } = setUp();
  calls('failed', 5);
  onChange.mockClear();
  await clock.advance(4_999);
  expect(breaker).toMatchObject({ phase: 'open', retryInMs: 1 });
  await clock.advance(1);
  for (let read = 0; read < 3; read++) expect(breaker).toMatchObject({ phase: 'probing', retryInMs: 0 });
  expect(onChange).not.toHaveBeenCalled();
  acquire().release('ok');
  expect(breaker).toMatchObject({ phase: 'probing', retryInMs: 0 });
  acquire();
  expect(breaker).toMatchObject({ phase: 'probing', retryInMs: 5_000 });
});

test('a call that began before the circuit opened can neither free the probe place nor close it', async () => {
  const { clock, breaker, acquire, calls } = setUp({ closeAfter: 1 });
  const slow = acquire();
  const slower = acquire();
  calls('failed', 5);
  await clock.advance(5_000);
  const probe = acquire();
  slow.release('ok');
  expect(breaker.phase).toBe('probing');
  slower.release('ignored');
  expect(breaker.tryAcquire()).toMatchObject({ ok: false });
  probe.release('ok');
  expect(breaker.phase).toBe('closed');
});

test('a call that failed before the circuit closed again does not count against it', async () => {
  const { clock, breaker, acquire, calls } = setUp();
  const stragglers = Array.from({ length: 20 }, () => acquire());
  calls('failed', 5);
  await clock.advance(5_000);
  calls('ok', 2);
  for (const straggler of stragglers) straggler.release('failed');
  expect(breaker.phase).toBe('closed');
});

test('opens on slow answers; what failed or was ignored is not slow', () => {
  const { breaker, acquire } = setUp();
  for (let call = 0; call < 7; call++) acquire().release('ok', { slow: true });
  for (let call = 0; call < 7; call++) acquire().release('ignored', { slow: true });
  for (let call = 0; call < 2; call++) acquire().release('ok', { slow: false });
  acquire().release('failed', { slow: true });
  expect(breaker.phase).toBe('closed');
  for (let call = 0; call < 5; call++) acquire().release('ok', { slow: true });
  expect(breaker.phase).toBe('open');
});

test('only the first release of a permit counts', async () => {
  const { clock, breaker, acquire, calls } = setUp();
  const permit = acquire();
  for (let again = 0; again < 20; again++) permit.release('failed');
  expect(breaker.phase).toBe('closed');
  calls('failed', 4);
  await clock.advance(5_000);
  const probe = acquire();
  probe.release('ok');
  probe.release('ok');
  expect(breaker.phase).toBe('probing');
});

test('works without a listener', () => {
  const breaker = createBreaker({ clock: createVirtualClock(), random, failuresToOpen: 1 });
  const permit = breaker.tryAcquire();
  if (permit.ok) permit.release('failed');
  expect(breaker.phase).toBe('open');
});

test('every limit can be set', async () => {
  const { clock, breaker, call, calls } = setUp({
    failuresToOpen: 100,
    failureRatioToOpen: 0.25,
    minimumCalls: 4,
    windowMs: 1_000,
    openForMs: 100,
    openForMaxMs: 150,
    closeAfter: 1,
  });
  calls('failed', 3);
  await clock.advance(1_000);
  calls('ok', 3);
  expect(breaker.phase).toBe('closed');
  call('failed');
  expect(breaker.tryAcquire()).toEqual({ ok: false, retryInMs: 100 });
  await clock.advance(100);
  call('failed');
  expect(breaker.tryAcquire()).toEqual({ ok: false, retryInMs: 150 });
  await clock.advance(150);
  call('ok');
  expect(breaker.phase).toBe('closed');
});

test('an open time above the usual longest one raises that too', async () => {
  const { clock, breaker, call, calls } = setUp({ openForMs: 90_000 });
  calls('failed', 5);
  await clock.advance(90_000);
  call('failed');
  expect(breaker.tryAcquire()).toEqual({ ok: false, retryInMs: 90_000 });
});

test.each([
  [{ failuresToOpen: 0 }, 'Expected `failuresToOpen` to be an integer of at least 1, got 0'],
  [{ failureRatioToOpen: 50 }, 'Expected `failureRatioToOpen` to be a number from 0 to 1, got 50'],
  [{ slowRatioToOpen: 1.5 }, 'Expected `slowRatioToOpen` to be a number from 0 to 1, got 1.5'],
  [{ minimumCalls: 1.5 }, 'Expected `minimumCalls` to be an integer of at least 1, got 1.5'],
  [{ windowMs: 0 }, 'Expected `windowMs` to be a number of at least 1, got 0'],
  [{ openForMs: 0 }, 'Expected `openForMs` to be a number of at least 1, got 0'],
  [{ openForMs: 10, openForMaxMs: 9 }, 'Expected `openForMaxMs` to be a number of at least 10, got 9'],
  [{ closeAfter: Number.NaN }, 'Expected `closeAfter` to be an integer of at least 1, got NaN'],
])('refuses %o', (options, message) => {
  expect(() => setUp(options)).toThrow(new TypeError(message));
});

test('errors that come back before the answers of the same burst do not open it', () => {
  const { breaker, acquire } = setUp();
  const burst = Array.from({ length: 60 }, acquire);
  for (const permit of burst.slice(0, 12)) permit.release('failed');
  expect(breaker.phase).toBe('closed');
  for (const permit of burst.slice(12)) permit.release('ok');
  expect(breaker.phase).toBe('closed');
});

test('a burst of which a third comes back as errors, and nothing else does, opens it', () => {
  const { breaker, acquire } = setUp();
  const burst = Array.from({ length: 60 }, acquire);
  for (const permit of burst.slice(0, 19)) permit.release('failed');
  expect(breaker.phase).toBe('closed');
  burst[19]?.release('failed');
  expect(breaker.phase).toBe('open');
});

test('long calls that began before the trouble do not hide it', () => {
  const { breaker, acquire, calls } = setUp();
  Array.from({ length: 60 }, acquire);
  calls('failed', 5);
  expect(breaker.phase).toBe('open');
});

test('calls that began along with failures before a success are counted no more', () => {
  const { breaker, acquire, call, calls } = setUp({ failureRatioToOpen: 1 });
  const [first] = Array.from({ length: 60 }, acquire);
  first?.release('failed');
  call('ok');
  calls('failed', 5);
  expect(breaker.phase).toBe('open');
});
