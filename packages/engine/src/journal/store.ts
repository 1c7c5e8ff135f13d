import type { Fence, JournalEntry, RunRecord, RunStatus, RunSummary } from '../run/record.ts';
import type { JournalInbox } from './inbox.ts';

/** One transition, written as one transaction: its journal entry and the run's row. */
export interface Batch {
  readonly entry: JournalEntry;
  /** The run after the entry; it replaces the row. */
  readonly record: RunRecord;
}

/**
 * Where the embedded driver remembers runs. Memory and SQLite pass the same conformance suite. (A distributed engine
 * that records by itself needs none of this: it drives `advance` directly.)
 */
export interface JournalStore {
  /**
   * Starts a run and takes its lease. @returns the fence that the owner's commits carry.
   * @throws EngineError `RUN_EXISTS` if the id is taken.
   */
  create(batch: Batch): Promise<Fence>;
  /**
   * Durable once resolved; no effect may start before that.
   * @throws EngineError `FENCED` if the fence no longer owns the run, or the entry is not the run's next.
   */
  commit(fence: Fence, batch: Batch): Promise<void>;
  load(runId: string): Promise<RunRecord | undefined>;
  /** A run's journal, oldest first, from `fromSeq`. */
  entries(runId: string, fromSeq?: number): AsyncIterable<JournalEntry>;
  /** Takes an unfinished run over from a dead owner: older fences are refused from now on. */
  claim(runId: string): Promise<ClaimedRun | undefined>;
  /**
   * Whoever holds the fence no longer works on the run: others may claim it at once. Where the fence is no longer the run's, nothing
   * happens.
   */
  release(fence: Fence): Promise<void>;
  readonly shapes: Shapes;
  /** Runs in the order of their creation, or the latest first. */
  list(filter: RunFilter): Promise<readonly RunSummary[]>;
  /** What is said to runs from outside. */
  readonly inbox: JournalInbox;
  close(): Promise<void>;
}

export interface ClaimedRun {
  readonly record: RunRecord;
  readonly fence: Fence;
  /** Wall time of the run's last entry. */
  readonly lastEpochMs: number;
}

/** What the workflows of runs looked like when they began, kept as long as the journal. */
export interface Shapes {
  /** Keeps one once for all runs that begin with it: called in the turn of each `create`. @returns nothing if it is kept already */
  keep(hash: string, shape: string): Promise<void> | undefined;
  read(hash: string): Promise<string | undefined>;
}

export interface RunFilter {
  /** Only runs whose status is `running` and that are not damaged. @default false */
  readonly unfinished?: boolean;
  readonly status?: RunStatus;
  readonly workflowId?: string;
  /** Only runs whose id begins with it. */
  readonly idPrefix?: string;
  /** Only the children of that run; `null` for those that no step started. @default all */
  readonly parentRunId?: string | null;
  /** @default false */
  readonly newestFirst?: boolean;
  /** The `position` of a run: only those that come after it in the order asked for. Pages of a long list are read so. */
  readonly beyond?: number;
  /** @default no limit */
  readonly limit?: number;
}
