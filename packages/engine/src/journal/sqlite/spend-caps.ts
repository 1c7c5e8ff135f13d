import {
  firstSlotAt,
  keptUntil,
  MOST_VALUES,
  OTHER_VALUES,
  picoOf,
  refusalFor,
  slotAt,
  sumOf,
  usdOf,
} from '@paceline/gateway';
import type {
  CapCounter,
  CapRefusal,
  CapStanding,
  CapUse,
  CapWindow,
  Reserved,
  ReserveRequest,
  SpendIdentity,
  SpentSlot,
} from '@paceline/gateway';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** So many holds whose time is up are looked at by one transaction; the next one goes on. */
const OVERDUE_AT_ONCE = 100;

interface CounterRow {
  readonly counter: bigint;
  readonly held: bigint;
}

interface HoldRow {
  readonly pico: bigint;
  /** JSON: numbers of counters. */
  readonly counters: string;
}

interface OverdueRow extends HoldRow {
  /** JSON: who holds it. */
  readonly attempt: string;
  readonly priced: bigint;
}

/** A hold that nobody has ended in time. */
export interface Overdue {
  readonly attempt: SpendIdentity;
  readonly usd: number;
  readonly priced: boolean;
}

/**
 * Counters of caps in the journal's file. Every function but `standing` belongs inside a transaction. Amounts are whole picodollars: SQLite's
 * integers hold nine million dollars of them.
 */
export class CapTable {
  private readonly sql: ReturnType<typeof prepare>;
  /** Values per cap as far as this process knows: it counts its own on top of what it found. */
  private readonly valuesOf = new Map<string, number>();

  constructor(db: DatabaseSync) {
    this.sql = prepare(db);
  }

  reserve({ attempt, usd, priced, uses, expiresAtEpochMs }: ReserveRequest): Reserved {
    const now = attempt.atEpochMs;
    for (const use of uses) {
      const refusal = this.refusalBy(use, usd, now);
      if (refusal !== null) return { ok: false, refusal };
    }
    const pico = picoOf(usd);
    const counters = uses.map((use) => Number(this.counterFor(use, now)));
    for (const counter of counters) this.sql.hold.run(pico, 1, counter);
    this.sql.insertHold.run(
      attempt.id,
      expiresAtEpochMs,
      pico,
      priced ? 1 : 0,
      JSON.stringify(counters),
      JSON.stringify(attempt),
    );
    return { ok: true };
  }

  release(id: string): void {
    this.end(id);
  }

  /** Counts what an attempt cost instead of what was held for it; nothing if nothing was. */
  settle(id: string, usd: number, atEpochMs: number): void {
    for (const counter of this.end(id)) this.count(counter, picoOf(usd), atEpochMs);
  }

  /** Holds whose time was up by then. They stay until they are settled. */
  overdue(epochMs: number): readonly Overdue[] {
    const rows = this.sql.overdue.all(epochMs, OVERDUE_AT_ONCE) as unknown as readonly OverdueRow[];
    return rows.map(({ attempt, pico, priced }) => ({
      attempt: JSON.parse(attempt) as SpendIdentity,
      usd: usdOf(pico),
      priced: priced === 1n,
    }));
  }

  standing(counter: CapCounter, atEpochMs: number): CapStanding {
    const row = this.find(counter);
    if (row === undefined) return { spentUsd: 0, heldUsd: 0 };
    return { spentUsd: usdOf(sumOf(this.slots(row, counter, atEpochMs))), heldUsd: usdOf(row.held) };
  }

  /** Counters that nothing is held or counted on any more. */
  forgetIdle(epochMs: number): void {
    this.sql.forgetSlots.run(epochMs);
    this.sql.forgetCounters.run(epochMs);
    this.valuesOf.clear();
  }

  private refusalBy(use: CapUse, usd: number, nowEpochMs: number): CapRefusal | null {
    const row = this.find(use);
    if (row === undefined) return refusalFor(use, usd, { slots: [], held: 0n });
    return refusalFor(use, usd, { slots: this.slots(row, use, nowEpochMs), held: row.held });
  }

  private find({ cap, value, window: of }: CapCounter): CounterRow | undefined {
    const window = JSON.stringify(of);
    const read = (whose: string) => this.sql.counter.get(cap, window, whose) as CounterRow | undefined;
    return read(value) ?? (this.isFull(cap, window) ? read(OTHER_VALUES) : undefined);
  }

