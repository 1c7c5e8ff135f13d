import { systemClock } from '@paceline/resilience';
import type { Clock } from '@paceline/resilience';
import type { DatabaseSync } from 'node:sqlite';
import { EngineError } from '../../errors.ts';
import type { Fence, JournalEntry, RunRecord, RunSummary } from '../../run/record.ts';
import type { Batch, ClaimedRun, RunFilter, Shapes } from '../store.ts';
import type { Anchor, Place } from './anchor.ts';
import type { DamagedRun, PruneOptions, SqliteJournal, SqliteJournalOptions } from './contract.ts';
import { endOpening, openFiles, unusable } from './database.ts';
import { findLosses, findMisfit, NO_RUN } from './damage.ts';
import type { JournalFiles } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import { SqliteInbox } from './inbox.ts';
import { SqliteLedger } from './sqlite-ledger.ts';
import { Ownership } from './owners.ts';
import { RunReader } from './reader.ts';
import { forgetRuns, PAGE_OF_RUNS, prepareStatements } from './statements.ts';
import type { Statements } from './statements.ts';
import { ShapeTable } from './payload.ts';
import { RunWriter } from './writer.ts';
import type { RunPlace } from './writer.ts';

/** Beyond this much, the anchor is emptied by a checkpoint, in bytes. */
const LONG_ANCHOR_BYTES = 4 * 1024 * 1024;

/**
 * A journal in one SQLite file, each transition synced to the disk before anybody hears of it. Several processes may share the file.
 * @throws EngineError `JOURNAL_UNUSABLE`
 */
export function sqliteJournal(options: SqliteJournalOptions): SqliteJournal {
  const { path } = options;
  const files = openFiles(path);
  try {
    const journal = new SqliteFile({ ...options, ...files });
    endOpening(files.db);
    return journal;
  } catch (error) {
    files.anchor.close();
    files.db.close();
    throw unusable(path, error);
  }
}

class SqliteFile implements SqliteJournal {
  readonly ledger: SqliteLedger;
  readonly shapes: Shapes;
  readonly inbox: SqliteInbox;
  private readonly db: DatabaseSync;
  private readonly clock: Clock;
  private readonly sql: Statements;
  private readonly reader: RunReader;
  private readonly writer: RunWriter;
  private readonly anchor: Anchor;
  private readonly group: GroupCommit;
  private readonly owner: Ownership;
  /** How far this owner's unfinished runs have come. */
  private readonly owned = new Map<string, RunPlace>();
  /** What the transaction now open writes. */
  private places: Place[] = [];
  private closing = false;

  constructor({ db, anchor, furthest, ...options }: SqliteJournalOptions & JournalFiles) {
    const {
      clock = systemClock,
      leaseMs = 15_000,
      giveUpMs = 60_000,
      maxValueBytes = 16 * 2 ** 20,
    } = options;
    this.db = db;
    this.clock = clock;
    this.sql = prepareStatements(db);
    this.reader = new RunReader({ db, sql: this.sql, onDamage: (runId) => this.setAside(runId) });
    this.writer = new RunWriter(this.sql, maxValueBytes);
    this.ledger = new SqliteLedger({ db, clock, write: (apply) => this.group.write(apply) });
    this.anchor = anchor;
    this.group = new GroupCommit({
      db,
      clock,
      giveUpMs,
      onBegin: () => this.beginTransaction(),
      isAlone: () => this.owned.size <= 1,
      onCommit: () => this.afterCommit(),
    });
    this.shapes = new ShapeTable(this.sql, (apply) => this.group.write(apply));
    this.owner = new Ownership({
      statements: this.sql,
      clock,
      leaseMs,
      write: (apply) => this.group.write(apply),
    });
    const setAside = (run: number, reason: string) =>
      void this.sql.quarantine.run(run, reason, clock.epochMs());
    this.inbox = new SqliteInbox({
      db,
      clock,
      reader: this.reader,
      owner: this.owner,
      write: (apply) => this.group.write(apply),
      note: (place) => void this.places.push(place),
      report: (reason) => setAside(NO_RUN, reason),
    });
    for (const { run, reason } of findLosses(furthest, this.sql)) setAside(run, reason);
    const misfit = findMisfit(db) ?? this.inbox.findLoss(furthest);
    if (misfit !== undefined) setAside(NO_RUN, misfit);
    this.checkpoint();
  }

  create(batch: Batch): Promise<Fence> {
    return new Promise((resolve, reject) => {
      const { runId, status } = batch.record;
      const begin = this.writer.begin(batch, this.owner.id);
      this.group.put({
        apply: () => this.noted(begin()),
        resolve: (place) => {
          if (status === 'running') {
            this.owned.set(runId, place);
            this.owner.took(runId);
          }
          resolve({ runId, epoch: 1 });
        },
        reject,
      });
    });
  }

