import type { Clock } from './clock.ts';
import { remainingMs } from './deadline.ts';
import type { Deadline } from './deadline.ts';
import { ResilienceError } from './errors.ts';
import { checkedNumber } from './validate.ts';

export interface BulkheadOptions {
  /** Places. Minimum 1. */
  readonly maxInFlight: number;
  /** Callers that may wait for one; the next is refused at once. Minimum 0. */
  readonly maxQueued: number;
  readonly clock: Clock;
}

export interface BulkheadRequest {
  /** The latest moment at which a place is still of use: the call's own deadline, or earlier by the time the work needs. */
  readonly deadline: Deadline;
  /** Aborting it gives up waiting. It does not give a place back: `release` does. */
  readonly signal: AbortSignal;
}

/** Keeps one slow target, or one greedy tenant, from taking all there is: so many at once, so many waiting, no more. */
export interface Bulkhead {
  /**
   * Resolves to `release` once a place is free. Call `release` when the work has really ended; further calls do nothing.
   *
   * Rejects with ResilienceError `QUEUE_FULL` or `DEADLINE_EXCEEDED`, or with `signal.reason`.
   */
  acquire(request: BulkheadRequest): Promise<() => void>;
  readonly inFlight: number;
  readonly queued: number;
}

interface Waiter {
  readonly sinceMs: number;
  readonly deadline: Deadline;
  serve(release: () => void): void;
  refuse(reason: unknown): void;
}

/** Once the oldest waiter has used up this share of its time, the queue is not a ripple but an overload. */
const OVERLOAD_SHARE = 0.1;

/**
 * First come, first served, until the head has waited more than 10 % of its time; then the newest is served first. In an
 * overload the oldest waiters will miss their deadlines anyway, and serving them first makes everybody miss theirs
 * (adaptive LIFO: Maurer, "Fail at Scale", ACM Queue 2015).
 * @throws TypeError when an option is out of range
 */
export function createBulkhead({ maxInFlight, maxQueued, clock }: BulkheadOptions): Bulkhead {
  checkedNumber('maxInFlight', maxInFlight, { min: 1, integer: true });
  checkedNumber('maxQueued', maxQueued, { min: 0, integer: true });
  const queue: Waiter[] = [];
  let inFlight = 0;

  const occupy = (): (() => void) => {
    inFlight++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      inFlight--;
      serveNext();
    };
  };

  const serveNext = (): void => {
    const nowMs = clock.nowMs();
    for (let next = nextWaiter(queue, nowMs); next !== undefined; next = nextWaiter(queue, nowMs)) {
      if (next.deadline.atMs > nowMs) return next.serve(occupy());
      next.refuse(tooLate());
    }
  };

  return {
    async acquire(request) {
      request.signal.throwIfAborted();
      if (remainingMs(request.deadline, clock) === 0) throw tooLate();
      if (inFlight < maxInFlight) return occupy();
      if (queue.length < maxQueued) return await waitIn(queue, request, clock);
      throw new ResilienceError('QUEUE_FULL', `All ${maxInFlight} places are taken and ${maxQueued} wait.`);
    },
    get inFlight() {
      return inFlight;
    },
    get queued() {
      return queue.length;
    },
  };
}

/** Joins the queue and leaves it, with its timer and its listener, on being served, at the deadline or on abort. */
function waitIn(queue: Waiter[], { deadline, signal }: BulkheadRequest, clock: Clock): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', giveUp);
      queue.splice(queue.indexOf(waiter), 1);
    };
    const waiter: Waiter = {
      sinceMs: clock.nowMs(),
      deadline,
      serve(release) {
        leave();
        resolve(release);
      },
      refuse(reason) {
        leave();
        reject(reason);
      },
    };
    const giveUp = () => waiter.refuse(signal.reason);
    const timer = clock.setTimer(remainingMs(deadline, clock), () => waiter.refuse(tooLate()));
    signal.addEventListener('abort', giveUp, { once: true });
    queue.push(waiter);
  });
}

function nextWaiter(queue: readonly Waiter[], nowMs: number): Waiter | undefined {
  const head = queue[0];
  if (head === undefined) return undefined;
  const overloaded = nowMs - head.sinceMs > OVERLOAD_SHARE * (head.deadline.atMs - head.sinceMs);
  return overloaded ? queue.at(-1) : head;
}

function tooLate(): ResilienceError {
  return new ResilienceError('DEADLINE_EXCEEDED', 'No place came free before the deadline.');
}
