import type { Clock, Timer } from './clock.ts';
import { checkedNumber } from './validate.ts';

export interface LoopMonitorOptions {
  readonly clock: Clock;
  /** How often to look, in milliseconds. Minimum 1. @default 50 */
  readonly everyMs?: number;
  /** How far back to remember, in milliseconds. Minimum `everyMs`. @default 1_000 */
  readonly windowMs?: number;
}

/** How late this process's own event loop is: with calls in flight, the first sign that there are too many of them. */
export interface LoopMonitor {
  /** Starts looking; does nothing if it does so already. Its timer keeps the process alive until `stop`. */
  start(): void;
  /** Stops looking. Start and stop it with the first and the last call in flight, so that an idle process has no timer. */
  stop(): void;
  /** 99 of 100 timers of the window were no later than this, in milliseconds; 0 while nothing is known. */
  readonly p99Ms: number;
}

interface Sample {
  readonly atMs: number;
  readonly lateMs: number;
}

/** @throws TypeError when an option is out of range */
export function createLoopMonitor(options: LoopMonitorOptions): LoopMonitor {
  const { clock } = options;
  const everyMs = checkedNumber('everyMs', options.everyMs ?? 50, { min: 1 });
  const windowMs = checkedNumber('windowMs', options.windowMs ?? 1_000, { min: everyMs });
  let samples: Sample[] = [];
  let timer: Timer | undefined;
  let dueMs = Infinity;

  const arm = (): void => {
    dueMs = clock.nowMs() + everyMs;
    timer ??= clock.setTimer(everyMs, look);
    timer.reset(everyMs);
  };
  const recent = (): Sample[] => {
    const sinceMs = clock.nowMs() - windowMs;
    return samples.filter((sample) => sample.atMs > sinceMs);
  };
  const look = (): void => {
    samples = recent();
    samples.push({ atMs: clock.nowMs(), lateMs: clock.nowMs() - dueMs });
    arm();
  };

  return {
    start() {
      if (dueMs === Infinity) arm();
    },
    stop() {
      timer?.cancel();
      dueMs = Infinity;
    },
    get p99Ms() {
      // A timer that is overdue already tells as much as one that has fired late.
      const lateMs = recent().map((sample) => sample.lateMs);
      lateMs.push(Math.max(0, clock.nowMs() - dueMs));
      lateMs.sort((a, b) => a - b);
      return lateMs[Math.ceil(0.99 * lateMs.length) - 1] as number;
    },
  };
}
