/** A running timer. Resetting is cheap (no new system timer), because stream watchdogs reset on every chunk. */
export interface Timer {
  /** Fires `delayMs` from now instead of at the earlier due time. Revives a timer that fired or was cancelled. */
  reset(delayMs: number): void;
  /** Never fires after this. Safe to call twice. */
  cancel(): void;
}

/** The only source of time. Injected everywhere, so that a whole chain can run under a virtual clock. */
export interface Clock {
  /** Milliseconds on a clock that never goes backwards; its origin means nothing. Never store it. */
  nowMs(): number;
  /** Wall-clock milliseconds since 1970. May jump either way: for records only, never for measuring. */
  epochMs(): number;
  /** Calls `fire` once, `delayMs` from now (0 or less: as soon as possible, never synchronously). */
  setTimer(delayMs: number, fire: () => void): Timer;
}

/** Node clamps longer delays to 1 ms, which would fire at once; we wait in legs of this length instead. */
const LONGEST_LEG_MS = 2 ** 31 - 1;

class SystemTimer implements Timer {
  private dueMs = 0;
  private armedForMs = 0;
  private handle: NodeJS.Timeout | undefined;
  private readonly fire: () => void;

  constructor(delayMs: number, fire: () => void) {
    this.fire = fire;
    this.reset(delayMs);
  }

  reset(delayMs: number): void {
    this.dueMs = performance.now() + delayMs;
    // A system timer that fires too early just waits another leg, so postponing costs two assignments.
    if (this.handle !== undefined && this.armedForMs <= this.dueMs) return;
    this.arm(delayMs);
  }

  cancel(): void {
    clearTimeout(this.handle);
    this.handle = undefined;
  }

  private arm(delayMs: number): void {
    clearTimeout(this.handle);
    const legMs = Math.max(0, Math.min(delayMs, LONGEST_LEG_MS));
    this.armedForMs = performance.now() + legMs;
    this.handle = setTimeout(() => this.onLegEnd(), Math.ceil(legMs));
  }

  private onLegEnd(): void {
    const leftMs = this.dueMs - performance.now();
    if (leftMs > 0) return this.arm(leftMs);
    this.handle = undefined;
    this.fire();
  }
}

/** Real time. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  setTimer: (delayMs, fire) => new SystemTimer(delayMs, fire),
};
