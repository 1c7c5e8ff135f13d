export interface AdmissionLimits {
  /** Minimum 1. */
  readonly maxActiveRuns: number;
  /** Minimum 0. */
  readonly maxQueuedRuns: number;
}

/** A run that waits for its place. */
export interface Waiter {
  /** Called once, when it has one. */
  admit(): void;
  /** Called once, when it gets none. */
  refuse(): void;
}

/**
 * How many runs an engine works on at once, and how many wait for that. A run at rest needs no place, and is not held up when it goes
 * on: until others have ended there may then be more at work than are let in.
 */
export class Admission {
  private readonly limits: AdmissionLimits;
  private readonly working = new Set<string>();
  private readonly resting = new Set<string>();
  /** The first comes first. */
  private readonly queue = new Map<string, Waiter>();

  /** @throws TypeError */
  constructor(limits: AdmissionLimits) {
    checkLimit('maxActiveRuns', limits.maxActiveRuns, 1);
    checkLimit('maxQueuedRuns', limits.maxQueuedRuns, 0);
    this.limits = limits;
  }

  get hasPlace(): boolean {
    return this.working.size < this.limits.maxActiveRuns;
  }

  get hasRoomToWait(): boolean {
    return this.queue.size < this.limits.maxQueuedRuns;
  }

  /** Takes a place, whether there is one or not. */
  enter(runId: string): void {
    this.working.add(runId);
  }

  wait(runId: string, waiter: Waiter): void {
    this.queue.set(runId, waiter);
  }

  /** Only of runs that have entered: child runs work in the place of their parent. */
  rest(runId: string, isAtRest: boolean): void {
    if (isAtRest && this.working.delete(runId)) this.resting.add(runId);
    if (!isAtRest && this.resting.delete(runId)) this.working.add(runId);
    this.admit();
  }

  /** The run has ended, or no longer waits. */
  exit(runId: string): void {
    this.queue.delete(runId);
    this.resting.delete(runId);
    this.working.delete(runId);
    this.admit();
  }

  /** Nobody who waits is let in any more. */
  refuseWaiting(): void {
    for (const [runId, waiter] of this.queue) {
      this.queue.delete(runId);
      waiter.refuse();
    }
  }

  private admit(): void {
    for (const [runId, waiter] of this.queue) {
      if (!this.hasPlace) return;
      this.queue.delete(runId);
      this.working.add(runId);
      waiter.admit();
    }
  }
}

function checkLimit(name: string, value: number, least: number): void {
  const isCount = Number.isInteger(value) || value === Number.POSITIVE_INFINITY;
  if (isCount && value >= least) return;
  throw new TypeError(`Expected \`${name}\` to be a whole number of at least ${least}, got ${String(value)}`);
}
