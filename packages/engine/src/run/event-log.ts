import type { EngineEvent } from '../events.ts';

/** How many events a log keeps. */
const KEPT = 1_024;

/**
 * A run's events for any number of readers, each from the beginning and at its own pace. It keeps the last 1,024: a
 * reader further behind misses the oldest ones. Readers leave nothing behind when they stop.
 */
export class EventLog implements AsyncIterable<EngineEvent> {
  private readonly events: EngineEvent[] = [];
  /** Number of the first event kept. */
  private firstKept = 0;
  private closed = false;
  private readonly waiting = new Set<() => void>();

  push(event: EngineEvent): void {
    this.events.push(event);
    if (this.events.length > KEPT) {
      this.events.shift();
      this.firstKept++;
    }
    this.wakeReaders();
  }

  /** No further event comes; readers end after the last one. */
  close(): void {
    this.closed = true;
    this.wakeReaders();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<EngineEvent, void, undefined> {
    for (let next = 0; ;) {
      next = Math.max(next, this.firstKept);
      const event = this.events[next - this.firstKept];
      if (event !== undefined) {
        next++;
        yield event;
      } else if (this.closed) {
        return;
      } else {
        await new Promise<void>((resolve) => this.waiting.add(resolve));
      }
    }
  }

  private wakeReaders(): void {
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }
}
