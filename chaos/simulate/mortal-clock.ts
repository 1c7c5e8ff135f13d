import type { Clock, Timer } from '@paceline/resilience';

/** The clock of a process that may die: from then on none of its timers fires. */
export interface MortalClock extends Clock {
  readonly alive: boolean;
  die(): void;
}

/** @param skewMs by how much the machine's wall clock is ahead of the world's */
export function mortalClock(clock: Clock, skewMs = 0): MortalClock {
  let alive = true;
  const timers = new Set<Timer>();
  return {
    get alive() {
      return alive;
    },
    nowMs: () => clock.nowMs(),
    epochMs: () => clock.epochMs() + skewMs,
    setTimer(delayMs, fire) {
      const timer = clock.setTimer(alive ? delayMs : Number.POSITIVE_INFINITY, () => {
        timers.delete(timer);
        fire();
      });
      timers.add(timer);
      return {
        reset(againMs) {
          if (!alive) return;
          timers.add(timer);
          timer.reset(againMs);
        },
        cancel() {
          timers.delete(timer);
          timer.cancel();
        },
      };
    },
    nextTurn: (fire) =>
      clock.nextTurn(() => {
        if (alive) fire();
      }),
    die() {
      alive = false;
      for (const timer of timers) timer.cancel();
      timers.clear();
    },
  };
}

/** What a dead process still waits for. */
export const NEVER: Promise<never> = new Promise(() => {});
