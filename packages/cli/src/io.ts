import type { Clock, Random } from '@paceline/resilience';
import type { Interruption } from './interruption.ts';

/** Everything a command touches outside itself, so that tests run it in their own process. */
export interface Io {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  /** Results. */
  readonly stdout: Sink;
  /** Progress and messages. */
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Who answers requests of the command's own. @default the network */
  readonly fetch?: typeof globalThis.fetch;
  /** Calls `listener` at each Ctrl-C or SIGTERM, which then no longer ends the process. @returns the way to stop listening */
  onInterrupt(listener: (cause: Interruption) => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
}

export interface Sink {
  write(text: string): unknown;
  /** True for a terminal. */
  readonly isTTY?: boolean;
  /** Width of the terminal in characters; 0 where it does not know. */
  readonly columns?: number;
}

/** The width to write for, where a sink without one counts as `otherwise` characters wide. */
export function widthOf({ columns = 0 }: Sink, otherwise: number): number {
  return columns > 0 ? columns : otherwise;
}
