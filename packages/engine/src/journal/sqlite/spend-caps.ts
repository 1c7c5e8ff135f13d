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
  CapStanding,
  CapState,
  CapWindow,
  Reserved,
  ReserveRequest,
  SpendIdentity,
} from '@paceline/gateway';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** So many holds whose time is up are looked at by one transaction; the next one goes on. */
const OVERDUE_AT_ONCE = 100;

interface CounterRow {
  readonly counter: bigint;
  readonly held: bigint;
}

interface SlotRow {
  readonly slot: bigint;
  readonly spent: bigint;
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
  private readonly mostValues: number;

  constructor(db: DatabaseSync, mostValues = MOST_VALUES) {
    this.sql = prepare(db);
    this.mostValues = mostValues;
  }

  reserve({ attempt, usd, priced, uses, expiresAtEpochMs }: ReserveRequest): Reserved {
    const now = attempt.atEpochMs;
    const known = uses.map((use) => this.find(use));
    for (const [at, use] of uses.entries()) {
      const refusal = refusalFor(use, usd, this.stateOf(known[at], use, now));
      if (refusal !== null) return { ok: false, refusal };
    }
    const pico = picoOf(usd);
    // These first: what is added may make room by forgetting counters that nothing is held on.
    for (const row of known) if (row !== undefined) this.sql.hold.run(pico, 1, row.counter);
    const counters = uses.map((use, at) => Number(known[at]?.counter ?? this.add(use, pico, now)));
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
    const { slots, held } = this.stateOf(this.find(counter), counter, atEpochMs);
    return { spentUsd: usdOf(sumOf(slots)), heldUsd: usdOf(held) };
  }

  /** Counters that nothing is held or counted on any more. */
  forgetIdle(epochMs: number): void {
    this.sql.forgetSlots.run(epochMs);
    this.sql.forgetCounters.run(epochMs);
    this.valuesOf.clear();
  }

  private stateOf(row: CounterRow | undefined, { window }: CapCounter, epochMs: number): CapState {
    if (row === undefined) return { slots: [], held: 0n };
    const slots = this.sql.slots.all(
      row.counter,
      firstSlotAt(window, epochMs),
    ) as unknown as readonly SlotRow[];
    return { slots: slots.map(({ slot, spent }) => [Number(slot), spent]), held: row.held };
  }

  private find({ cap, value, window: of }: CapCounter): CounterRow | undefined {
    const window = JSON.stringify(of);
    const read = (whose: string) => this.sql.counter.get(cap, window, whose) as CounterRow | undefined;
    return read(value) ?? (this.isFull(cap, window) ? read(OTHER_VALUES) : undefined);
  }

  private add(use: CapCounter, pico: bigint, nowEpochMs: number): bigint {
    const { cap, value } = use;
    const window = JSON.stringify(use.window);
    if (this.isFull(cap, window)) this.forgetIdle(nowEpochMs);
    const whose = this.isFull(cap, window) ? OTHER_VALUES : value;
    const values = this.countOf(cap, window);
    this.valuesOf.set(`${cap}\n${window}`, values + 1);
    return (this.sql.insertCounter.get(cap, window, whose, pico) as { counter: bigint }).counter;
  }

  private isFull(cap: string, window: string): boolean {
    return this.countOf(cap, window) >= this.mostValues;
  }

  private countOf(cap: string, window: string): number {
    const key = `${cap}\n${window}`;
    const known = this.valuesOf.get(key);
    if (known !== undefined) return known;
    const { values } = this.sql.countValues.get(cap, window) as { values: bigint };
    this.valuesOf.set(key, Number(values));
    return Number(values);
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
      'INSERT INTO spend_counter (cap, window, value, held, holds, kept_until_epoch_ms) VALUES (?, ?, ?, ?, 1, 0) RETURNING counter',
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
