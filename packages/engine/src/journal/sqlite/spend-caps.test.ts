import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryLedger } from '@paceline/gateway';
import { createVirtualClock } from '@paceline/resilience/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask, capUse, spendCapsConformance } from '../../conformance/spend-caps-conformance.ts';
import { entryOf } from '../../conformance/spend-entries.ts';
import { sqliteJournal } from './sqlite-journal.ts';
import type { SqliteJournal } from './contract.ts';

spendCapsConformance('memory', () => ({ ledger: memoryLedger(), close: () => {} }));

spendCapsConformance('sqlite', () => {
  const own = mkdtempSync(join(tmpdir(), 'paceline-caps-'));
  const journal = sqliteJournal({ path: join(own, 'runs.db') });
  return {
    ledger: journal.ledger,
    close: () => journal.close().finally(() => rmSync(own, { recursive: true })),
  };
});

const MINUTE_MS = 60_000;
const clock = createVirtualClock();
const now = clock.epochMs();
const open: SqliteJournal[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paceline-caps-'));
});

afterEach(async () => {
  for (const journal of open.splice(0)) await journal.close();
  rmSync(folder, { recursive: true });
});

function opened(name = 'one'): SqliteJournal {
  mkdirSync(join(folder, name), { recursive: true });
  const journal = sqliteJournal({ path: join(folder, name, 'runs.db'), clock });
  open.push(journal);
  return journal;
}

/** Opens what a process leaves behind that dies at this moment: its files as the disk has them. */
function afterDeathOf(name: string): SqliteJournal {
  cpSync(join(folder, name), join(folder, `${name} after`), { recursive: true });
  return opened(`${name} after`);
}

const hold = ({ ledger }: SqliteJournal, id: string, asked: Parameters<typeof ask>[2]) =>
  clock.run(ask(ledger.spend, id, { at: now, ...asked }));
const standing = ({ ledger }: SqliteJournal) => ledger.spend.standing(capUse(), now);
const booked = (journal: SqliteJournal) => clock.run(journal.ledger.spend.report({ by: ['step'] }));

describe('a process that dies', () => {
  test('between reserve and settle loses nothing: what it held stays held, and is spent when its time is up', async () => {
    const before = opened();
    await hold(before, 'a', { usd: 0.6, expiresAt: now + MINUTE_MS });
    const after = afterDeathOf('one');
    expect(standing(after)).toEqual({ spentUsd: 0, heldUsd: 0.6 });
    expect((await hold(after, 'b', { usd: 0.5 })).ok).toBe(false);
    expect((await hold(after, 'c', { usd: 0.4, at: now + MINUTE_MS })).ok).toBe(true);
    expect(standing(after)).toEqual({ spentUsd: 0.6, heldUsd: 0.4 });
    const [row] = await booked(after);
    expect(row).toMatchObject({ attempts: 1, usd: 0.6, sources: { estimated: { attempts: 1 } } });
  });

  test('before its reservation is durable has spent nothing, as it has sent nothing', async () => {
    const before = opened();
    const asked = ask(before.ledger.spend, 'a', { usd: 0.6, at: now });
    const after = afterDeathOf('one');
    expect(standing(after)).toEqual({ spentUsd: 0, heldUsd: 0 });
    await clock.run(asked);
    expect(standing(before)).toEqual({ spentUsd: 0, heldUsd: 0.6 });
  });

  test('after it has settled leaves nothing held', async () => {
    const before = opened();
    await hold(before, 'a', { usd: 0.6 });
    before.ledger.spend.settle(entryOf({ id: 'a', atEpochMs: now, costUsd: 0.2 }));
    await booked(before);
    const after = afterDeathOf('one');
    expect(standing(after)).toEqual({ spentUsd: 0.2, heldUsd: 0 });
  });

  test('and comes back after all changes nothing about what was booked for it', async () => {
    const journal = opened();
    await hold(journal, 'a', { usd: 0.6, expiresAt: now + MINUTE_MS });
    await hold(journal, 'b', { usd: 0.1, at: now + MINUTE_MS });
    journal.ledger.spend.settle(entryOf({ id: 'a', atEpochMs: now, costUsd: 0.3 }));
    const [row] = await booked(journal);
    expect(row).toMatchObject({ attempts: 1, usd: 0.6 });
    expect(standing(journal)).toEqual({ spentUsd: 0.6, heldUsd: 0.1 });
  });

  test('while an attempt without a known price is in flight leaves what it counts as, and no invented cost', async () => {
    const journal = opened();
    const { outcome: _, ...attempt } = entryOf({ id: 'a', atEpochMs: now });
    const order = { attempt, usd: 0.1, priced: false, uses: [capUse()], expiresAtEpochMs: now + 1 };
    await clock.run(journal.ledger.spend.reserve(order));
    await hold(journal, 'b', { usd: 0, at: now + 1 });
    expect(standing(journal)).toEqual({ spentUsd: 0.1, heldUsd: 0 });
    const [row] = await booked(journal);
    expect(row).toMatchObject({ attempts: 1, usd: 0, unpricedAttempts: 1 });
  });
});

describe('processes on one file', () => {
  test('cannot hold more together than the cap', async () => {
    const [one, other] = [opened(), opened()];
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, at) => hold(at % 2 === 0 ? one : other, `${at}`, { usd: 0.15 })),
    );
    expect(all.filter(({ ok }) => ok)).toHaveLength(6);
    expect(standing(one)).toEqual(standing(other));
  });

  test('see what the other has spent', async () => {
    const [one, other] = [opened(), opened()];
    await hold(one, 'a', { usd: 1 });
    expect((await hold(other, 'b', { usd: 0.1 })).ok).toBe(false);
    one.ledger.spend.settle(entryOf({ id: 'a', atEpochMs: now, costUsd: 0.9 }));
    await booked(one);
    expect((await hold(other, 'c', { usd: 0.1 })).ok).toBe(true);
  });
});

test('counters that nothing counts on any more are forgotten when the file is opened', async () => {
  const window = { type: 'rolling', ms: MINUTE_MS } as const;
  const count = (journal: SqliteJournal) => journal.ledger.spend.standing(capUse({ window }), now);
  const before = opened();
  await hold(before, 'a', { usd: 0.1, uses: [capUse({ window }), capUse()] });
  before.ledger.spend.settle(entryOf({ id: 'a', atEpochMs: now, costUsd: 0.1 }));
  await before.close();
  expect(count(opened())).toEqual({ spentUsd: 0.1, heldUsd: 0 });
  for (const journal of open.splice(0)) await journal.close();
  await clock.advance(2 * MINUTE_MS);
  const after = opened();
  expect(count(after)).toEqual({ spentUsd: 0, heldUsd: 0 });
  expect(standing(after)).toEqual({ spentUsd: 0.1, heldUsd: 0 });
});