  /** One promise, made by hand: every transition passes here. */
  commit({ runId, epoch }: Fence, batch: Batch): Promise<void> {
    return new Promise((resolve, reject) => {
      const { entry, record } = batch;
      const advance = this.writer.advance(batch, epoch);
      const goesOn = record.status === 'running';
      this.group.put({
        apply: () => {
          const before = entry.runId === runId ? this.placeBefore(entry) : undefined;
          const after = before && advance(before);
          if (after === undefined) throw notNext(entry);
          if (!goesOn) this.inbox.forget(after.run);
          return this.noted(after);
        },
        resolve: (place) => {
          if (goesOn) this.owned.set(runId, place);
          else this.giveUp(runId);
          resolve();
        },
        // However it fails, nobody goes on with the run here.
        reject: (error) => {
          this.giveUp(runId);
          reject(error);
        },
      });
    });
  }

  async release(fence: Fence): Promise<void> {
    this.owned.delete(fence.runId);
    this.owner.release(fence);
  }

  /** From now on, and for processes to come. */
  private setAside(runId: string): void {
    const reason = 'Its rows or entries are not what was written.';
    const keep = () => void this.sql.quarantineNamed.run(reason, this.clock.epochMs(), runId);
    // A disk that takes nothing now: whoever reads the run next finds the damage again.
    void this.group.write(keep).catch(() => {});
  }

  private giveUp(runId: string): void {
    this.owned.delete(runId);
    this.owner.gaveUp(runId);
  }

  /**
   * Where a run stood before an entry. Its owner need not ask the file: the fence and the number, checked as the row is written, tell
   * whether that is still so.
   */
  private placeBefore({ runId, seq }: JournalEntry): RunPlace | undefined {
    const known = this.owned.get(runId);
    if (known?.seq === seq - 1) return known;
    return this.sql.place.get(runId) as RunPlace | undefined;
  }

  async load(runId: string): Promise<RunRecord | undefined> {
    return this.reader.record(runId);
  }

  async *entries(runId: string, fromSeq = 1): AsyncGenerator<JournalEntry> {
    yield* this.reader.entries(runId, fromSeq);
  }

  async claim(runId: string): Promise<ClaimedRun | undefined> {
    const claimed = await this.group.write(() => {
      const verified = this.reader.verified(runId);
      if (verified?.record.status !== 'running') return undefined;
      const { row, record, lastEpochMs } = verified;
      if (this.owner.isAlive(row.owner)) {
        throw new EngineError('RUN_OWNED', `Run ${runId} is at work in another process.`);
      }
      const { epoch } = this.sql.takeOver.get(this.owner.id, row.run) as { epoch: number };
      return { record, fence: { runId, epoch }, lastEpochMs };
    });
    if (claimed !== undefined) this.owner.took(runId);
    return claimed;
  }

  async list(filter: RunFilter): Promise<readonly RunSummary[]> {
    return this.reader.list(filter);
  }

  damaged(): readonly DamagedRun[] {
    return this.reader.damaged();
  }

  async audit(runId: string): Promise<void> {
    for (const _ of this.reader.entries(runId, 1));
  }

  async prune(endedBeforeEpochMs: number, { dryRun = false }: PruneOptions = {}): Promise<number> {
    // SQLite's own "no limit" is -1.
    if (dryRun) return this.sql.endedBefore.all(endedBeforeEpochMs, -1).length;
    let pruned = 0;
    for (;;) {
      const runs = await this.group.write(() => this.forget(endedBeforeEpochMs));
      pruned += runs;
      if (runs < PAGE_OF_RUNS) break;
    }
    if (pruned > 0) {
      await this.group.write(() => this.sql.deleteOrphans.run());
      this.db.exec('PRAGMA incremental_vacuum');
    }
    return pruned;
  }

  async close(): Promise<void> {
    if (!this.db.isOpen) return;
    this.owner.rest();
    this.closing = true;
    if (this.ledger.latencies.isWaiting) void this.group.write(() => {}).catch(() => {});
    this.group.close();
    try {
      this.sql.deleteOwner.run(this.owner.id);
      this.checkpoint();
    } catch {
      // The disk's trouble, and no loss: an owner that is gone is found out, and the next opening brings the log in.
    } finally {
      this.anchor.close();
      this.db.close();
    }
  }

  private noted(place: RunPlace): RunPlace {
    this.places.push(place);
    return place;
  }

  private forget(endedBeforeEpochMs: number): number {
    const places = forgetRuns(endedBeforeEpochMs, this.sql);
    this.places.push(...places);
    return places.length;
  }

  private beginTransaction(): void {
    this.places = [];
    this.ledger.latencies.join({ closing: this.closing });
  }

  private afterCommit(): void {
    this.ledger.latencies.joined();
    this.anchor.note(this.places);
    if (this.anchor.size <= LONG_ANCHOR_BYTES) return;
    try {
      this.checkpoint();
    } catch {
      // What was committed is so all the same; the next commit tries again.
    }
  }

  /** Brings the whole WAL into the main file, synced; then there is nothing left that the anchor could vouch for. */
  private checkpoint(): void {
    const row = this.sql.checkpoint.get() as { busy: number };
    if (row.busy === 0) this.anchor.clear();
  }
}

/** The entry is not the run's next, or whoever wrote it does not own the run. */
function notNext({ runId, seq }: JournalEntry): EngineError {
  return new EngineError('FENCED', `Entry ${seq} of run ${runId} is not its owner's next.`);
}
