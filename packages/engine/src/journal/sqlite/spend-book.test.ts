import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { memoryLedger } from '@paceline/gateway';
import type { SpendEntry } from '@paceline/gateway';
import { systemClock } from '@paceline/resilience';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { spendBookConformance } from '../../conformance/spend-book-conformance.ts';
import { entryOf } from '../../conformance/spend-entries.ts';
import type { SqliteJournal } from './contract.ts';
import { SqliteSpend } from './spend-ledger.ts';
import { sqliteJournal } from './sqlite-journal.ts';

spendBookConformance('memory', () => ({ ledger: memoryLedger(), close: () => {} }));

spendBookConformance('sqlite', () => {
  const own = mkdtempSync(join(tmpdir(), 'paceline-book-'));
  const journal = sqliteJournal({ path: join(own, 'runs.db') });
  return {
    ledger: journal.ledger,
    close: () => journal.close().finally(() => rmSync(own, { recursive: true })),
  };
});

let folder: string;
const open: SqliteJournal[] = [];
const path = () => join(folder, 'runs.db');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paceline-book-'));
});

afterEach(async () => {
  for (const journal of open.splice(0)) await journal.close();
  rmSync(folder, { recursive: true });
});

function opened(): SqliteJournal {
  const journal = sqliteJournal({ path: path() });
  open.push(journal);
  return journal;
}

function book({ ledger }: SqliteJournal, ...entries: readonly Partial<SpendEntry>[]): void {
  for (const entry of entries) ledger.spend.settle(entryOf(entry));
}

const attemptsIn = async ({ ledger }: SqliteJournal) => (await ledger.spend.report({}))[0]?.attempts ?? 0;

test('what was booked is there when the file is opened again, also what was booked last', async () => {
  const first = opened();
  book(first, { costUsd: 0.25, labels: { team: 'cx' } }, { costUsd: 0.5 });
  await first.close();
  const rows = await opened().ledger.spend.report({ by: ['label:team'] });
  expect(rows.map(({ group, usd }) => [group['label:team'], usd])).toEqual([
    [null, 0.5],
    ['cx', 0.25],
  ]);
});