  private counterFor(use: CapCounter, nowEpochMs: number): bigint {
    const { cap, value } = use;
    const window = JSON.stringify(use.window);
    const known = this.find(use);
    if (known !== undefined) return known.counter;
    if (this.isFull(cap, window)) this.forgetIdle(nowEpochMs);
    const whose = this.isFull(cap, window) ? OTHER_VALUES : value;
    const values = this.countOf(cap, window);
    this.valuesOf.set(`${cap}\n${window}`, values + 1);
    return (this.sql.insertCounter.get(cap, window, whose) as { counter: bigint }).counter;
  }

  private isFull(cap: string, window: string): boolean {
    return this.countOf(cap, window) >= MOST_VALUES;
  }

  private countOf(cap: string, window: string): number {
    const key = `${cap}\n${window}`;
    const known = this.valuesOf.get(key);
    if (known !== undefined) return known;
    const { values } = this.sql.countValues.get(cap, window) as { values: bigint };
    this.valuesOf.set(key, Number(values));
    return Number(values);
  }

  private slots({ counter }: CounterRow, { window }: CapCounter, epochMs: number): readonly SpentSlot[] {
    const rows = this.sql.slots.all(counter, firstSlotAt(window, epochMs)) as unknown as readonly {
      slot: bigint;
      spent: bigint;
    }[];
    return rows.map(({ slot, spent }) => [Number(slot), spent]);
  }

  /** @returns numbers of the counters it was on; none if there is no such hold */
  private end(id: string): readonly number[] {
    const row = this.sql.deleteHold.get(id) as HoldRow | undefined;
    if (row === undefined) return [];
    const counters = JSON.parse(row.counters) as readonly number[];
    for (const counter of counters) this.sql.hold.run(-row.pico, -1, counter);
    return counters;
  }

  private count(counter: number, pico: bigint, atEpochMs: number): void {
    const { window: text } = this.sql.window.get(counter) as { window: string };
    const window = JSON.parse(text) as CapWindow;
    this.sql.deleteSlots.run(counter, firstSlotAt(window, atEpochMs));
    this.sql.addToSlot.run(counter, slotAt(window, atEpochMs), pico);
    this.sql.keep.run(keptUntil(window, atEpochMs), counter);
  }
}

function prepare(db: DatabaseSync) {
  // Beyond nine thousand dollars a picodollar is no safe integer of JavaScript's.
  const exact = (sql: string): StatementSync => {
    const statement = db.prepare(sql);
    statement.setReadBigInts(true);
    return statement;
  };
  return {
    counter: exact('SELECT counter, held FROM spend_counter WHERE cap = ? AND window = ? AND value = ?'),
    countValues: exact('SELECT count(*) AS "values" FROM spend_counter WHERE cap = ? AND window = ?'),
    insertCounter: exact(
      'INSERT INTO spend_counter (cap, window, value, held, holds, kept_until_epoch_ms) VALUES (?, ?, ?, 0, 0, 0) RETURNING counter',
    ),
    window: db.prepare('SELECT window FROM spend_counter WHERE counter = ?'),
    hold: db.prepare('UPDATE spend_counter SET held = held + ?, holds = holds + ? WHERE counter = ?'),
    keep: db.prepare(
      'UPDATE spend_counter SET kept_until_epoch_ms = max(kept_until_epoch_ms, ?) WHERE counter = ?',
    ),
    slots: exact('SELECT slot, spent FROM spend_slot WHERE counter = ? AND slot >= ? ORDER BY slot'),
    addToSlot: db.prepare(
      'INSERT INTO spend_slot (counter, slot, spent) VALUES (?, ?, ?) ON CONFLICT (counter, slot) DO UPDATE SET spent = spent + excluded.spent',
    ),
    deleteSlots: db.prepare('DELETE FROM spend_slot WHERE counter = ? AND slot < ?'),
    insertHold: db.prepare(
      'INSERT INTO spend_hold (id, expires_epoch_ms, pico, priced, counters, attempt) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    deleteHold: exact('DELETE FROM spend_hold WHERE id = ? RETURNING pico, counters'),
    overdue: exact(
      'SELECT pico, counters, attempt, priced FROM spend_hold WHERE expires_epoch_ms <= ? ORDER BY expires_epoch_ms LIMIT ?',
    ),
    forgetSlots: db.prepare(
      'DELETE FROM spend_slot WHERE counter IN (SELECT counter FROM spend_counter WHERE holds = 0 AND kept_until_epoch_ms <= ?)',
    ),
    forgetCounters: db.prepare('DELETE FROM spend_counter WHERE holds = 0 AND kept_until_epoch_ms <= ?'),
  };
}
