import { hash } from 'node:crypto';
import { amountsOf, bookKeyOf, boundedKey } from '@paceline/gateway';
import type { BookAmounts, BookKey, SpendEntry, SpendQuery } from '@paceline/gateway';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { reading } from './damage.ts';

/** Of an attempt's id that is kept, as a digest: no two of 16 bytes are the same by chance. */
const ID_BYTES = 16;

/** A sum of picodollars soon outgrows SQLite's integers: it is made of two, of millionths of a dollar and of what is left. */
const PICO_PER_MICRO = 1_000_000n;

/** Later than any attempt, in milliseconds since 1970. */
const NEVER_MS = 2 ** 52;

/** Keys whose attempts one query adds up; in between the event loop is free for others. */
const PAGE_OF_KEYS = 64;

/** Attempts that are forgotten in one transaction. */
const PAGE_OF_ATTEMPTS = 5_000;

interface SumsRow {
  readonly text: string;
  readonly attempts: bigint;
  readonly calls: bigint;
  readonly cost_micro: bigint;
  readonly cost_pico: bigint;
  readonly saved_micro: bigint;
  readonly saved_pico: bigint;
  readonly input: bigint;
  readonly cached: bigint;
  readonly output: bigint;
}

/** What every attempt cost, in the journal's file: one lean row for each, and one for what many of them have in common. */
export class SpendBook {
  private readonly sql: ReturnType<typeof prepare>;
  /** Keys, and values of each kind, as far as this process knows: it counts its own on top of what it found. */
  private readonly counts = new Map<string, number>();

  constructor(db: DatabaseSync) {
    this.sql = prepare(db);
  }

  /** Books an attempt, within the open transaction. Nothing for one that is booked already. */
  add(entry: SpendEntry): void {
    const id = hash('sha256', entry.id, 'buffer').subarray(0, ID_BYTES);
    if (this.sql.attempt.get(id) !== undefined) return;
    const { calls, costPico, savedPico, inputTokens, cachedInputTokens, outputTokens } = amountsOf(entry);
    this.sql.insertAttempt.run(
      this.keyFor(bookKeyOf(entry)),
      Math.floor(entry.atEpochMs),
      id,
      calls,
      costPico,
      savedPico,
      inputTokens,
      cachedInputTokens,
      outputTokens,
    );
  }

  /**
   * What the attempts of each key came to within a time, page by page.
   * @throws EngineError `JOURNAL_FAILED` where the disk lets nothing be read
   */
  *amounts({ sinceEpochMs = 0, untilEpochMs = NEVER_MS }: SpendQuery): Generator<readonly Booked[]> {
    const { last } = reading(() => this.sql.lastKey.get()) as { readonly last: number | null };
    for (let from = 0; from <= (last ?? -1); from += PAGE_OF_KEYS) {
      yield reading(() => {
        const rows = this.sql.sums.all(from, from + PAGE_OF_KEYS, sinceEpochMs, untilEpochMs);
        return (rows as unknown as readonly SumsRow[]).map(bookedIn);
      });
    }
  }

  /** Attempts that ended before a moment. */
  countBefore(epochMs: number): number {
    const { found } = reading(() => this.sql.countBefore.get(epochMs)) as { readonly found: number };
    return found;
  }

  /** Forgets some of the attempts that ended before a moment, within the open transaction. @returns how many; 0 if there are none */
  forgetBefore(epochMs: number): number {
    return Number(this.sql.forgetBefore.run(epochMs).changes);
  }

  /** Forgets what no attempt is told by any more, within the open transaction, and so makes room for other values. */
  forgetKeys(): void {
    this.sql.deleteKeys.run();
    this.sql.deleteValues.run();
    this.recount();
    for (const { text } of this.sql.keys.all() as unknown as readonly { readonly text: string }[]) {
      boundedKey(JSON.parse(text) as BookKey, { keys: 0, admit: (kind, value) => this.admit(kind, value) });
    }
  }

  /** What it has counted is no longer so. */
  recount(): void {
    this.counts.clear();
  }

  /** A key is looked up each time: another process may have forgotten it. */
  private keyFor(wanted: BookKey): number {
    const known = this.find(wanted);
    if (known !== undefined) return known;
    const keys = this.countOf('keys', this.sql.countKeys);
    const key = boundedKey(wanted, { keys, admit: (...value) => this.admit(...value) });
    const same = this.find(key);
    if (same !== undefined) return same;
    this.counts.set('keys', keys + 1);
    return Number(this.sql.insertKey.run(JSON.stringify(key)).lastInsertRowid);
  }