test('two processes book into one file, each attempt once', async () => {
  const [one, two] = [opened(), opened()];
  const shared = entryOf({ id: 'shared' });
  for (let at = 0; at < 50; at++) {
    book(one, { labels: { user: `user-${at}` } });
    book(two, { labels: { user: `user-${at}` } });
  }
  book(one, shared);
  book(two, shared);
  await Promise.all([attemptsIn(one), attemptsIn(two)]);
  for (const journal of [one, two]) {
    const rows = await journal.ledger.spend.report({ by: ['label:user'] });
    expect(rows).toHaveLength(51);
    expect(rows.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(101);
  }
});

test('values beyond a label’s 1,000 are one, whichever process books them', async () => {
  const first = opened();
  book(first, ...Array.from({ length: 990 }, (_, at) => ({ labels: { user: `user-${at}` } })));
  await first.close();
  const second = opened();
  book(second, ...Array.from({ length: 20 }, (_, at) => ({ labels: { user: `other-${at}` } })));
  const rows = await second.ledger.spend.report({ by: ['label:user'] });
  expect(rows[0]).toMatchObject({ group: { 'label:user': '(others)' }, attempts: 10 });
  expect(rows).toHaveLength(1_001);
});

test('values of a transaction that is rolled back and repeated count once', async () => {
  await opened().close();
  const db = new DatabaseSync(path());
  const write = async <T>(apply: () => T): Promise<T> => {
    db.exec('BEGIN');
    apply();
    db.exec('ROLLBACK; BEGIN');
    const applied = apply();
    db.exec('COMMIT');
    return applied;
  };
  const spend = new SqliteSpend({ db, clock: systemClock, write });
  for (let at = 0; at < 600; at++) spend.settle(entryOf({ labels: { user: `user-${at}` } }));
  expect(await spend.report({ by: ['label:user'] })).toHaveLength(600);
  expect(await spend.report({ where: { 'label:user': '(others)' } })).toEqual([]);
  db.close();
});

test('an attempt goes along with the transaction that follows, and makes none of its own', async () => {
  const journal = opened();
  const written = new DatabaseSync(path(), { readOnly: true });
  const changes = () => written.prepare('PRAGMA data_version').get();
  book(journal, {}, {}, {});
  const before = changes();
  await journal.shapes.keep('hash', 'shape');
  expect(changes()).not.toEqual(before);
  const after = changes();
  expect(await attemptsIn(journal)).toBe(3);
  expect(changes()).toEqual(after);
  written.close();
});

describe('prune', () => {
  const old = { atEpochMs: entryOf().atEpochMs - 1, labels: { user: 'old' } };

  test('forgets attempts that ended before, of every key, and says how many', async () => {
    const journal = opened();
    book(journal, old, old, { ...old, provider: 'google' }, {}, { provider: 'google' });
    const { spend } = journal.ledger;
    expect(await spend.prune(entryOf().atEpochMs, { dryRun: true })).toBe(3);
    expect(await attemptsIn(journal)).toBe(5);
    expect(await spend.prune(entryOf().atEpochMs)).toBe(3);
    expect(await spend.report({ by: ['label:user'] })).toMatchObject([
      { group: { 'label:user': null }, attempts: 2 },
    ]);
    expect(await spend.prune(entryOf().atEpochMs)).toBe(0);
  });

  test('forgets more than fit into one transaction', async () => {
    const journal = opened();
    book(journal, ...Array.from({ length: 5_001 }, () => old), {});
    expect(await journal.ledger.spend.prune(entryOf().atEpochMs)).toBe(5_001);
    expect(await attemptsIn(journal)).toBe(1);
  });

  test('makes room for new values of labels; another process takes note', async () => {
    const [one, two] = [opened(), opened()];
    book(one, ...Array.from({ length: 1_000 }, (_, at) => ({ ...old, labels: { user: `old-${at}` } })));
    book(two, { ...old, labels: { user: 'late' } });
    expect(await two.ledger.spend.report({ where: { 'label:user': '(others)' } })).toHaveLength(1);
    await one.ledger.spend.prune(entryOf().atEpochMs);
    book(one, { labels: { user: 'new' } });
    await attemptsIn(one);
    book(two, { labels: { user: 'new' } });
    expect(await two.ledger.spend.report({ by: ['label:user'] })).toMatchObject([
      { group: { 'label:user': 'new' }, attempts: 2 },
    ]);
  });

  test('leaves what counts on caps', async () => {
    const journal = opened();
    const { spend } = journal.ledger;
    const use = { cap: 'team', value: 'cx', window: { type: 'always' }, limitUsd: 1 } as const;
    const attempt = entryOf(old);
    const reserve = { attempt, usd: 0.5, uses: [use], expiresAtEpochMs: attempt.atEpochMs + 1, priced: true };
    expect(await spend.reserve(reserve)).toEqual({ ok: true });
    spend.settle({ ...attempt, costUsd: 0.25 });
    await spend.report({});
    await spend.prune(entryOf().atEpochMs);
    expect(spend.standing(use, attempt.atEpochMs)).toEqual({ spentUsd: 0.25, heldUsd: 0 });
  });
});

test('a book that makes no sense says so; one that cannot be written keeps no run from being recorded', async () => {
  const journal = opened();
  book(journal, {});
  await attemptsIn(journal);
  const db = new DatabaseSync(path());
  db.exec("UPDATE spend_key SET text = 'x'");
  await expect(attemptsIn(journal)).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
  db.exec('DROP TABLE spend_attempt');
  db.close();
  book(journal, {});
  await expect(journal.shapes.keep('hash', 'shape')).resolves.toBeUndefined();
});
