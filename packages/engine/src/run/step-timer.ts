import type { Clock, Timer } from '@paceline/resilience';

/**
 * Times the visits of one run. Those that follow one another share a system timer, which is only put off from one to the next: to set one and
 * clear it costs a short step more than its own work.
 */
export class StepTimer {
  private readonly clock: Clock;
  private timer: Timer | undefined;
  /** What the shared timer is for; it may run on for nothing. */
  private onDue: (() => void) | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Calls `onDue` once, `delayMs` from now. Cancel it when it is no longer waited for. */
  set(delayMs: number, onDue: () => void): Pick<Timer, 'cancel'> {
    // Visits side by side.
    if (this.onDue !== undefined) return this.clock.setTimer(delayMs, onDue);
    this.onDue = onDue;
    if (this.timer === undefined) this.timer = this.clock.setTimer(delayMs, () => this.fire());
    else this.timer.reset(delayMs);
    const cancel = (): void => {
      // The next visit may have begun already.
      if (this.onDue === onDue) this.onDue = undefined;
    };
    return { cancel };
  }

  /** No visit works for now. */
  rest(): void {
    this.timer?.cancel();
  }

  private fire(): void {
    const { onDue } = this;
    this.onDue = undefined;
    onDue?.();
  }
}
