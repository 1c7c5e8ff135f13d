import { abortable } from '@paceline/resilience';
import type { Clock } from '@paceline/resilience';
import type { JournalStore } from '../journal/store.ts';
import { runUnknown } from './delivery.ts';
import type { JournalEntry } from './record.ts';

/** Between two looks at the journal for what another process recorded, in milliseconds. */
const LOOK_MS = 250;

export interface FollowOptions {
  /** The last entry that is known already; 0 for none. @default 0 */
  readonly afterSeq?: number;
}

/** Wakes whoever follows a run of this process as soon as an entry of it is durable. */
export class Bell {
  private readonly waiting = new Map<string, Set<() => void>>();

  ring(runId: string): void {
    const waiting = this.waiting.get(runId);
    this.waiting.delete(runId);
    for (const wake of waiting ?? []) wake();
  }

  /** Calls `wake` once, when an entry of the run becomes durable here. @returns what stops it from waiting */
  wait(runId: string, wake: () => void): () => void {
    const waiting = this.waiting.get(runId) ?? new Set();
    this.waiting.set(runId, waiting.add(wake));
    return () => {
      waiting.delete(wake);
      if (waiting.size === 0 && this.waiting.get(runId) === waiting) this.waiting.delete(runId);
    };
  }
}

export interface FollowParts {
  readonly journal: JournalStore;
  readonly clock: Clock;
  /** Set where an engine of this process may work on the run. */
  readonly here?: LocalRuns;
}

/** The runs that an engine works on. */
export interface LocalRuns {
  readonly bell: Bell;
  find(runId: string): object | undefined;
}

/** A run's entries from the one after the cursor, then each as it is recorded, to the run's end. Each reader reads for itself. */
export function followRun(
  runId: string,
  { afterSeq = 0 }: FollowOptions,
  parts: FollowParts,
): AsyncIterable<JournalEntry> {
  if (!Number.isSafeInteger(afterSeq) || afterSeq < 0) {
    throw new TypeError(`Expected \`afterSeq\` to be an integer of at least 0, got ${String(afterSeq)}`);
  }
  return {
    [Symbol.asyncIterator]() {
      const stop = new AbortController();
      const entries = entriesAfter({ runId, seq: afterSeq }, parts, stop.signal);
      return {
        next: () => entries.next(),
        return() {
          // A generator that waits would hear of its end only once it had something to give.
          stop.abort();
          return entries.return(undefined);
        },
      };
    },
  };
}

interface Cursor {
  readonly runId: string;
  seq: number;
}

async function* entriesAfter(
  cursor: Cursor,
  parts: FollowParts,
  stop: AbortSignal,
): AsyncGenerator<JournalEntry, undefined> {
  const { runId } = cursor;
  while (!stop.aborted) {
    // Before the entries are read: what is recorded meanwhile rings it.
    const change = nextChange(runId, parts);
    try {
      for await (const entry of parts.journal.entries(runId, cursor.seq + 1)) {
        cursor.seq = entry.seq;
        yield entry;
      }
      if (await isOver(cursor, parts)) return;
      await abortable(change.came, stop).catch(() => {});
    } finally {
      change.forget();
    }
  }
}

/** @throws EngineError `RUN_UNKNOWN` */
async function isOver({ runId, seq }: Cursor, { journal, here }: FollowParts): Promise<boolean> {
  const record = await journal.load(runId);
  // It has only just been asked for.
  if (record === undefined && here?.find(runId) !== undefined) return false;
  if (record === undefined) throw runUnknown(runId);
  return record.status !== 'running' && seq >= record.seq;
}

/** When the run may have gone on: at once where this process works on it, at the next look where another does. */
function nextChange(runId: string, { clock, here }: FollowParts) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = clock.setTimer(LOOK_MS, resolve);
  const unring = here?.bell.wait(runId, resolve);
  return {
    came: promise,
    forget() {
      look.cancel();
      unring?.();
    },
  };
}
