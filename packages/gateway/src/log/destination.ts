import type { Clock } from '@paceline/resilience';

/** Where lines end up. */
export interface Destination {
  /** Never waits. A line for which there is no room is dropped and counted. */
  write(line: string): void;
  /** Waits a second at most for what was written. */
  close(): Promise<void>;
}

/** Takes text, and takes its time. */
export interface SlowSink {
  append(text: string): Promise<void>;
  /** For the last lines of a process that ends. */
  appendNow(text: string): void;
}

export interface DestinationParts {
  readonly clock: Clock;
  /** The line that tells how many were dropped before it. */
  readonly droppedLine: (lines: number) => string;
}

/** Characters that may wait for a slow destination: some minutes of a busy process, and little beside its other memory. */
export const MOST_WAITING = 4 * 1024 * 1024;
