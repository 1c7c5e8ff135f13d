import type { Timer } from '@paceline/resilience';
import type { RunRecord } from './record.ts';
import type { RunContext } from './step-run.ts';
import { standsStill } from './waiting.ts';

/** Watches over a run's deadline. Where waiting for people is free it follows the record: the deadline moves, or stands still. */
export class Expiry {
  private readonly context: RunContext;
  private readonly onDue: () => void;
  private timer: Timer | undefined;

  constructor(context: RunContext, onDue: () => void) {
    this.context = context;
    this.onDue = onDue;
  }

  start(): void {
    const { clock, deadline } = this.context;
    this.timer = clock.setTimer(deadline.atMs - clock.nowMs(), this.onDue);
  }

  /** The run has come to this. */
  follow(record: RunRecord): void {
    if (record.waiting === undefined) return;
    this.stop();
    const { deadline, startedMs, totalMs } = this.context;
    deadline.atMs = startedMs + totalMs + record.waiting.waitedMs;
    if (!standsStill(record)) this.start();
  }

  stop(): void {
    this.timer?.cancel();
  }
}
