import { remainingMs } from '@paceline/resilience';
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

  /** @param record as it is when this process begins to work on the run; `null` before its first entry */
  start(record: RunRecord | null): void {
    if (record !== null && standsStill(record)) return;
    const { clock, deadline } = this.context;
    this.timer = clock.setTimer(deadline.atMs - clock.nowMs(), this.onDue);
  }

  /** Whether its time is over already. */
  isOver(record: RunRecord): boolean {
    const { clock, deadline } = this.context;
    return !standsStill(record) && remainingMs(deadline, clock) <= 0;
  }

  /** The run has come to this. */
  follow(record: RunRecord): void {
    if (record.waiting === undefined) return;
    this.stop();
    const { deadline, startedMs, totalMs } = this.context;
    deadline.atMs = startedMs + totalMs + record.waiting.waitedMs;
    this.start(record);
  }

  stop(): void {
    this.timer?.cancel();
  }
}
