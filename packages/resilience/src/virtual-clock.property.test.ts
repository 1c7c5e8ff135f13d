import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Timer } from './clock.ts';
import { createVirtualClock } from './virtual-clock.ts';

interface NaiveTimer {
  readonly id: number;
  dueMs: number;
  order: number;
}

/** The same clock as an unsorted list: slow, and too simple to be wrong. */
function naiveClock() {
  const timers: NaiveTimer[] = [];
  const fired: string[] = [];
  let nowMs = 0;
  let order = 0;
  const reset = (id: number, delayMs: number) => {
    timers[id] ??= { id, dueMs: 0, order: 0 };
    timers[id].dueMs = nowMs + Math.max(0, delayMs);
    timers[id].order = order++;
  };
  return {
    fired,
    reset,
    cancel: (id: number) => void (timers[id]!.dueMs = Infinity),
    pending: () => timers.filter((timer) => timer.dueMs < Infinity).length,
    nowMs: () => nowMs,
    advance(byMs: number) {
      const untilMs = nowMs + byMs;
      for (;;) {
        const [next] = timers
          .filter((timer) => timer.dueMs <= untilMs)
          .toSorted((a, b) => a.dueMs - b.dueMs || a.order - b.order);
        if (next === undefined) break;
        nowMs = next.dueMs;
        next.dueMs = Infinity;
        fired.push(`${next.id}@${nowMs}`);
        const again = revival(next.id, nowMs);
        if (again !== undefined) reset(next.id, again);
      }
      nowMs = untilMs;
    },
  };
}

/** Some timers set themselves again from their own callback, a few times. */
const revival = (id: number, nowMs: number) => (id % 3 === 0 && nowMs < 40 ? (id % 4) + 1 : undefined);

const operation = fc.oneof(
  fc.record({ do: fc.constant('set' as const), delayMs: fc.integer({ min: -2, max: 30 }) }),
  fc.record({ do: fc.constant('reset' as const), pick: fc.nat(), delayMs: fc.integer({ min: -2, max: 30 }) }),
  fc.record({ do: fc.constant('cancel' as const), pick: fc.nat() }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 20 }) }),
);

test('behaves like a sorted list for any sets, resets, cancels and advances', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 40, size: 'max' }), async (operations) => {
      const clock = createVirtualClock();
      const naive = naiveClock();
      const timers: Timer[] = [];
      const fired: string[] = [];
      for (const next of operations) {
        if (next.do === 'advance') {
          await clock.advance(next.ms);
          naive.advance(next.ms);
        } else if (next.do === 'set') {
          const id = timers.length;
          naive.reset(id, next.delayMs);
          const timer: Timer = clock.setTimer(next.delayMs, () => {
            fired.push(`${id}@${clock.nowMs()}`);
            const again = revival(id, clock.nowMs());
            if (again !== undefined) timer.reset(again);
          });
          timers.push(timer);
        } else if (timers.length > 0) {
          const id = next.pick % timers.length;
          if (next.do === 'cancel') {
            timers[id]!.cancel();
            naive.cancel(id);
          } else {
            timers[id]!.reset(next.delayMs);
            naive.reset(id, next.delayMs);
          }
        }
        expect(fired).toEqual(naive.fired);
        expect(clock.pendingTimers()).toBe(naive.pending());
        expect(clock.nowMs()).toBe(naive.nowMs());
      }
    }),
  );
});
