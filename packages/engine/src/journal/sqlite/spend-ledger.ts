import { checkSpendQuery, spendRows } from '@paceline/gateway';
import type {
  CapCounter,
  CapStanding,
  Reserved,
  ReserveRequest,
  SpendEntry,
  SpendQuery,
  SpendRow,
} from '@paceline/gateway';
import type { Clock } from '@paceline/resilience';
import type { DatabaseSync } from 'node:sqlite';
import type { PruneOptions, SqliteSpendLedger } from './contract.ts';
import { SpendBook } from './spend-book.ts';
import type { Booked } from './spend-book.ts';
import { CapTable } from './spend-caps.ts';

export interface SqliteSpendOptions {
  readonly db: DatabaseSync;
  readonly clock: Clock;
  /** Writes with the next group. */
  readonly write: <T>(apply: () => T) => Promise<T>;
}

/**
 * Spend in the journal's file. A reservation resolves when its group is durable; what an attempt came to rides on the next group, most often the
 * one that holds the step it was made for. If that is lost with the process, the hold is there to tell of it.
 */
export class SqliteSpend implements SqliteSpendLedger {
  private readonly caps: CapTable;
  private readonly entries: SpendBook;
  private readonly db: DatabaseSync;
  private readonly clock: Clock;
  private readonly write: SqliteSpendOptions['write'];
  /** The last of what was told and rides on the next group. */
  private latest: Promise<void> = Promise.resolve();

  constructor({ db, clock, write }: SqliteSpendOptions) {
    this.caps = new CapTable(db);
    this.entries = new SpendBook(db);
    this.db = db;
    this.clock = clock;
    this.write = write;
    this.caps.forgetIdle(clock.epochMs());
  }

  reserve(request: ReserveRequest): Promise<Reserved> {
    return this.write(() => {
      this.bookOverdue(request.attempt.atEpochMs);
      return this.caps.reserve(request);
    });
  }

  release(id: string): void {
    this.later(() => this.caps.release(id));
  }

  settle(entry: SpendEntry): void {
    let isRepeated = false;
    this.later(() => {
      // The transaction it was in has been rolled back, and with it what was counted.
      if (isRepeated) this.entries.recount();
      isRepeated = true;
      this.book(entry);
    });
  }

  standing(counter: CapCounter, atEpochMs: number): CapStanding {
    return this.caps.standing(counter, atEpochMs);
  }

  async report(query: SpendQuery): Promise<readonly SpendRow[]> {
    checkSpendQuery(query);
    await this.latest;
    const booked: Booked[] = [];
    for (const page of this.entries.amounts(query)) {
      booked.push(...page);
      await new Promise<void>((resolve) => this.clock.nextTurn(resolve));
    }
    return spendRows(booked, query);
  }

  async prune(endedBeforeEpochMs: number, { dryRun = false }: PruneOptions = {}): Promise<number> {
    await this.latest;
    if (dryRun) return this.entries.countBefore(endedBeforeEpochMs);
    let attempts = 0;
    for (;;) {
      const forgotten = await this.write(() => this.entries.forgetBefore(endedBeforeEpochMs));
      if (forgotten === 0) break;
      attempts += forgotten;
    }
    if (attempts === 0) return 0;
    await this.write(() => this.entries.forgetKeys());
    this.db.exec('PRAGMA incremental_vacuum');
    return attempts;
  }

  private book(entry: SpendEntry): void {
    this.entries.add(entry);
    this.caps.settle(entry.id, entry.countedUsd ?? entry.costUsd ?? 0, entry.atEpochMs);
  }

  /** Nobody has told how they ended: their owner is dead, and they may have cost all that was held. */
  private bookOverdue(epochMs: number): void {
    for (const { attempt, usd, priced } of this.caps.overdue(epochMs)) {
      this.book({
        ...attempt,
        outcome: 'error',
        ...(priced
          ? { costUsd: usd, costSource: 'estimated' }
          : { costUsd: null, costSource: 'unknown', countedUsd: usd }),
        priceTable: null,
        usage: null,
        savedUsd: null,
      });
    }
  }

  /** A disk that takes nothing: the hold stays, and is booked when its time is up. */
  private later(apply: () => void): void {
    this.latest = this.write(apply).catch(() => {});
  }
}
