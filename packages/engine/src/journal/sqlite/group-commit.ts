import type { Clock, Timer } from '@paceline/resilience';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { EngineError } from '../../errors.ts';

export interface GroupCommitOptions {
  readonly db: DatabaseSync;
  readonly clock: Clock;
  /** How long a group that cannot be written is tried again, in milliseconds. */
  readonly giveUpMs: number;
  /** Before the first write of each transaction, a repeated one included. */
  readonly onBegin: () => void;
  /** Whether there is at most one run whose writes could come together in a group. */
  readonly isAlone: () => boolean;
  /** After each durable group, before anybody hears of it. Must not throw. */
  readonly onCommit: () => void;
}

export interface Write<T> {
  /** Runs inside the transaction, perhaps more than once; throws EngineError only before it has changed anything. */
  readonly apply: () => T;
  /** Told what `apply` returned, once that is durable. */
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** A write that waits, and what it came to in the transaction tried last. */
interface Waiting extends Write<unknown> {
  value?: unknown;
  refused?: EngineError | undefined;
}

const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 1_000;

/** For how long the commits of a lone run may follow one another within one turn, in milliseconds: then all else in the process has its turn. */
const LONGEST_TURN_MS = 10;
/** And no more often than this, for a clock that stands still in a turn. */
const MOST_IN_A_TURN = 64;

/**
 * Gathers the writes of all runs within one turn of the event loop into one transaction, and so into one sync: a disk that syncs
 * 3,600 times a second then takes 70,000 transitions (measured at 64 runs in flight).
 *
 * A write that is refused (an old fence, an id that exists) changes nothing and does not disturb its group. A disk that is full or busy
 * keeps the whole group waiting, in order: nothing is told that is not durable, and it goes on by itself.
 */
export class GroupCommit {
  private readonly options: GroupCommitOptions;
  private readonly begin: StatementSync;
  private readonly end: StatementSync;
  private queue: Waiting[] = [];
  private scheduled = false;
  private failingSinceMs: number | null = null;
  private retryMs = FIRST_RETRY_MS;
  private closed = false;
  private retry: Timer | undefined;
  private inTurn = 0;
  private turnBeganMs = Number.NEGATIVE_INFINITY;

  constructor(options: GroupCommitOptions) {
    this.options = options;
    this.begin = options.db.prepare('BEGIN IMMEDIATE');
    this.end = options.db.prepare('COMMIT');
  }

  /** Resolves to what `apply` returns once that is durable. */
  write<T>(apply: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => this.put({ apply, resolve, reject }));
  }

  put<T>(write: Write<T>): void {
    if (this.closed) return write.reject(new EngineError('JOURNAL_FAILED', 'The journal is closed.'));
    this.queue.push(write as Waiting);
    if (this.scheduled) return;
    this.scheduled = true;
    this.schedule();
  }

  /**
   * A lone run has nobody to wait for: where its steps end at once, turning the event loop for each of them takes a twentieth of the step.
   * The first commit after a pause waits for a turn all the same: who else writes now is not known yet.
   */
  private schedule(): void {
    const { clock, isAlone } = this.options;
    const goesOn =
      isAlone() && this.inTurn < MOST_IN_A_TURN && clock.nowMs() - this.turnBeganMs < LONGEST_TURN_MS;
    if (!goesOn) return clock.nextTurn(this.beginTurn);
    this.inTurn++;
    queueMicrotask(this.flush);
  }

  private readonly beginTurn = (): void => {
    this.inTurn = 0;
    this.turnBeganMs = this.options.clock.nowMs();
    this.flush();
  };

  /** Why nothing has become durable for this long, in milliseconds; 0 while all is well. */
  get failingForMs(): number {
    return this.failingSinceMs === null ? 0 : this.options.clock.nowMs() - this.failingSinceMs;
  }

  /** Writes what waits, and refuses everything from now on. */
  close(): void {
    this.closed = true;
    this.retry?.cancel();
    this.beginTurn();
  }

  private readonly flush = (): void => {
    this.scheduled = false;
    const group = this.queue;
    this.queue = [];
    if (group.length > 0) this.settle(group);
  };

  private settle(group: readonly Waiting[]): void {
    try {
      this.commit(group);
    } catch (error) {
      if (isPassing(error)) return this.tryAgain(group, error);
      // One of them cannot be written at all. The others need not suffer for it.
      if (group.length > 1) return group.forEach((write) => this.settle([write]));
      return group[0]?.reject(failed(error));
    }
    this.failingSinceMs = null;
    this.retryMs = FIRST_RETRY_MS;
    this.options.onCommit();
    for (const { value, refused, resolve, reject } of group) {
      if (refused === undefined) resolve(value);
      else reject(refused);
    }
  }

  private commit(group: readonly Waiting[]): void {
    const { db, onBegin } = this.options;
    // One that could not be rolled back in time.
    if (db.isTransaction) db.exec('ROLLBACK');
    // Not `run`, which would make an object to say what changed.
    this.begin.get();
    try {
      onBegin();
      for (const write of group) tryApply(write);
      this.end.get();
    } catch (error) {
      // SQLite itself may have rolled back already.
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }

  private tryAgain(group: readonly Waiting[], error: unknown): void {
    const { clock, giveUpMs } = this.options;
    this.failingSinceMs ??= clock.nowMs();
    if (this.closed || this.failingForMs >= giveUpMs) {
      for (const { reject } of group) reject(failed(error));
      return;
    }
    this.queue = [...group, ...this.queue];
    if (this.scheduled) return;
    this.scheduled = true;
    this.retry = clock.setTimer(this.retryMs, this.beginTurn);
    this.retryMs = Math.min(2 * this.retryMs, LAST_RETRY_MS);
  }
}

function failed(error: unknown): EngineError {
  const message = error instanceof Error ? error.message : String(error);
  return new EngineError('JOURNAL_FAILED', `The journal cannot be written: ${message}.`, error);
}

function tryApply(write: Waiting): void {
  try {
    write.value = write.apply();
    write.refused = undefined;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    write.refused = error;
  }
}

/** Busy, locked, out of memory, read-only, I/O error, full, cannot open: the disk's trouble, not the data's. */
const PASSING: ReadonlySet<number> = new Set([5, 6, 7, 8, 10, 13, 14]);

function isPassing(error: unknown): boolean {
  const code = (error as { readonly errcode?: unknown }).errcode;
  // The low byte of an extended result code is its primary code.
  return typeof code === 'number' && PASSING.has(code & 0xff);
}
