import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { batchOf, entriesOf } from '../../conformance/batches.ts';
import type { RunEvent } from '../../run/record.ts';
import { behind } from '../../test-support/behind.ts';
import type { Batch } from '../store.ts';
import type { SqliteJournal } from './contract.ts';
import { entryText, follow, linkOf } from './entries.ts';
import { sqliteJournal } from './sqlite-journal.ts';

// Where a run's entries stand: the latest in its row, earlier ones in segments. What reads them is not to see the difference.

let folder: string;
let path: string;
let journal: SqliteJournal;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paceline-segments-'));
  path = join(folder, 'runs.db');
  journal = sqliteJournal({ path });
});
afterEach(async () => {
  await journal.close();
  rmSync(folder, { recursive: true });
});

const count = (table: string): number =>
  behind(path, (db) => db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'] as number);

/** Sizes, in characters, of what a step gave and of the state it led to. */
interface Sizes {
  readonly output: number;
  readonly context: number;
}

function sized(runId: string, seq: number, { output, context }: Sizes): Batch {
  const { entry, record } = batchOf(runId, seq);
  const said =
    seq === 1
      ? entry.event
      : ({
          type: 'step-done',
          token: `${runId}/${seq}`,
          output: 'ö\n'.repeat(output / 2),
          attempts: [],
        } as const);
  return {
    entry: { ...entry, event: said as RunEvent },
    record: { ...record, snapshot: { value: 'state', context: { text: 'x'.repeat(context) } } },
  };
}

/** @returns what was written */
async function write(runId: string, sizes: readonly Sizes[]): Promise<readonly Batch[]> {
  const batches = sizes.map((each, index) => sized(runId, index + 1, each));
  const [first, ...rest] = batches as [Batch, ...Batch[]];
  const fence = await journal.create(first);
  for (const batch of rest) await journal.commit(fence, batch);
  return batches;
}

const small = (length: number): Sizes[] => Array.from({ length }, () => ({ output: 80, context: 50 }));

test('whatever is written is read back, from any entry on, by this process and the next', async () => {
  const size = fc.record({
    output: fc.constantFrom(0, 10, 200, 2_000, 20_000),
    context: fc.constantFrom(0, 300, 3_400, 6_000, 20_000),
  });
  let runs = 0;
  const runId = () => `run-${++runs}`;
  await fc.assert(
    fc.asyncProperty(fc.array(size, { minLength: 1, maxLength: 40 }), fc.nat(), async (sizes, from) => {
      const id = runId();
      const written = await write(id, sizes);
      const fromSeq = (from % sizes.length) + 1;
      for (const reader of [journal, sqliteJournal({ path })]) {
        expect(await reader.load(id)).toEqual(written.at(-1)?.record);
        expect(await entriesOf(reader, id)).toEqual(written.map(({ entry }) => entry));
        expect(await entriesOf(reader, id, fromSeq)).toEqual(
          written.slice(fromSeq - 1).map(({ entry }) => entry),
        );
        if (reader !== journal) await reader.close();
      }
    }),
    { numRuns: 40 },
  );
});

test('a short run stands in one row; the row of a long one stays on a page', async () => {
  await write('short', small(12));
  expect(count('segment')).toBe(0);
  const written = await write('long', small(1_000));
  expect(count('segment')).toBeGreaterThan(50);
  const { bytes } = behind(
    path,
    (db) =>
      db.prepare('SELECT max(length(state) + length(tail)) AS bytes FROM state').get() as { bytes: number },
  );
  expect(bytes).toBeLessThan(3_900);
  expect(await entriesOf(journal, 'long', 999)).toEqual(written.slice(998).map(({ entry }) => entry));
  expect(await entriesOf(journal, 'long')).toHaveLength(1_000);
});

test('where the state alone is long, segments do not become crumbs', async () => {
  await write(
    'wide',
    Array.from({ length: 100 }, () => ({ output: 80, context: 6_000 })),
  );
  expect(count('segment')).toBeLessThan(25);
});

test('an owner that takes a run over goes on where its entries stand', async () => {
  await write('long', small(30));
  const fence = { runId: 'long', epoch: 1 };
  await journal.release(fence);
  await journal.close();
  journal = sqliteJournal({ path });
  const claimed = await journal.claim('long');
  const more = Array.from({ length: 30 }, (_, index) =>
    sized('long', 31 + index, { output: 80, context: 50 }),
  );
  for (const batch of more) await journal.commit(claimed?.fence ?? fence, batch);
  expect(await entriesOf(journal, 'long', 31)).toEqual(more.map(({ entry }) => entry));
  await journal.audit('long');
});

test('a commit that the fence refuses moves no entries', async () => {
  // As many as the next one moves to a segment.
  const written = await write('long', small(12));
  const segments = count('segment');
  const next = sized('long', 13, { output: 80, context: 3_000 });
  await expect(journal.commit({ runId: 'long', epoch: 2 }, next)).rejects.toMatchObject({ code: 'FENCED' });
  expect(count('segment')).toBe(segments);
  expect(await entriesOf(journal, 'long')).toEqual(written.map(({ entry }) => entry));
  await journal.commit({ runId: 'long', epoch: 1 }, next);
  expect(count('segment')).toBe(segments + 1);
});

test('a long event is kept once, and forgotten with its last run', async () => {
  const input = { document: 'x'.repeat(20_000) };
  // Ids of one length, so that the events differ in nothing.
  const event = { ...batchOf('one', 1, { input }).entry.event, runId: 'x' } as RunEvent;
  for (const id of ['one', 'two']) {
    const first = batchOf(id, 1, { input });
    const fence = await journal.create({ ...first, entry: { ...first.entry, event } });
    await journal.commit(fence, batchOf(id, 2, { status: 'succeeded' }));
  }
  expect([count('payload'), count('entry_payload')]).toEqual([1, 2]);
  expect((await entriesOf(journal, 'two'))[0]?.event).toEqual(event);
  const { atEpochMs } = batchOf('one', 2).entry;
  expect(await journal.prune(atEpochMs + 1)).toBe(2);
  expect([count('payload'), count('entry_payload'), count('segment')]).toEqual([0, 0, 0]);
});

test('segments are forgotten with their run', async () => {
  const sizes = small(40);
  await write('running', sizes);
  const kept = count('segment');
  await write('ended', sizes);
  await journal.commit({ runId: 'ended', epoch: 1 }, batchOf('ended', 41, { status: 'succeeded' }));
  expect(await journal.prune(Number.MAX_SAFE_INTEGER)).toBe(1);
  expect(count('segment')).toBe(kept);
  await journal.audit('running');
});

describe('damage', () => {
  test.each([
    ['an entry of the row', `UPDATE state SET tail = replace(tail, 'long/40', 'long/41')`],
    ['the last entry gone', `UPDATE state SET tail = substr(tail, 1, instr(tail, char(10)))`],
    ['no entry at all', `UPDATE state SET tail = ''`],
    ['the state', `UPDATE state SET state = replace(state, 'xxx', 'xxy')`],
    ['the number', `UPDATE state SET seq = seq - 1`],
    ['the link', `UPDATE state SET chain = 'A' || substr(chain, 2)`],
    ['an entry of the first segment', `UPDATE segment SET entries = replace(entries, 'long/3"', 'long/4"')`],
    ['the first segment', `DELETE FROM segment WHERE last_seq = (SELECT min(last_seq) FROM segment)`],
    ['the last segment', `DELETE FROM segment WHERE last_seq = (SELECT max(last_seq) FROM segment)`],
    ['what never changes', `UPDATE run SET workflow_id = 'another'`],
  ])('%s: recovery finds it', async (_, harm) => {
    await write('long', small(40));
    await journal.audit('long');
    expect(behind(path, (db) => db.prepare(harm).run().changes)).toBeGreaterThan(0);
    await expect(journal.load('long')).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' });
  });

  test.each([
    ['another entry', `UPDATE segment SET entries = replace(entries, 'long/50"', 'long/51"')`],
    ['a segment gone', `DELETE FROM segment WHERE last_seq BETWEEN 45 AND 60`],
    [
      'entries in another order',
      `UPDATE segment SET chain = 'A' || substr(chain, 2) WHERE last_seq BETWEEN 45 AND 60`,
    ],
  ])('%s in the middle: the audit finds it, recovery need not look', async (_, harm) => {
    await write('long', small(100));
    expect(behind(path, (db) => db.prepare(harm).run().changes)).toBeGreaterThan(0);
    expect((await journal.load('long'))?.seq).toBe(100);
    await expect(journal.audit('long')).rejects.toMatchObject({
      code: 'JOURNAL_DAMAGED',
      message: expect.stringMatching(/entries \d+ to \d+|ends at entry/),
    });
    await expect.poll(() => journal.damaged()).toMatchObject([{ runId: 'long' }]);
  });

  test('segments that go while they are read are missed', async () => {
    await write('long', small(1_000));
    const entries = journal.entries('long')[Symbol.asyncIterator]();
    await entries.next();
    behind(path, (db) => db.exec('DELETE FROM segment'));
    const rest = async (): Promise<void> => {
      while (!(await entries.next()).done);
    };
    await expect(rest()).rejects.toMatchObject({
      code: 'JOURNAL_DAMAGED',
      message: expect.stringMatching(/ends at entry \d+ of 1000/),
    });
  });

  test('a long event that is another one, or gone', async () => {
    await write('run', [
      { output: 0, context: 0 },
      { output: 20_000, context: 0 },
    ]);
    behind(path, (db) => db.exec(`UPDATE payload SET text = replace(text, 'run/2', 'run/3')`));
    await expect(journal.audit('run')).rejects.toMatchObject({
      code: 'JOURNAL_DAMAGED',
      message: expect.stringContaining('entry 2'),
    });
    behind(path, (db) => db.exec('DELETE FROM payload; DELETE FROM quarantine'));
    await expect(journal.audit('run')).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' });
  });
});

test('entries as text give themselves and their links', () => {
  const event = fc
    .json({ noUnicodeString: false } as never)
    .map((json) => JSON.stringify({ json: JSON.parse(json) }));
  const entry = fc.record({ afterMs: fc.maxSafeInteger(), stateSum: fc.integer(), event });
  fc.assert(
    fc.property(fc.array(entry), fc.nat(), (entries, seq) => {
      const text = entries.map(entryText);
      let chain = 'genesis';
      text.forEach((line, index) => (chain = linkOf(chain, seq + index + 1, line)));
      const followed = follow(text.join(''), { seq, chain: 'genesis' });
      expect(followed.entries).toEqual(entries.map((each, index) => ({ seq: seq + index + 1, ...each })));
      expect(followed.end).toEqual({ seq: seq + entries.length, chain });
    }),
  );
});
