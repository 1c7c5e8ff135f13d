import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { memoryLedger } from '@paceline/gateway';
import { createVirtualClock } from '@paceline/resilience/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ledgerConformance } from '../../conformance/ledger-conformance.ts';
import { NO_SPEND } from '../../run/spend.ts';
import type { RunRecord } from '../../run/record.ts';
import { sqliteJournal } from './sqlite-journal.ts';
import type { SqliteJournal } from './contract.ts';

ledgerConformance('memory', () => ({ ledger: memoryLedger(), close: () => {} }));

ledgerConformance('sqlite', () => {
  const own = mkdtempSync(join(tmpdir(), 'paceline-ledger-'));
  const journal = sqliteJournal({ path: join(own, 'runs.db') });
  return {
    ledger: journal.ledger,
    close: () => journal.close().finally(() => rmSync(own, { recursive: true })),
  };
});

let folder: string;
const open: SqliteJournal[] = [];
const path = () => join(folder, 'runs.db');
const clock = createVirtualClock();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paceline-ledger-'));
});

afterEach(async () => {
  for (const journal of open.splice(0)) await journal.close();
  rmSync(folder, { recursive: true });
});

function opened(): SqliteJournal {
  const journal = sqliteJournal({ path: path(), clock });
  open.push(journal);
  return journal;
}

function learn(journal: SqliteJournal, key: string, values: readonly number[]): void {
  for (const ms of values) journal.ledger.recordLatency(key, ms);
}

const many = (count: number, ms: number): readonly number[] => Array.from({ length: count }, () => ms);

/** What a run does: a transaction of its own. */
async function transaction(journal: SqliteJournal, runId: string): Promise<void> {
  const record: RunRecord = {
    runId,
    workflowId: 'flow',
    workflowHash: 'hash',
    status: 'running',
    seq: 1,
    input: null,
    labels: {},
    snapshot: null,
    pending: {},
    timers: {},
    visits: {},
    startedEpochMs: 0,
    expiresEpochMs: 1_000,
    capUsd: null,
    spend: NO_SPEND,
    outputs: {},
  };
  const event = { type: 'run-start', runId, input: null, labels: {}, totalMs: 1_000, capUsd: null } as const;
  await clock.run(journal.create({ entry: { runId, seq: 1, atEpochMs: 0, event }, record }));
}

/** The samples that the file holds, as another process would find them. */
function filed(key: string): number {
  const journal = sqliteJournal({ path: path(), clock });
  const samples = journal.ledger.latency(key)?.samples ?? 0;
  void journal.close();
  return samples;
}

test('what was learned is there when the file is opened again', async () => {
  const first = opened();
  learn(first, 'step:flow/triage', [100, 200, 300]);
  await first.close();
  expect(opened().ledger.latency('step:flow/triage')).toEqual({
    samples: 3,
    p50Ms: 200,
    p95Ms: 300,
    p98Ms: 300,
  });
});

test('samples go along with a transaction of the runs, and wait for one', async () => {
  const journal = opened();
  learn(journal, 'a', [10]);
  expect(filed('a')).toBe(0);
  await transaction(journal, 'r1');
  expect(filed('a')).toBe(1);
});

test('they go along every five seconds at most', async () => {
  const journal = opened();
  await transaction(journal, 'r0');
  learn(journal, 'a', [10]);
  await transaction(journal, 'r1');
  learn(journal, 'a', [10]);
  await transaction(journal, 'r2');
  expect(filed('a')).toBe(1);
  await clock.advance(5_000);
  await transaction(journal, 'r3');
  expect(filed('a')).toBe(2);
});

test('they are written once, whatever follows', async () => {
  const journal = opened();
  learn(journal, 'a', [10]);
  await transaction(journal, 'r1');
  await clock.advance(5_000);
  await transaction(journal, 'r2');
  await journal.close();
  expect(filed('a')).toBe(1);
});

test('two processes add to each other', async () => {
  const [one, two] = [opened(), opened()];
  learn(one, 'a', many(3, 100));
  learn(two, 'a', many(2, 10));
  await one.close();
  await two.close();
  expect(opened().ledger.latency('a')).toMatchObject({ samples: 5, p50Ms: 100 });
});

test('the last 512 samples of a key are kept', async () => {
  const first = opened();
  learn(first, 'a', many(500, 100));
  await first.close();
  const second = opened();
  learn(second, 'a', many(500, 10));
  await second.close();
  expect(opened().ledger.latency('a')).toMatchObject({ samples: 512, p50Ms: 10 });
});

test('beyond 1,000 keys those written longest ago are forgotten', async () => {
  const first = opened();
  learn(first, 'old', [1]);
  await first.close();
  await clock.advance(1);
  const second = opened();
  for (let at = 0; at < 1_000; at++) learn(second, `key-${at}`, [at]);
  await second.close();
  expect(filed('old')).toBe(0);
  expect(filed('key-0')).toBe(1);
  expect(filed('key-999')).toBe(1);
});

test('more keys than are held in memory can still be asked for', () => {
  const { ledger } = opened();
  for (let at = 0; at < 1_500; at++) ledger.recordLatency(`key-${at}`, at);
  expect(ledger.latency('key-1499')).toMatchObject({ samples: 1 });
  // The first ones were neither in the file nor among those that wait for it.
  expect(ledger.latency('key-0')).toBeNull();
});

test.each([
  ['no multiple of a sample', new Uint8Array(7)],
  ['what is no number', new Uint8Array([0, 0, 192, 127])],
  ['a time before its beginning', new Uint8Array([0, 0, 128, 191])],
])('a row that holds %s is taken for none, and written anew', async (_, samples) => {
  const first = opened();
  learn(first, 'a', [10]);
  learn(first, 'b', [20]);
  await first.close();
  const db = new DatabaseSync(path());
  db.prepare("UPDATE latency SET samples = ? WHERE key = 'a'").run(samples);
  db.close();

  const second = opened();
  expect(second.ledger.latency('a')).toBeNull();
  expect(second.ledger.latency('b')).toMatchObject({ p50Ms: 20 });
  learn(second, 'a', [30]);
  await second.close();
  expect(opened().ledger.latency('a')).toMatchObject({ samples: 1, p50Ms: 30 });
});

test('a table that cannot be written keeps no run from being recorded', async () => {
  const journal = opened();
  const db = new DatabaseSync(path());
  db.exec('DROP TABLE latency');
  db.close();
  learn(journal, 'a', [10]);
  await transaction(journal, 'r1');
  expect(await journal.load('r1')).toMatchObject({ runId: 'r1' });
  expect(journal.ledger.latency('a')).toMatchObject({ samples: 1 });
});

test('samples alone cause no transaction before the file is closed', async () => {
  const journal = opened();
  learn(journal, 'a', many(100, 1));
  await clock.advance(60_000);
  expect(filed('a')).toBe(0);
  await journal.close();
  expect(filed('a')).toBe(100);
});
