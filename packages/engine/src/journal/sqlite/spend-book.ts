import { hash } from 'node:crypto';
import { amountsOf, bookKeyOf, boundedKey, checkSpendQuery, spendRows } from '@paceline/gateway';
import type { BookAmounts, BookKey, SpendEntry, SpendQuery, SpendRow } from '@paceline/gateway';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { reading } from './damage.ts';

const HOUR_MS = 3_600_000;

/** Of an attempt's id that is kept, as a digest: no two of 16 bytes are the same by chance. */
const ID_BYTES = 16;

/** A sum of picodollars soon outgrows SQLite's integers: sums are kept in two, of millionths of a dollar and of what is left. */
const PICO_PER_MICRO = 1_000_000n;

/** Later than any attempt, in milliseconds since 1970. */
const NEVER_MS = 2 ** 52;

/** What the sums of one key came to. */
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

/**
 * What every attempt cost, in the journal's file. Attempts stand in the order of their time, and beside them the sums of each hour: a report adds up
 * hours, and attempts only where its time begins or ends within one.
 */
export class SpendBook {
  private readonly sql: ReturnType<typeof prepare>;
  /** Keys, and values of each kind, as far as this process knows: it counts its own on top of what it found. */
  private readonly counts = new Map<string, number>();

  constructor(db: DatabaseSync) {
    this.sql = prepare(db);
  }

  /** Books an attempt, within the open transaction. Nothing for one that is booked already. */
  add(entry: SpendEntry): void {
    const atEpochMs = Math.max(0, Math.floor(entry.atEpochMs));
    const id = hash('sha256', entry.id, 'buffer').subarray(0, ID_BYTES);
    const key = this.keyFor(bookKeyOf(entry));
    const { calls, costPico, savedPico, inputTokens, cachedInputTokens, outputTokens } = amountsOf(entry);
    const amounts = [calls, costPico, savedPico, inputTokens, cachedInputTokens, outputTokens];
    const { changes } = this.sql.insertAttempt.run(atEpochMs, id, key, ...amounts);
    if (changes > 0) this.sql.addToHour.run(Math.floor(atEpochMs / HOUR_MS), key, ...amounts);
  }

  /** @throws TypeError for a dimension that there is not; EngineError `JOURNAL_FAILED` where the disk lets nothing be read */
  report(query: SpendQuery): readonly SpendRow[] {
    checkSpendQuery(query);
    const rows = reading(() => this.sql.sums.all(...partsOf(query)) as unknown as readonly SumsRow[]);
    return spendRows(rows.map(bookedIn), query);
  }

  /** Attempts in whole hours that were over by then. */
  countBefore(epochMs: number): number {
    const { attempts } = this.sql.countBefore.get(Math.floor(epochMs / HOUR_MS)) as { attempts: number };
    return attempts;
  }

  /** Forgets the first hour that was over by then, within the open transaction. @returns its attempts; 0 if there is none */
  forgetHour(epochMs: number): number {
    const { hour } = this.sql.firstHour.get() as { hour: number | null };
    if (hour === null || hour >= Math.floor(epochMs / HOUR_MS)) return 0;
    this.sql.deleteHour.run(hour);
    return Number(this.sql.deleteAttempts.run((hour + 1) * HOUR_MS).changes);
  }

  /** Forgets what no attempt is told by any more, within the open transaction, and so makes room for other values. */
  forgetKeys(): void {
    this.sql.deleteKeys.run();
    this.sql.deleteValues.run();
    this.counts.clear();
    for (const { text } of this.sql.keys.all() as unknown as readonly { readonly text: string }[]) {
      boundedKey(JSON.parse(text) as BookKey, {
        keys: 0,
        admit: (kind, value) => this.admit(kind, value, Infinity),
      });
    }
  }

  /** A key is looked up each time: another process may have forgotten it. */
  private keyFor(wanted: BookKey): number {
    const known = this.find(wanted);
    if (known !== undefined) return known;
    const keys = this.countOf('key', this.sql.countKeys);
    const key = boundedKey(wanted, { keys, admit: (...value) => this.admit(...value) });
    const same = this.find(key);
    if (same !== undefined) return same;
    this.counts.set('key', keys + 1);
    return Number(this.sql.insertKey.run(JSON.stringify(key)).lastInsertRowid);
  }

  private find(key: BookKey): number | undefined {
    const row = this.sql.key.get(JSON.stringify(key)) as { readonly key: number } | undefined;
    return row?.key;
  }

