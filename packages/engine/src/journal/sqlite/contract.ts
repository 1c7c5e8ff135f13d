import type { Ledger, SpendLedger } from '@paceline/gateway';
import type { Clock } from '@paceline/resilience';
import type { JournalInbox } from '../inbox.ts';
import type { JournalStore } from '../store.ts';

export interface SqliteJournalOptions {
  readonly path: string;
  /** @default systemClock */
  readonly clock?: Clock;
  /** How long another process leaves this one's runs alone without hearing of it, in milliseconds. Minimum 1. @default 15_000 */
  readonly leaseMs?: number;
  /** How long a full or busy disk is tried again before the runs in flight are told, in milliseconds. @default 60_000 */
  readonly giveUpMs?: number;
  /** The largest record or event, in bytes of JSON. @default 16 MiB */
  readonly maxValueBytes?: number;
}

/** A run that is kept from harm: its rows no longer tell what was recorded. */
export interface DamagedRun {
  /** `null` when even its name is lost. */
  readonly runId: string | null;
  readonly reason: string;
}

export interface PruneOptions {
  /** Only tells how many. @default false */
  readonly dryRun?: boolean;
}

export interface SqliteJournalInbox extends JournalInbox {
  /** Ids of the messages that nobody has taken yet, oldest first. */
  waitingFor(runId: string): readonly string[];
  /** Whether another process works on the run, as far as anybody can tell. */
  isAttended(runId: string): boolean;
}

export interface SqliteSpendLedger extends SpendLedger {
  /** Forgets attempts that ended before a moment of wall time and gives their pages back; what counts on caps stays. @returns how many */
  prune(endedBeforeEpochMs: number, options?: PruneOptions): Promise<number>;
}

export interface SqliteJournal extends JournalStore {
  /**
   * Learned latencies and spend in the same file, for `createGateway({ ledger: journal.ledger })`. Latencies are written with the runs'
   * own transactions, every five seconds at most, and on `close`: a crash may lose the latest. What an attempt cost is written with the
   * next of them.
   */
  readonly ledger: Ledger & { readonly spend: SqliteSpendLedger };
  readonly inbox: SqliteJournalInbox;
  /** Runs found damaged, when the file was opened or since. The others are served. */
  damaged(): readonly DamagedRun[];
  /**
   * Reads a run's whole journal and checks every link of it.
   * @throws EngineError `JOURNAL_DAMAGED` naming the first entry that is not what was written
   */
  audit(runId: string): Promise<void>;
  /** Forgets runs that ended before a moment of wall time and gives their pages back. @returns how many */
  prune(endedBeforeEpochMs: number, options?: PruneOptions): Promise<number>;
}
