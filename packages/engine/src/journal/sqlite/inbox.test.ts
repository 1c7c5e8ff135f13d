import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { batchOf } from '../../conformance/batches.ts';
import type { RunMessage } from '../../run/message.ts';
import { behind } from '../../test-support/behind.ts';
import type { SqliteJournal, SqliteJournalOptions } from './contract.ts';
import { sqliteJournal } from './sqlite-journal.ts';

const opened: SqliteJournal[] = [];
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paceline-inbox-'));
  path = join(folder, 'runs.db');
});
afterEach(async () => {
  for (const journal of opened.splice(0)) await journal.close();
  rmSync(folder, { recursive: true });
});

/** Each is an owner of its own, as another process would be. */
function open(options: Partial<SqliteJournalOptions> = {}): SqliteJournal {
  const journal = sqliteJournal({ path, ...options });
  opened.push(journal);
  return journal;
}

const signal = (id: string): RunMessage => ({ type: 'signal', id, name: 'reply', payload: { ok: true } });

test('only the owner of a run collects what anybody posted for it', async () => {
  const owner = open();
  const other = open();
  await owner.create(batchOf('a', 1));
  expect(await other.inbox.post('a', signal('m1'))).toBe('posted');
  expect(await other.inbox.collect()).toEqual([]);
  expect(await owner.inbox.collect()).toMatchObject([{ runId: 'a', id: 'm1' }]);
});

test('what was posted while nobody lived waits for the next owner', async () => {
  await open().create(batchOf('a', 1));
  await opened.pop()?.close();
  await open().inbox.post('a', signal('m1'));
  await opened.pop()?.close();
  const next = open();
  expect(await next.inbox.collect()).toEqual([]);
  await next.claim('a');
  expect(await next.inbox.collect()).toMatchObject([{ runId: 'a', id: 'm1' }]);
});

test('a post of another process is noticed within 250 ms, and a quiet file is left alone', async () => {
  const clock = createVirtualClock();
  const owner = open({ clock });
  const other = open();
  await clock.run(owner.create(batchOf('a', 1)));
  let calls = 0;
  const stop = owner.inbox.watch(() => calls++);
  await owner.inbox.collect();
  await clock.advance(1_000);
  expect(calls).toBe(0);
  await other.inbox.post('a', signal('m1'));
  await clock.advance(250);
  expect(calls).toBe(1);
  // Nobody has settled it yet.
  await owner.inbox.collect();
  await clock.advance(250);
  expect(calls).toBe(2);
  await clock.run(owner.inbox.settle('a', ['m1']));
  await owner.inbox.collect();
  await clock.advance(1_000);
  expect(calls).toBe(2);
  stop();
  await other.inbox.post('a', signal('m2'));
  await clock.advance(1_000);
  expect(calls).toBe(2);
});

test.each([
  ['its text', `UPDATE inbox SET text = replace(text, 'true', 'false')`],
  ['its seal', `UPDATE inbox SET seal = 'another'`],
  ['its id', `UPDATE inbox SET id = 'm9'`],
  ['its run', `UPDATE inbox SET run = (SELECT run FROM run WHERE run_id = 'b')`],
])('a message that is not what was posted is named, not guessed: %s', async (_, harm) => {
  const journal = open();
  for (const runId of ['a', 'b']) await journal.create(batchOf(runId, 1));
  await journal.inbox.post('a', signal('m1'));
  behind(path, (db) => db.exec(harm));
  const [posted] = await journal.inbox.collect();
  expect(posted).toMatchObject({ problem: expect.stringContaining('not what was posted') });
  expect(posted).not.toHaveProperty('message');
  await journal.inbox.settle(posted!.runId, [posted!.id]);
  expect(await journal.inbox.collect()).toEqual([]);
});

