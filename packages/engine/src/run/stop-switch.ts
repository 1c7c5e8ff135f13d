import type { AbortReason } from '@paceline/resilience';

/**
 * Ends a visit's work, once. It is an AbortController that makes its signal only for those who ask for one: most code
 * steps do not, and a signal with a listener would cost them a tenth of what a step costs.
 */
export class StopSwitch {
  /** Why the work was stopped; undefined as long as it was not. */
  reason: AbortReason | undefined;
  /** The run stays in the journal as it is, for whoever recovers it: what the work has begun elsewhere is to stay too. */
  left = false;
  private controller: AbortController | undefined;
  private listener: ((reason: AbortReason) => void) | undefined;

  /** Aborts with `reason` when the work is stopped. */
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.reason !== undefined) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  /** The first reason counts. */
  stop(reason: AbortReason): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.controller?.abort(reason);
    this.listener?.(reason);
  }

  /** Stops the work here, to be gone on with by another owner. */
  leave(reason: AbortReason): void {
    if (this.reason === undefined) this.left = true;
    this.stop(reason);
  }

  /** Tells the reason the moment the work is stopped. One listener at a time. */
  whenStopped(tell: (reason: AbortReason) => void): void {
    if (this.reason === undefined) this.listener = tell;
    else tell(this.reason);
  }

  /** Rejects with the reason the moment the work is stopped, even if it goes on. One race at a time. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(resolve, reject);
      this.whenStopped(reject);
    });
  }
}

/** Stops `to` the way `from` was stopped. */
export function passOn(from: StopSwitch, to: Pick<StopSwitch, 'stop' | 'leave'>): void {
  if (from.reason === undefined) return;
  if (from.left) to.leave(from.reason);
  else to.stop(from.reason);
}
