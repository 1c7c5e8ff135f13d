import { getEventListeners } from 'node:events';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBulkhead } from './bulkhead.ts';
import { deadlineIn } from './deadline.ts';
import { isResilienceError } from './errors.ts';
import { createVirtualClock } from './virtual-clock.ts';

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('acquire' as const),
      withinMs: fc.constantFrom(0, 5, 20, 200, Infinity),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('release' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release-twice' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), pick: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 30 }) }),
  },
);

interface Caller {
  readonly startedAtMs: number;
  readonly deadlineMs: number;
  readonly controller: AbortController;
  outcome: 'waiting' | 'served' | 'released' | 'refused';
  endedAtMs?: number;
  error?: unknown;
  release?: () => void;
}

function setUp(maxInFlight: number, maxQueued: number) {
  const clock = createVirtualClock();
  const bulkhead = createBulkhead({ maxInFlight, maxQueued, clock });
  const callers: Caller[] = [];
  const among = (outcome: Caller['outcome']) => callers.filter((caller) => caller.outcome === outcome);

  const acquire = (withinMs: number): void => {
    const deadline = deadlineIn(clock, withinMs);
    const controller = new AbortController();
    const caller: Caller = {
      startedAtMs: clock.nowMs(),
      deadlineMs: deadline.atMs,
      controller,
      outcome: 'waiting',
    };
    callers.push(caller);
    void bulkhead.acquire({ deadline, signal: controller.signal }).then(
      (release) => Object.assign(caller, { outcome: 'served', release, endedAtMs: clock.nowMs() }),
      (error: unknown) => Object.assign(caller, { outcome: 'refused', error, endedAtMs: clock.nowMs() }),
    );
  };
  const release = (caller: Caller | undefined): void => {
    if (caller === undefined) return;
    caller.outcome = 'released';
    caller.release!();
  };
  return { clock, bulkhead, callers, among, acquire, release };
}

test('never above its limits, nobody lost, nobody served too late, no place idle, nothing left behind', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60, size: 'max' }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 5 }),
      async (steps, maxInFlight, maxQueued) => {
        const { clock, bulkhead, callers, among, acquire, release } = setUp(maxInFlight, maxQueued);
        for (const next of steps) {
          if (next.do === 'acquire') acquire(next.withinMs);
          if (next.do === 'release') release(pickFrom(among('served'), next.pick));
          if (next.do === 'release-twice') pickFrom(among('released'), next.pick)?.release!();
          if (next.do === 'abort') pickFrom(callers, next.pick)?.controller.abort('aborted');
          await clock.advance(next.do === 'wait' ? next.ms : 0);

          expect(bulkhead.inFlight).toBe(among('served').length);
          expect(bulkhead.queued).toBe(among('waiting').length);
          expect(bulkhead.inFlight).toBeLessThanOrEqual(maxInFlight);
          expect(bulkhead.queued).toBeLessThanOrEqual(maxQueued);
          if (bulkhead.queued > 0) expect(bulkhead.inFlight).toBe(maxInFlight);
        }

        while (among('served').length > 0) {
          release(among('served')[0]);
          await clock.advance(0);
        }
        expect(among('waiting')).toEqual([]);
        expect(bulkhead).toMatchObject({ inFlight: 0, queued: 0 });
        expect(clock.pendingTimers()).toBe(0);
        for (const caller of callers) {
          expect(getEventListeners(caller.controller.signal, 'abort')).toHaveLength(0);
          if (caller.outcome === 'released') expect(caller.endedAtMs).toBeLessThan(caller.deadlineMs);
          else expect(rightlyRefused(caller)).toBe(true);
        }
      },
    ),
  );
});

const pickFrom = <T>(from: readonly T[], pick: number): T | undefined =>
  from[pick % Math.max(1, from.length)];

/** Aborted with its own reason, at or after its deadline, or at once for a full queue: nothing else turns a caller away. */
function rightlyRefused({ error, controller, startedAtMs, endedAtMs = -1, deadlineMs }: Caller): boolean {
  if (error === 'aborted') return controller.signal.aborted;
  if (!isResilienceError(error)) return false;
  return error.code === 'QUEUE_FULL' ? endedAtMs === startedAtMs : endedAtMs >= deadlineMs;
}
