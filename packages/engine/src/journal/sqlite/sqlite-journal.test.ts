import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { seededRandom } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { batchOf, commitAll, entriesOf } from '../../conformance/batches.ts';
import { journalConformance } from '../../conformance/journal-conformance.ts';
import type { Fence, RunRecord } from '../../run/record.ts';
import { behind } from '../../test-support/behind.ts';
import { isSafeForSeveral } from './database.ts';
import { sqliteJournal } from './sqlite-journal.ts';
import type { SqliteJournal, SqliteJournalOptions } from './contract.ts';

const opened: SqliteJournal[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const journal of opened.splice(0)) await journal.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function freshPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'paceline-journal-'));
  folders.push(folder);
  return join(folder, 'runs.db');
}

function open(options: SqliteJournalOptions): SqliteJournal {
  const journal = sqliteJournal(options);
  opened.push(journal);
  return journal;
}

/** Files as a crash leaves them: nothing closed, the WAL full. */
async function crashed(runs: number): Promise<{ path: string; truth: Map<string, RunRecord> }> {
  const path = freshPath();
  const journal = open({ path });
  const truth = new Map<string, RunRecord>();
  for (let run = 0; run < runs; run++) {
    const batches = [1, 2, 3].map((seq) => batchOf(`run-${run}`, seq));
    await commitAll(journal, batches);
    truth.set(`run-${run}`, batches[2]!.record);
  }
  const copy = freshPath();
  for (const end of ['', '-wal', '.anchor']) copyFileSync(path + end, copy + end);
  return { path: copy, truth };
}

/** Every run is as it was, or known to be damaged: never quietly an older or another one. */
async function examine(path: string, truth: ReadonlyMap<string, RunRecord>): Promise<number> {
  let journal: SqliteJournal;
  try {
    journal = sqliteJournal({ path });
  } catch (error) {
    expect(error).toMatchObject({ code: 'JOURNAL_UNUSABLE' });
    return truth.size;
  }
  let lost = 0;
  const missing = journal.damaged().filter(({ runId }) => runId === null).length;
  let gone = 0;
  for (const [runId, record] of truth) {
    try {
      const loaded = await journal.load(runId);
      if (loaded === undefined) gone++;
      else expect(loaded).toEqual(record);
      if (loaded !== undefined) expect(await entriesOf(journal, runId)).toHaveLength(record.seq);
    } catch (error) {
      expect(error).toMatchObject({ code: 'JOURNAL_DAMAGED' });
      lost++;
    }
  }
  expect(gone).toBeLessThanOrEqual(missing);
  await journal.close().catch(() => {});
  return lost + gone;
}

journalConformance('sqlite', () => sqliteJournal({ path: freshPath() }));

