import { systemClock } from '@paceline/resilience';
import type { Clock } from '@paceline/resilience';
import type { DatabaseSync } from 'node:sqlite';
import { EngineError } from '../../errors.ts';
import type { Fence, JournalEntry, RunRecord, RunSummary } from '../../run/record.ts';
import type { Batch, ClaimedRun, RunFilter, Shapes } from '../store.ts';
import type { Anchor, Place } from './anchor.ts';
import type { DamagedRun, PruneOptions, SqliteJournal, SqliteJournalOptions } from './contract.ts';
import { endOpening, openFiles, unusable } from './database.ts';
import { findLosses, findMisfit, genesisOf, linkOf, NO_RUN } from './damage.ts';
import type { JournalFiles } from './database.ts';
import type { RunPlace } from './damage.ts';
import { GroupCommit } from './group-commit.ts';
import { SqliteInbox } from './inbox.ts';
import { SqliteLedger } from './sqlite-ledger.ts';
import { Ownership } from './owners.ts';
import { RunReader } from './reader.ts';
import { forgetRuns, PAGE_OF_RUNS, prepareStatements } from './statements.ts';
import type { Statements } from './statements.ts';
import { ShapeTable, stored } from './payload.ts';
import { endOf, startOf, transitionOf } from './transition.ts';
import type { Transition } from './transition.ts';

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
  private readonly anchor: Anchor;
  private readonly group: GroupCommit;
  private readonly owner: Ownership;
  private readonly maxValueBytes: number;
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
    this.ledger = new SqliteLedger({ db, clock, write: (apply) => this.group.write(apply) });
    this.anchor = anchor;
    this.maxValueBytes = maxValueBytes;
    this.group = new GroupCommit({
      db,
      clock,
      giveUpMs,
      onBegin: () => this.beginTransaction(),
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

  async create({ entry, record }: Batch): Promise<Fence> {
    const { runId, workflowId, startedEpochMs, seq, status } = record;
    const start = startOf({ entry, record }, this.maxValueBytes);
    const transition = transitionOf({ entry, record }, this.maxValueBytes);
    const genesis = genesisOf({ runId, workflowId, startedEpochMs, start });
    const place = await this.group.write(() => {
      const { changes, lastInsertRowid } = this.sql.insertRun.run(
        runId,
        workflowId,
        startedEpochMs,
        record.parent?.runId ?? null,
        stored(start, this.sql),
      );
      if (changes === 0) throw new EngineError('RUN_EXISTS', `Run ${runId} exists already.`);
      const run = Number(lastInsertRowid);
      this.sql.insertState.run(run, seq, this.owner.id, status, endOf({ entry, record }), transition.state);
      return this.append({ run, seq: 0, chain: genesis }, entry, transition);
    });
    if (status === 'running') {
      this.owned.set(runId, place);
      this.owner.took(runId);
    }
    return { runId, epoch: 1 };
  }

  async commit({ runId, epoch }: Fence, { entry, record }: Batch): Promise<void> {
    const { seq } = entry;
    const { status } = record;
    const transition = transitionOf({ entry, record }, this.maxValueBytes);
    let place: RunPlace | undefined;
    try {
      place = await this.group.write(() => {
        const before = this.placeBefore(entry);
        if (before === undefined || entry.runId !== runId) throw notNext(entry);
        const { run } = before;
        const { changes } = this.sql.advanceState.run(seq, transition.state, run, epoch);
        if (changes === 0) throw notNext(entry);
        if (status !== 'running') {
          this.sql.endState.run(status, entry.atEpochMs, run);
          this.inbox.forget(run);
        }
        return this.append(before, entry, transition);
      });
    } finally {
      // However it fails, nobody goes on with the run here.
      if (place !== undefined && status === 'running') this.owned.set(runId, place);
      else this.giveUp(runId);
    }
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
      const { row, record } = verified;
      if (this.owner.isAlive(row.owner)) {
        throw new EngineError('RUN_OWNED', `Run ${runId} is at work in another process.`);
      }
      const { epoch } = this.sql.takeOver.get(this.owner.id, row.run) as { epoch: number };
      return { record, fence: { runId, epoch }, lastEpochMs: row.last_at };
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

  /** Adds an entry to the open transaction. @returns where the run stands then */
  private append(
    { run, chain: before }: RunPlace,
    { seq, atEpochMs }: JournalEntry,
    { event, stateSum, base }: Transition,
  ): RunPlace {
    if (base !== undefined) this.sql.insertPayload.run(Buffer.from(base.key, 'hex'), base.text);
    const chain = linkOf(before, { seq, at: atEpochMs, event, stateSum });
    this.sql.insertEntry.run(run, seq, atEpochMs, stored(event, this.sql), stateSum, chain);
    const place = { run, seq, chain };
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