test('messages that SQLite dropped with the end of its log are missed', async () => {
  const journal = open();
  await journal.create(batchOf('a', 1));
  const before = behind(path, (db) => (db.exec('PRAGMA wal_checkpoint(PASSIVE)'), true));
  expect(before).toBe(true);
  await journal.inbox.post('a', signal('m1'));
  const copy = join(folder, 'copy.db');
  for (const end of ['', '-wal', '.anchor']) copyFileSync(path + end, copy + end);
  truncateSync(`${copy}-wal`, 0);
  path = copy;
  expect(open().damaged()).toEqual([{ runId: null, reason: 'Messages to runs are gone: 1 of them.' }]);
});

test.each(['', '-wal'])(
  'no flipped byte of the file%s makes a message another one, or goes missing unseen',
  async (end) => {
    const journal = open();
    const truth = new Map<string, RunMessage>();
    for (const runId of ['a', 'b', 'c']) {
      await journal.create(batchOf(runId, 1));
      for (const id of ['m1', 'm2', 'm3']) {
        await journal.inbox.post(runId, signal(id));
        truth.set(`${runId} ${id}`, signal(id));
      }
    }
    if (end === '') await opened.pop()?.close();
    behind(path, (db) => db.exec('DELETE FROM owner'));
    const random = seededRandom(6);
    const original = path;
    let noticed = 0;
    for (let flip = 0; flip < 30; flip++) {
      path = join(folder, `flip-${flip}.db`);
      for (const each of ['', '-wal', '.anchor']) {
        if (existsSync(original + each)) copyFileSync(original + each, path + each);
      }
      const bytes = readFileSync(path + end);
      // Most of a small file is empty, and a bit set there is nobody's loss.
      const written = [...bytes.keys()].filter((place) => bytes[place] !== 0);
      const at = written[Math.floor(random.next() * written.length)] as number;
      bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(random.next() * 8));
      writeFileSync(path + end, bytes);
      noticed += (await messagesSurvive(truth)) ? 0 : 1;
    }
    expect(noticed).toBeGreaterThan(0);
  },
);

/** Every message of the file is there as it was posted, or it is known that something is lost. @returns whether all are there */
async function messagesSurvive(truth: ReadonlyMap<string, RunMessage>): Promise<boolean> {
  let journal: SqliteJournal;
  try {
    journal = open();
  } catch (error) {
    expect(error).toMatchObject({ code: 'JOURNAL_UNUSABLE' });
    return false;
  }
  let known = journal.damaged().length > 0;
  for (const runId of ['a', 'b', 'c']) {
    await journal.claim(runId).catch(({ code }: { readonly code: unknown }) => {
      // Of an owner whose end was dropped: what waits can be counted, not collected.
      expect(['JOURNAL_DAMAGED', 'JOURNAL_FAILED', 'RUN_OWNED']).toContain(code);
      known ||= code !== 'RUN_OWNED';
    });
  }
  for (const posted of await journal.inbox.collect()) {
    if ('message' in posted) expect(posted.message).toEqual(truth.get(`${posted.runId} ${posted.id}`));
    else known = true;
  }
  known ||= journal.damaged().length > 0;
  const waiting = ['a', 'b', 'c'].flatMap((runId) => (known ? [] : journal.inbox.waitingFor(runId)));
  if (!known) expect(waiting).toHaveLength(truth.size);
  await journal.close();
  return !known;
}

test('it tells what waits for a run, and whether another process works on it', async () => {
  const owner = open();
  await owner.create(batchOf('a', 1));
  const other = open();
  for (const id of ['m2', 'm1']) await other.inbox.post('a', signal(id));
  expect(other.inbox.waitingFor('a')).toEqual(['m2', 'm1']);
  expect(other.inbox.waitingFor('nobody')).toEqual([]);
  expect(other.inbox.isAttended('a')).toBe(true);
  expect(other.inbox.isAttended('nobody')).toBe(false);
  await owner.close();
  expect(other.inbox.isAttended('a')).toBe(false);
});
