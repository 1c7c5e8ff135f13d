import { checkedNumber } from './validate.ts';

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
  /**
   * Calls `fire` once, `delayMs` from now and never earlier (0 or less: as soon as possible, never synchronously;
   * `Infinity`: never). Throws TypeError for NaN, here and in `reset`.
   */
  setTimer(delayMs: number, fire: () => void): Timer;
  /** Calls `fire` when the work of this turn of the event loop is done: sooner than a timer of 0 ms, which Node makes 1 ms. */
  nextTurn(fire: () => void): void;
}

/** Node turns a longer delay into 1 ms; we wait in legs of this length instead. */
const LONGEST_LEG_MS = 2 ** 31 - 1;

/** Node's timers count whole milliseconds: one that goes off this little too late, for what passes between two looks at the clock, is left as it is. */
const SLACK_MS = 0.1;

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
    checkedNumber('delayMs', delayMs);
    if (delayMs === Infinity) return this.cancel();
    this.dueMs = performance.now() + delayMs;
    // A system timer that goes off before `dueMs` just waits another leg, so postponing costs two assignments.
    if (this.handle === undefined || this.armedForMs > this.dueMs + SLACK_MS) this.arm(delayMs);
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

/** Real time. A timer that has not fired keeps the process alive: cancel what is no longer waited for. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  setTimer: (delayMs, fire) => new SystemTimer(delayMs, fire),
  nextTurn: (fire) => void setImmediate(fire),
};

/** A moment of wall time as the `Date` that some libraries want: `Date` itself is banned outside this file. */
export function dateAt(epochMs: number): Date {
  return new Date(epochMs);
}

/** The moment a date names (HTTP, ISO 8601), in milliseconds since 1970; `NaN` when it names none. */
export function parseEpochMs(text: string): number {
  return Date.parse(text);
}
