import type { Clock, Timer } from './clock.ts';
import { ResilienceError } from './errors.ts';
import { checkedNumber } from './validate.ts';

/** A clock that moves only when told to, for tests and simulation. */
export interface VirtualClock extends Clock {
  /** Moves time forward, firing due timers in order and letting promises settle after each. */
  advance(byMs: number): Promise<void>;
  /**
   * Jumps from timer to timer until `work` settles, and returns or throws what it did.
   * @throws ResilienceError `VIRTUAL_CLOCK_IDLE` when `work` is pending but no timer is left that could move it.
   */
  run<T>(work: Promise<T>): Promise<T>;
  /** Shifts wall time only, as an operator or NTP would. Monotonic time and timers do not notice. */
  jumpEpoch(byMs: number): void;
  /** Timers not yet fired or cancelled: 0 at the end of a test that leaks nothing. */
  pendingTimers(): number;
}

interface Entry {
  dueMs: number;
  order: number;
  version: number;
  readonly timer: VirtualTimer;
}

/** Turns of the event loop without any timer before `run` says that nothing will ever happen. */
const IDLE_TURNS = 50;

class VirtualTimer implements Timer {
  version = 0;
  live = false;
  readonly fire: () => void;
  private readonly queue: TimerQueue;
  private readonly now: () => number;

  constructor(fire: () => void, queue: TimerQueue, now: () => number) {
    this.fire = fire;
    this.queue = queue;
    this.now = now;
  }

  reset(delayMs: number): void {
    checkedNumber('delayMs', delayMs);
    this.cancel();
    if (delayMs === Infinity) return;
    this.live = true;
    this.queue.live++;
    this.queue.push(this, this.now() + Math.max(0, delayMs));
  }

  cancel(): void {
    if (this.live) this.queue.live--;
    this.live = false;
    this.version++;
  }
}

/** Binary heap by due time, then by order of setting. Cancelled entries stay until they come up. */
class TimerQueue {
  live = 0;
  private readonly heap: Entry[] = [];
  private order = 0;

  push(timer: VirtualTimer, dueMs: number): void {
    this.heap.push({ dueMs, order: this.order++, version: timer.version, timer });
    let at = this.heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.before(at, parent)) return;
      this.swap(at, parent);
      at = parent;
    }
  }

  /** The next live entry without removing it. */
  peek(): Entry | undefined {
    for (;;) {
      const top = this.heap[0];
      if (top === undefined || top.version === top.timer.version) return top;
      this.pop();
    }
  }

  pop(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      let least = at;
      if (left < this.heap.length && this.before(left, least)) least = left;
      if (left + 1 < this.heap.length && this.before(left + 1, least)) least = left + 1;
      if (least === at) return;
      this.swap(at, least);
      at = least;
    }
  }

  private before(a: number, b: number): boolean {
    const left = this.heap[a] as Entry;
    const right = this.heap[b] as Entry;
    return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.order < right.order);
  }

  private swap(a: number, b: number): void {
    const entry = this.heap[a] as Entry;
    this.heap[a] = this.heap[b] as Entry;
    this.heap[b] = entry;
  }
}

/** One turn of the event loop: every promise reaction queued so far, and what it queues, has run after it. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Starts at 0 ms monotonic and, unless told otherwise, at 2026-01-01T00:00:00Z wall time. */
export function createVirtualClock({ epochMs = 1_767_225_600_000 } = {}): VirtualClock {
  const queue = new TimerQueue();
  let nowMs = 0;
  let epochOffsetMs = epochMs;
  const now = () => nowMs;

  const fireNext = (entry: Entry): void => {
    queue.pop();
    nowMs = entry.dueMs;
    entry.timer.cancel();
    entry.timer.fire();
  };

  return {
    nowMs: now,
    epochMs: () => Math.round(nowMs + epochOffsetMs),
    setTimer(delayMs, fire) {
      const timer = new VirtualTimer(fire, queue, now);
      timer.reset(delayMs);
      return timer;
    },
    // A timer, so that no other fires before what waits for this turn to end.
    nextTurn: (fire) => new VirtualTimer(fire, queue, now).reset(0),
    async advance(byMs) {
      const untilMs = nowMs + checkedNumber('byMs', byMs, { min: 0 });
      await turn();
      for (let next = queue.peek(); next !== undefined && next.dueMs <= untilMs; next = queue.peek()) {
        fireNext(next);
        await turn();
      }
      nowMs = Math.max(nowMs, untilMs);
      await turn();
    },
    async run(work) {
      let settled = false;
      const done = () => void (settled = true);
      work.then(done, done);
      for (let idleTurns = 0; ;) {
        await turn();
        if (settled) return work;
        const next = queue.peek();
        if (next !== undefined) {
          idleTurns = 0;
          fireNext(next);
        } else if (++idleTurns > IDLE_TURNS) {
          throw new ResilienceError(
            'VIRTUAL_CLOCK_IDLE',
            'The work is pending but no timer is left to move it.',
          );
        }
      }
    },
    jumpEpoch: (byMs) => void (epochOffsetMs += byMs),
    pendingTimers: () => queue.live,
  };
}
