import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBreaker } from './breaker.ts';
import type { BreakerOutcome, BreakerPermit, BreakerPhase } from './breaker.ts';
import { seededRandom } from './random.ts';
import { createVirtualClock } from './virtual-clock.ts';

type Permit = Extract<BreakerPermit, { ok: true }>;

const outcome = fc.constantFrom<BreakerOutcome>('ok', 'failed', 'failed', 'ignored');
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('call' as const), outcome }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('begin' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), pick: fc.nat(), outcome }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 500, 5_000, 6_000, 61_000),
    }),
  },
);
const steps = fc.array(step, { maxLength: 80, size: 'max' });

function setUp(seed: number) {
  const clock = createVirtualClock();
  const changes: BreakerPhase[] = [];
  const random = seededRandom(seed);
  const breaker = createBreaker({ clock, random, onChange: (phase) => changes.push(phase) });
  return { clock, changes, breaker };
}

test('never two probes at a time, never stuck, and each change of phase is a legal one', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer(), async (run, seed) => {
      const { clock, changes, breaker } = setUp(seed);
      const calls: { permit: Permit; probe: boolean }[] = [];
      const end = (at: number, how: BreakerOutcome) => calls.splice(at, 1)[0]?.permit.release(how);
      const begin = (): boolean => {
        const { phase, retryInMs } = breaker;
        const permit = breaker.tryAcquire();
        const probeOut = calls.some((call) => call.probe);
        // Closed lets everybody through, open nobody, probing one.
        expect(permit.ok).toBe(phase === 'closed' || (phase === 'probing' && !probeOut));
        if (permit.ok) calls.push({ permit, probe: phase === 'probing' });
        expect(permit.ok ? 0 : permit.retryInMs).toBe(retryInMs);
        expect(retryInMs).toBeLessThanOrEqual(72_000);
        return permit.ok;
      };
      for (const next of run) {
        if (next.do === 'wait') await clock.advance(next.ms);
        else if (next.do === 'end') end(next.pick % Math.max(1, calls.length), next.outcome);
        else if (begin() && next.do === 'call') end(calls.length - 1, next.outcome);
        expect(calls.filter((call) => call.probe).length).toBeLessThanOrEqual(1);
      }

      while (calls.length > 0) end(0, 'ok');
      await clock.advance(72_000);
      for (let probe = 0; probe < 2 && breaker.phase !== 'closed'; probe++) {
        expect(begin()).toBe(true);
        end(0, 'ok');
      }
      expect(breaker.phase).toBe('closed');
      expect(`closed ${changes.join(' ')}`).toMatch(/^closed ?(open probing (open probing )*closed ?)*$/);
    }),
  );
});

test('opens exactly when the rule says so, for any history of a closed circuit', async () => {
  const call = fc.record({
    failed: fc.boolean(),
    afterMs: fc.constantFrom(0, 100, 2_000, 6_000, 30_000, 60_001),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 60, size: 'max' }), async (calls) => {
      const { clock, breaker } = setUp(1);
      const history: { atMs: number; failed: boolean }[] = [];
      for (const { failed, afterMs } of calls) {
        await clock.advance(afterMs);
        const permit = breaker.tryAcquire();
        if (permit.ok) permit.release(failed ? 'failed' : 'ok');
        history.push({ atMs: clock.nowMs(), failed });
        expect(breaker.phase).toBe(mustOpen(history) ? 'open' : 'closed');
        if (breaker.phase === 'open') return;
      }
    }),
  );
});

/** Which tenth of a window a moment lies in. */
const tenth = (atMs: number) => Math.floor(atMs / 6_000);

/** The rule in words, from the whole history: slow, and too simple to be wrong. */
function mustOpen(history: readonly { atMs: number; failed: boolean }[]): boolean {
  const last = history.at(-1)!;
  if (!last.failed) return false;
  const recent = history.filter(({ atMs }) => tenth(atMs) > tenth(last.atMs) - 10);
  const failed = recent.filter((call) => call.failed);

  const lastFive = history.slice(-5);
  const gaps = lastFive.slice(1).map((call, at) => call.atMs - lastFive[at]!.atMs);
  const fiveInARow =
    lastFive.length === 5 && lastFive.every((call) => call.failed) && gaps.every((ms) => ms <= 60_000);
  return fiveInARow || (recent.length >= 10 && failed.length / recent.length >= 0.5);
}

test('ignored outcomes, put in anywhere, change no later decision', async () => {
  const insertions = fc.array(fc.boolean(), { minLength: 80, maxLength: 80, size: 'max' });
  await fc.assert(
    fc.asyncProperty(steps, insertions, fc.integer(), async (run, ignoredBefore, seed) => {
      const plain = setUp(seed);
      const noisy = setUp(seed);
      for (const [at, next] of run.entries()) {
        if (ignoredBefore[at] === true) {
          const extra = noisy.breaker.tryAcquire();
          if (extra.ok) extra.release('ignored');
        }
        if (next.do === 'wait') {
          await Promise.all([plain.clock.advance(next.ms), noisy.clock.advance(next.ms)]);
        } else if (next.do === 'call') {
          const [expected, actual] = [plain.breaker.tryAcquire(), noisy.breaker.tryAcquire()];
          expect(JSON.stringify(actual)).toBe(JSON.stringify(expected));
          if (expected.ok) expected.release(next.outcome);
          if (actual.ok) actual.release(next.outcome);
        }
        expect(noisy.breaker.phase).toBe(plain.breaker.phase);
      }
    }),
  );
});