test('only its owner may read the files', async () => {
  const path = freshPath();
  await open({ path }).create(batchOf('a', 1));
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}.anchor`]) {
    expect((statSync(file).mode & 0o777).toString(8), file).toBe('600');
  }
});

test.each([
  [
    'a database of something else',
    (path: string) => behind(path, (db) => db.exec('CREATE TABLE cats (name TEXT)')),
  ],
  [
    'a file of a later version',
    (path: string) =>
      behind(path, (db) => db.exec('PRAGMA application_id = 0x50414345; PRAGMA user_version = 99')),
  ],
  ['no database at all', (path: string) => writeFileSync(path, 'Dear diary,\n'.repeat(500))],
])('%s is refused, and left as it is', (_, make) => {
  const path = freshPath();
  make(path);
  const before = readFileSync(path);
  expect(() => sqliteJournal({ path })).toThrow(expect.objectContaining({ code: 'JOURNAL_UNUSABLE' }));
  expect(readFileSync(path)).toEqual(before);
});

test.each([
  ['3.44.6', true],
  ['3.50.4', false],
  ['3.50.7', true],
  ['3.51.2', false],
  ['3.51.3', true],
  ['3.53.4', true],
  ['4.0.0', true],
])('whether SQLite %s may have several connections: %s', (version, safe) => {
  expect(isSafeForSeveral(version)).toBe(safe);
});

test('what was committed is there after closing and opening again', async () => {
  const path = freshPath();
  const first = open({ path });
  const batches = [batchOf('a', 1), batchOf('a', 2), batchOf('a', 3)];
  await commitAll(first, batches);
  await first.close();
  const second = open({ path });
  expect(await second.load('a')).toEqual(batches[2]!.record);
  expect(await entriesOf(second, 'a')).toEqual(batches.map(({ entry }) => entry));
  expect(await entriesOf(second, 'a', 2)).toEqual([batches[1]!.entry, batches[2]!.entry]);
  expect(second.damaged()).toEqual([]);
});

test('a large input is written once, however many runs have it', async () => {
  const path = freshPath();
  const journal = open({ path });
  const input = { document: 'x'.repeat(100_000) };
  for (const id of ['a', 'b', 'c']) {
    // Ids of one length, so that the events differ in nothing but what stands outside the input.
    const batch = batchOf(id, 1, { input });
    await journal.create({
      ...batch,
      entry: { ...batch.entry, event: { ...batch.entry.event, runId: 'x' } as never },
    });
    expect((await journal.load(id))?.input).toEqual(input);
  }
  expect(behind(path, (db) => db.prepare('SELECT count(*) AS n FROM payload').get())).toEqual({ n: 1 });
});

test('a value above the limit is refused by name and size, and disturbs nobody', async () => {
  const journal = open({ path: freshPath(), maxValueBytes: 2_000 });
  const fence = await journal.create(batchOf('a', 1));
  const wide = batchOf('a', 2);
  const record: RunRecord = { ...wide.record, outputs: { big: 'y'.repeat(3_000) } };
  await expect(journal.commit(fence, { ...wide, record })).rejects.toMatchObject({
    code: 'VALUE_TOO_LARGE',
    message: expect.stringContaining('run a'),
  });
  await journal.commit(fence, wide);
});

describe('two processes on one file', () => {
  test('the lease of a living owner is respected; after it the run changes hands and the old fence is void', async () => {
    const clock = createVirtualClock();
    const path = freshPath();
    const first = open({ path, clock });
    const fence = await clock.run(first.create(batchOf('a', 1)));
    const second = open({ path, clock });
    await expect(clock.run(second.claim('a'))).rejects.toMatchObject({ code: 'RUN_OWNED' });
    await clock.advance(60_000);
    // It has gone on renewing.
    await expect(clock.run(second.claim('a'))).rejects.toMatchObject({ code: 'RUN_OWNED' });
    clock.jumpEpoch(60_000); // as after a long stop: nobody has renewed
    const claimed = await clock.run(second.claim('a'));
    expect(claimed?.record).toEqual(batchOf('a', 1).record);
    await expect(clock.run(first.commit(fence, batchOf('a', 2)))).rejects.toMatchObject({ code: 'FENCED' });
    await clock.run(second.commit(claimed?.fence as Fence, batchOf('a', 2)));
    expect((await first.load('a'))?.seq).toBe(2);
    await clock.run(Promise.all([first.close(), second.close()]));
  });

  test('the lease holds from the first run on, however long there was none before', async () => {
    const clock = createVirtualClock();
    const path = freshPath();
    const first = open({ path, clock });
    await clock.advance(14_000);
    await clock.run(first.create(batchOf('a', 1)));
    const second = open({ path, clock });
    await clock.advance(4_000);
    await expect(clock.run(second.claim('a'))).rejects.toMatchObject({ code: 'RUN_OWNED' });
    await clock.run(Promise.all([first.close(), second.close()]));
  });

  test('short runs that follow one another share a renewal', async () => {
    const clock = createVirtualClock();
    const path = freshPath();
    const journal = open({ path, clock });
    const leaseEnd = () =>
      behind(path, (db) => db.prepare('SELECT lease_until_epoch_ms AS ms FROM owner').get() as { ms: number })
        .ms;
    const begunAt = leaseEnd();
    for (let run = 0; run < 49; run++) {
      const fence = await clock.run(journal.create(batchOf(`run-${run}`, 1)));
      await clock.advance(100);
      await clock.run(journal.commit(fence, batchOf(`run-${run}`, 2, { status: 'succeeded' })));
    }
    expect(leaseEnd()).toBe(begunAt);
    await clock.run(journal.create(batchOf('last', 1)));
    await clock.advance(101);
    expect(leaseEnd()).toBe(begunAt + 5_000);
    await clock.run(journal.close());
  });

  test('a run that its owner gave up is free, though that process lives on', async () => {
    const clock = createVirtualClock();
    const path = freshPath();
    const first = open({ path, clock });
    const fence = await clock.run(first.create(batchOf('a', 1)));
    await clock.run(first.create(batchOf('b', 1)));
    const second = open({ path, clock });
    await first.release(fence);
    await clock.advance(1);
    expect((await clock.run(second.claim('a')))?.record.seq).toBe(1);
    await expect(clock.run(second.claim('b'))).rejects.toMatchObject({ code: 'RUN_OWNED' });
    await clock.run(Promise.all([first.close(), second.close()]));
  });

  test('one that could not say so when it gave a run up says so when it can', async () => {
    const clock = createVirtualClock();
    const path = freshPath();
    const first = open({ path, clock, giveUpMs: 1_000 });
    const fence = await clock.run(first.create(batchOf('a', 1)));
    await clock.run(first.create(batchOf('b', 1)));
    const second = open({ path, clock });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    await first.release(fence);
    await clock.advance(3_000);
    other.exec('COMMIT');
    other.close();
    await clock.advance(10_000);
    expect((await clock.run(second.claim('a')))?.record.seq).toBe(1);
    await clock.run(Promise.all([first.close(), second.close()]));
  });

  test('one that died does not live on in another one that was given its number, as in containers', async () => {
    const path = freshPath();
    await open({ path }).create(batchOf('a', 1));
    behind(path, (db) => db.exec('UPDATE owner SET born_epoch_ms = born_epoch_ms - 1'));
    expect((await open({ path }).claim('a'))?.record.seq).toBe(1);
  });

  test('who owns no unfinished run has no timer', async () => {
    const clock = createVirtualClock();
    const journal = open({ path: freshPath(), clock });
    const fence = await clock.run(journal.create(batchOf('a', 1)));
    expect(clock.pendingTimers()).toBeGreaterThan(0);
    await clock.run(journal.commit(fence, batchOf('a', 2, { status: 'succeeded' })));
    expect(clock.pendingTimers()).toBe(0);
  });

  test('a write that meets the other one waits, and goes on by itself', async () => {
    const clock = createVirtualClock();
    const path = freshPath();
    const journal = open({ path, clock });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    let done = false;
    const creating = journal.create(batchOf('a', 1)).then(() => (done = true));
    await clock.advance(500);
    expect(done).toBe(false);
    other.exec('COMMIT');
    other.close();
    await clock.advance(1_000);
    await creating;
  });

  test('a disk that stays in trouble is told to those who wait, as something to try again', async () => {
    const clock = createVirtualClock();
    const path = freshPath();
    const journal = open({ path, clock, giveUpMs: 1_000 });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const creating = journal.create(batchOf('a', 1)).catch((error: unknown) => error);
    await clock.advance(5_000);
    expect(await creating).toMatchObject({ code: 'JOURNAL_FAILED' });
    other.exec('COMMIT');
    other.close();
    await clock.run(journal.create(batchOf('a', 1)));
  });

  test("a disk from which nothing can be read is told in the journal's own words", async () => {
    const journal = open({ path: freshPath() });
    await journal.create(batchOf('a', 1));
    const read = vi.spyOn(StatementSync.prototype, 'get').mockImplementation(ioError);
    const list = vi.spyOn(StatementSync.prototype, 'all').mockImplementation(ioError);
    try {
      for (const reading of [journal.load('a'), journal.list({}), entriesOf(journal, 'a')]) {
        await expect(reading).rejects.toMatchObject({ code: 'JOURNAL_FAILED', cause: { errcode: 10 } });
      }
    } finally {
      read.mockRestore();
      list.mockRestore();
    }
    expect(await entriesOf(journal, 'a')).toHaveLength(1);
  });
});

function ioError(): never {
  throw Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 });
}

describe('retention', () => {
  test('forgets what ended before, its payloads too, and nothing else', async () => {
    const path = freshPath();
    const journal = open({ path });
    const input = { document: 'x'.repeat(50_000) };
    await commitAll(journal, [batchOf('old', 1, { input }), batchOf('old', 2, { status: 'succeeded' })]);
    await commitAll(journal, [batchOf('running', 1)]);
    await commitAll(journal, [batchOf('new', 1), batchOf('new', 2), batchOf('new', 3, { status: 'failed' })]);
    const pages = () => behind(path, (db) => db.prepare('PRAGMA page_count').get()) as { page_count: number };
    const before = pages().page_count;
    expect(await journal.prune(batchOf('new', 3).entry.atEpochMs)).toBe(1);
    expect((await journal.list({})).map(({ runId }) => runId)).toEqual(['running', 'new']);
    expect(behind(path, (db) => db.prepare('SELECT count(*) AS n FROM payload').get())).toEqual({ n: 0 });
    expect(pages().page_count).toBeLessThan(before);
    for (const { runId } of await journal.list({})) await journal.audit(runId);
    expect((await journal.load('running'))?.seq).toBe(1);
    await journal.close();
    expect(open({ path }).damaged()).toEqual([]);
  });

  test('keeps the children of an unfinished run: it may yet ask how they ended', async () => {
    const journal = open({ path: freshPath() });
    const ended = (runId: string, parentRunId: string) =>
      commitAll(journal, [
        batchOf(runId, 1, { parentRunId }),
        batchOf(runId, 2, { parentRunId, status: 'succeeded' }),
      ]);
    const fence = await journal.create(batchOf('own', 1));
    await ended('own.step.1', 'own');
    await ended('gone.step.1', 'gone');
    expect(await journal.prune(Number.MAX_SAFE_INTEGER)).toBe(1);
    expect((await journal.list({})).map(({ runId }) => runId)).toEqual(['own', 'own.step.1']);
    await journal.commit(fence, batchOf('own', 2, { status: 'succeeded' }));
    expect(await journal.prune(Number.MAX_SAFE_INTEGER)).toBe(2);
  });
});

describe('damage', () => {
  test('an unharmed crash loses nothing', async () => {
    const { path, truth } = await crashed(10);
    expect(await examine(path, truth)).toBe(0);
  });

  test.each(['-wal', ''] as const)(
    'no flipped or missing byte of the file%s is taken for truth',
    async (end) => {
      const { path, truth } = await crashed(10);
      if (end === '') await sqliteJournal({ path }).close(); // everything is in the main file now
      const random = seededRandom(1);
      const whole = readFileSync(path + end);
      let found = 0;
      for (let round = 0; round < 60; round++) {
        const copy = freshPath();
        for (const other of ['', '-wal', '.anchor']) {
          if (existsSync(path + other)) copyFileSync(path + other, copy + other);
        }
        const harmed = Buffer.from(whole);
        const at = Math.floor(random.next() * harmed.length);
        harmed[at] = harmed[at]! ^ (1 << Math.floor(random.next() * 8));
        writeFileSync(copy + end, round % 2 === 0 ? harmed : harmed.subarray(0, at));
        if ((await examine(copy, truth)) > 0) found++;
      }
      expect(found).toBeGreaterThan(10);
    },
  );

  test('a damaged index is named, since runs may be missed by it', async () => {
    const path = freshPath();
    const journal = open({ path });
    await commitAll(journal, [batchOf('a', 1), batchOf('a', 2)]);
    await journal.close();
    const root = behind(path, (db) =>
      db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'state_by_end'").get(),
    );
    const bytes = readFileSync(path);
    // An empty leaf, as it were: the run is in the table, and not in the index by which the unfinished are found.
    bytes.writeUInt16BE(0, ((root?.['rootpage'] as number) - 1) * 4096 + 3);
    writeFileSync(path, bytes);
    const again = open({ path });
    expect(await again.list({ unfinished: true })).toEqual([]);
    expect(again.damaged()).toEqual([
      { runId: null, reason: expect.stringContaining('Runs or messages may be missing') },
    ]);
  });

  test('a damaged run is kept aside and the others are served', async () => {
    const path = freshPath();
    const journal = open({ path });
    await commitAll(journal, [batchOf('a', 1), batchOf('a', 2)]);
    await commitAll(journal, [batchOf('b', 1)]);
    behind(path, (db) =>
      db.exec(`UPDATE state SET state = replace(state, 'state-2', 'state-9') WHERE run = 1`),
    );
    await expect(journal.claim('a')).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' });
    expect((await journal.claim('b'))?.record.seq).toBe(1);
    // What was found by the way is known from then on.
    await journal.close();
    expect(open({ path }).damaged()).toEqual([
      { runId: 'a', reason: expect.stringContaining('not what was') },
    ]);
  });

  test('a row of the state that was rolled back is not believed', async () => {
    const path = freshPath();
    const journal = open({ path });
    const state = () =>
      behind(path, (db) => db.prepare('SELECT state FROM state').get()?.['state'] as string);
    await commitAll(journal, [batchOf('a', 1), batchOf('a', 2)]);
    const earlier = state();
    await journal.commit({ runId: 'a', epoch: 1 }, batchOf('a', 3));
    behind(path, (db) => db.prepare('UPDATE state SET seq = 2, state = ?').run(earlier));
    await expect(journal.load('a')).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' });
  });
});

test.each(['', ':memory:'])('`%s` is no file to remember runs in', (path) => {
  expect(() => sqliteJournal({ path })).toThrow(
    expect.objectContaining({
      code: 'JOURNAL_UNUSABLE',
      message: expect.stringContaining('memoryJournal()'),
    }),
  );
  expect(existsSync(`${path}.anchor`)).toBe(false);
});