  private admit(kind: string, value: string, most: number): boolean {
    if (this.sql.value.get(kind, value) !== undefined) return true;
    const values = this.countOf(`value ${kind}`, this.sql.countValues, kind);
    if (values >= most) return false;
    this.counts.set(`value ${kind}`, values + 1);
    this.sql.insertValue.run(kind, value);
    return true;
  }

  private countOf(what: string, count: StatementSync, ...values: readonly string[]): number {
    const known = this.counts.get(what);
    if (known !== undefined) return known;
    const found = (count.get(...values) as { readonly found: number }).found;
    this.counts.set(what, found);
    return found;
  }
}

/** Whole hours, and the rest of the time before and after them: milliseconds, hours, milliseconds, each from and up to. */
function partsOf({ sinceEpochMs = 0, untilEpochMs = NEVER_MS }: SpendQuery): readonly number[] {
  const [since, until] = [Math.ceil(sinceEpochMs), Math.ceil(untilEpochMs)];
  const [firstHour, endHour] = [Math.ceil(since / HOUR_MS), Math.floor(until / HOUR_MS)];
  if (firstHour > endHour) return [since, until, 0, 0, 0, 0];
  return [since, firstHour * HOUR_MS, firstHour, endHour, endHour * HOUR_MS, until];
}

function bookedIn(row: SumsRow): readonly [BookKey, BookAmounts] {
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

/** An attempt, or attempts of one hour, as they are added up. */
const OF_ATTEMPTS = `
  SELECT key, 1 AS attempts, calls, cost / ${PICO_PER_MICRO} AS cost_micro, cost % ${PICO_PER_MICRO} AS cost_pico,
    saved / ${PICO_PER_MICRO} AS saved_micro, saved % ${PICO_PER_MICRO} AS saved_pico, input, cached, output
  FROM spend_attempt WHERE at_epoch_ms >= ? AND at_epoch_ms < ?`;
const OF_HOURS = `
  SELECT key, attempts, calls, cost_micro, cost_pico, saved_micro, saved_pico, input, cached, output
  FROM spend_hour WHERE hour >= ? AND hour < ?`;

const SUMS = [
  'attempts',
  'calls',
  'cost_micro',
  'cost_pico',
  'saved_micro',
  'saved_pico',
  'input',
  'cached',
  'output',
];

function prepare(db: DatabaseSync) {
  const sums = db.prepare(`
    SELECT text, ${SUMS.map((each) => `sum(${each}) AS ${each}`).join(', ')}
    FROM (${OF_ATTEMPTS} UNION ALL ${OF_HOURS} UNION ALL ${OF_ATTEMPTS}) JOIN spend_key USING (key) GROUP BY key`);
  sums.setReadBigInts(true);
  return {
    sums,
    insertAttempt: db.prepare(
      'INSERT OR IGNORE INTO spend_attempt (at_epoch_ms, id, key, calls, cost, saved, input, cached, output) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    addToHour: db.prepare(`
      INSERT INTO spend_hour (hour, key, ${SUMS.join(', ')}) VALUES (?1, ?2, 1, ?3,
        ?4 / ${PICO_PER_MICRO}, ?4 % ${PICO_PER_MICRO}, ?5 / ${PICO_PER_MICRO}, ?5 % ${PICO_PER_MICRO}, ?6, ?7, ?8)
      ON CONFLICT (hour, key) DO UPDATE SET ${SUMS.map((each) => `${each} = ${each} + excluded.${each}`).join(', ')}`),
    key: db.prepare('SELECT key FROM spend_key WHERE text = ?'),
    keys: db.prepare('SELECT text FROM spend_key'),
    insertKey: db.prepare('INSERT INTO spend_key (text) VALUES (?)'),
    countKeys: db.prepare('SELECT count(*) AS found FROM spend_key'),
    value: db.prepare('SELECT 1 FROM spend_value WHERE kind = ? AND value = ?'),
    countValues: db.prepare('SELECT count(*) AS found FROM spend_value WHERE kind = ?'),
    insertValue: db.prepare('INSERT INTO spend_value (kind, value) VALUES (?, ?)'),
    countBefore: db.prepare('SELECT coalesce(sum(attempts), 0) AS attempts FROM spend_hour WHERE hour < ?'),
    firstHour: db.prepare('SELECT min(hour) AS hour FROM spend_hour'),
    deleteHour: db.prepare('DELETE FROM spend_hour WHERE hour = ?'),
    deleteAttempts: db.prepare('DELETE FROM spend_attempt WHERE at_epoch_ms < ?'),
    deleteKeys: db.prepare('DELETE FROM spend_key WHERE key NOT IN (SELECT key FROM spend_hour)'),
    deleteValues: db.prepare('DELETE FROM spend_value'),
  };
}