  private find(key: BookKey): number | undefined {
    const row = this.sql.key.get(JSON.stringify(key)) as { readonly key: number } | undefined;
    return row?.key;
  }

  private admit(kind: string, value: string, most = Number.POSITIVE_INFINITY): boolean {
    if (this.sql.value.get(kind, value) !== undefined) return true;
    const values = this.countOf(`values of ${kind}`, this.sql.countValues, kind);
    if (values >= most) return false;
    this.counts.set(`values of ${kind}`, values + 1);
    this.sql.insertValue.run(kind, value);
    return true;
  }

  private countOf(what: string, count: StatementSync, ...values: readonly string[]): number {
    const known = this.counts.get(what);
    if (known !== undefined) return known;
    const { found } = count.get(...values) as { readonly found: number };
    this.counts.set(what, found);
    return found;
  }
}

export type Booked = readonly [BookKey, BookAmounts];

function bookedIn(row: SumsRow): Booked {
  const amounts: BookAmounts = {
    attempts: Number(row.attempts),
    calls: Number(row.calls),
    costPico: row.cost_micro * PICO_PER_MICRO + row.cost_pico,
    savedPico: row.saved_micro * PICO_PER_MICRO + row.saved_pico,
    inputTokens: Number(row.input),
    cachedInputTokens: Number(row.cached),
    outputTokens: Number(row.output),
  };
  return [JSON.parse(row.text) as BookKey, amounts];
}

const BEFORE = 'FROM spend_key CROSS JOIN spend_attempt USING (key) WHERE at_epoch_ms < ?';

function prepare(db: DatabaseSync) {
  // The keys lead, so that the attempts of each are read within the time alone, and come in groups without being sorted.
  const sums = db.prepare(`
    SELECT text, count(*) AS attempts, sum(calls) AS calls,
      sum(cost / ${PICO_PER_MICRO}) AS cost_micro, sum(cost % ${PICO_PER_MICRO}) AS cost_pico,
      sum(saved / ${PICO_PER_MICRO}) AS saved_micro, sum(saved % ${PICO_PER_MICRO}) AS saved_pico,
      sum(input) AS input, sum(cached) AS cached, sum(output) AS output
    FROM spend_key CROSS JOIN spend_attempt USING (key)
    WHERE key >= ? AND key < ? AND at_epoch_ms >= ? AND at_epoch_ms < ? GROUP BY key`);
  sums.setReadBigInts(true);
  return {
    sums,
    attempt: db.prepare('SELECT 1 FROM spend_attempt WHERE id = ?'),
    insertAttempt: db.prepare(
      'INSERT INTO spend_attempt (key, at_epoch_ms, id, calls, cost, saved, input, cached, output) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    key: db.prepare('SELECT key FROM spend_key WHERE text = ?'),
    keys: db.prepare('SELECT text FROM spend_key'),
    lastKey: db.prepare('SELECT max(key) AS last FROM spend_key'),
    countKeys: db.prepare('SELECT count(*) AS found FROM spend_key'),
    insertKey: db.prepare('INSERT INTO spend_key (text) VALUES (?)'),
    value: db.prepare('SELECT 1 FROM spend_value WHERE kind = ? AND value = ?'),
    countValues: db.prepare('SELECT count(*) AS found FROM spend_value WHERE kind = ?'),
    insertValue: db.prepare('INSERT INTO spend_value (kind, value) VALUES (?, ?)'),
    countBefore: db.prepare(`SELECT count(*) AS found ${BEFORE}`),
    forgetBefore: db.prepare(`
      DELETE FROM spend_attempt WHERE (key, at_epoch_ms, id) IN (
        SELECT key, at_epoch_ms, id ${BEFORE} LIMIT ${PAGE_OF_ATTEMPTS})`),
    deleteKeys: db.prepare(
      'DELETE FROM spend_key WHERE NOT EXISTS (SELECT 1 FROM spend_attempt WHERE spend_attempt.key = spend_key.key)',
    ),
    deleteValues: db.prepare('DELETE FROM spend_value'),
  };
}
