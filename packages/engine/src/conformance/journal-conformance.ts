import type { Json } from '@paceline/gateway';
import { seededRandom } from '@paceline/resilience';
import type { Random } from '@paceline/resilience';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shapeHash } from '../define/hash.ts';
import type { Fence, JournalEntry, RunRecord, RunStatus, RunSummary } from '../run/record.ts';
import type { JournalStore, RunFilter } from '../journal/store.ts';
import { batchOf, commitAll, entriesOf } from './batches.ts';
import { inboxCases } from './inbox-conformance.ts';

/** Opens an empty store. It has to keep at least 100 runs that have ended. */
export type OpenJournal = () => JournalStore | Promise<JournalStore>;

/** What every journal store has to do. Call it in a vitest file, once per store. */
export function journalConformance(name: string, open: OpenJournal): void {
  describe(`journal: ${name}`, () => {
    let journal: JournalStore;
    beforeEach(async () => {
      journal = await open();
    });
    afterEach(() => journal.close());

    test('a created run can be loaded', async () => {
      const batch = batchOf('a', 1);
      const fence = await journal.create(batch);
      expect(fence.runId).toBe('a');
      expect(await journal.load('a')).toEqual(batch.record);
      expect(await journal.load('b')).toBeUndefined();
    });

    test('an id is given once', async () => {
      const first = batchOf('a', 1, { input: 'first' });
      await journal.create(first);
      await expect(journal.create(batchOf('a', 1, { input: 'second' }))).rejects.toMatchObject({
        code: 'RUN_EXISTS',
      });
      expect(await journal.load('a')).toEqual(first.record);
    });

    test('a commit replaces the record and adds its entry', async () => {
      const batches = [batchOf('a', 1), batchOf('a', 2), batchOf('a', 3, { status: 'succeeded' })];
      await commitAll(journal, batches);
      expect(await journal.load('a')).toEqual(batches.at(-1)?.record);
      expect(await entriesOf(journal, 'a')).toEqual(batches.map(({ entry }) => entry));
      expect(await entriesOf(journal, 'a', 3)).toEqual([batches[2]?.entry]);
      expect(await entriesOf(journal, 'nobody')).toEqual([]);
    });

    test.each([
      ['the entry before', 1],
      ['the same entry again', 2],
      ['an entry too far', 4],
    ])('%s is refused and changes nothing', async (_, seq) => {
      const fence = await commitAll(journal, [batchOf('a', 1), batchOf('a', 2)]);
      await expect(journal.commit(fence, batchOf('a', seq))).rejects.toMatchObject({ code: 'FENCED' });
      expect((await journal.load('a'))?.seq).toBe(2);
      expect(await entriesOf(journal, 'a')).toHaveLength(2);
    });

    test('a claim hands the run over and refuses its former owner', async () => {
      const former = await commitAll(journal, [batchOf('a', 1), batchOf('a', 2)]);
      const claimed = await journal.claim('a');
      expect(claimed?.record).toEqual(batchOf('a', 2).record);
      await expect(journal.commit(former, batchOf('a', 3))).rejects.toMatchObject({ code: 'FENCED' });
      await journal.commit(claimed?.fence as Fence, batchOf('a', 3));
      const next = await journal.claim('a');
      await expect(journal.commit(claimed?.fence as Fence, batchOf('a', 4))).rejects.toMatchObject({
        code: 'FENCED',
      });
      await journal.commit(next?.fence as Fence, batchOf('a', 4));
      expect((await journal.load('a'))?.seq).toBe(4);
    });

    test('only unfinished runs can be claimed', async () => {
      await commitAll(journal, [batchOf('a', 1), batchOf('a', 2, { status: 'failed' })]);
      expect(await journal.claim('a')).toBeUndefined();
      expect(await journal.claim('nobody')).toBeUndefined();
    });

    test('a run takes what its stopped steps cost after its end', async () => {
      const fence = await commitAll(journal, [batchOf('a', 1), batchOf('a', 2, { status: 'cancelled' })]);
      await journal.commit(fence, batchOf('a', 3, { status: 'cancelled' }));
      expect((await journal.load('a'))?.seq).toBe(3);
    });

    test('a fence of one run does not open another', async () => {
      const fence = await journal.create(batchOf('a', 1));
      await journal.create(batchOf('b', 1));
      await expect(journal.commit(fence, batchOf('b', 2))).rejects.toMatchObject({ code: 'FENCED' });
      expect((await journal.load('b'))?.seq).toBe(1);
    });

    test('lists runs in the order of their creation', async () => {
      await journal.create(batchOf('a', 1));
      await commitAll(journal, [batchOf('b', 1), batchOf('b', 2, { status: 'degraded' })]);
      await journal.create(batchOf('c', 1));
      const list = await journal.list({});
      expect(list.map(({ runId, status, seq }) => ({ runId, status, seq }))).toEqual([
        { runId: 'a', status: 'running', seq: 1 },
        { runId: 'b', status: 'degraded', seq: 2 },
        { runId: 'c', status: 'running', seq: 1 },
      ]);
      expect((await journal.list({ unfinished: true })).map(({ runId }) => runId)).toEqual(['a', 'c']);
      expect((await journal.list({ unfinished: true, limit: 1 })).map(({ runId }) => runId)).toEqual(['a']);
    });

    test('lists what a filter asks for, page by page, either way round', async () => {
      const ended = (id: string, status: RunStatus) =>
        commitAll(journal, [batchOf(id, 1), batchOf(id, 2, { status })]);
      await journal.create(batchOf('row-1', 1));
      await ended('row-2', 'failed');
      await ended('row-10', 'succeeded');
      await ended('other', 'failed');
      await journal.create(batchOf('row%', 1));
      const ids = async (filter: RunFilter) => (await journal.list(filter)).map(({ runId }) => runId);
      expect(await ids({ status: 'failed' })).toEqual(['row-2', 'other']);
      expect(await ids({ status: 'running' })).toEqual(['row-1', 'row%']);
      expect(await ids({ status: 'failed', unfinished: true })).toEqual([]);
      expect(await ids({ idPrefix: 'row-1' })).toEqual(['row-1', 'row-10']);
      expect(await ids({ idPrefix: 'row%' })).toEqual(['row%']);
      expect(await ids({ idPrefix: 'row-1', status: 'succeeded' })).toEqual(['row-10']);
      expect(await ids({ workflowId: 'workflow', newestFirst: true, limit: 2 })).toEqual(['row%', 'other']);
      expect(await ids({ workflowId: 'another' })).toEqual([]);
      for (const newestFirst of [false, true]) {
        const whole = await journal.list({ newestFirst });
        const paged: RunSummary[] = [];
        for (;;) {
          const last = paged.at(-1);
          const beyond = last === undefined ? {} : { beyond: last.position };
          const page = await journal.list({ newestFirst, limit: 2, ...beyond });
          if (page.length === 0) break;
          paged.push(...page);
        }
        expect(paged).toEqual(whole);
        expect(paged).toHaveLength(5);
      }
    });

    test('children are told by their parent, and told apart from runs of their own', async () => {
      await journal.create(batchOf('own', 1));
      await journal.create(batchOf('own.step.1', 1, { parentRunId: 'own' }));
      await journal.create(batchOf('other', 1));
      const ids = async (filter: RunFilter) => (await journal.list(filter)).map(({ runId }) => runId);
      expect(await ids({ parentRunId: null })).toEqual(['own', 'other']);
      expect(await ids({ parentRunId: 'own' })).toEqual(['own.step.1']);
      expect(await ids({ parentRunId: 'other' })).toEqual([]);
      expect(await ids({})).toEqual(['own', 'own.step.1', 'other']);
      const [own, its] = await journal.list({});
      expect(own).not.toHaveProperty('parentRunId');
      expect(its).toMatchObject({ parentRunId: 'own' });
      expect((await journal.load('own.step.1'))?.parent).toEqual({ runId: 'own', token: 'token' });
    });

    test("a released run is anybody's, and a fence that is no longer its own releases nothing", async () => {
      const former = await journal.create(batchOf('a', 1));
      await journal.release(former);
      const claimed = await journal.claim('a');
      await journal.release(former);
      await journal.commit(claimed?.fence as Fence, batchOf('a', 2));
      expect((await journal.load('a'))?.seq).toBe(2);
    });

    test.each(Object.entries(HOSTILE))('keeps values as they are: %s', async (_, text) => {
      const value = JSON.parse(text) as Json;
      const json = JSON.stringify(value);
      const batch = batchOf('a', 1, { input: value });
      await journal.create(batch);
      expect(JSON.stringify((await journal.load('a'))?.input)).toBe(json);
      const [entry] = await entriesOf(journal, 'a');
      expect(entry?.event).toMatchObject({ type: 'run-start' });
      expect(JSON.stringify(entry)).toBe(JSON.stringify(batch.entry));
    });

    test('a run may begin as a fork, and go over to another definition', async () => {
      const { entry, record } = batchOf('a', 1, { input: { n: 'forked' } });
      const fork = { ...record, workflowVersion: '2', forkedFrom: { runId: 'source', seq: 7 } };
      const cause = { type: 'fork', runId: 'source', seq: 7 } as const;
      const first = { ...entry, event: { type: 'run-adopt', record: fork, cause } } as const;
      const fence = await journal.create({ entry: first, record: fork });
      expect(await journal.load('a')).toEqual(fork);

      const from = { version: '2', hash: fork.workflowHash };
      const migrated: RunRecord = {
        ...fork,
        seq: 2,
        workflowHash: 'another',
        workflowVersion: '3',
        migratedFrom: { ...from, seq: 2 },
      };
      const next: JournalEntry = {
        ...batchOf('a', 2).entry,
        event: { type: 'run-adopt', record: migrated, cause: { type: 'migrate', ...from } },
      };
      await journal.commit(fence, { entry: next, record: migrated });
      await journal.commit(fence, { ...batchOf('a', 3), record: { ...migrated, seq: 3 } });
      expect(await journal.load('a')).toEqual({ ...migrated, seq: 3 });
      expect((await entriesOf(journal, 'a')).slice(0, 2)).toEqual([first, next]);
    });

    test('a shape of a workflow is kept once', async () => {
      const hash = shapeHash('{"id":"a"}');
      const [, fence] = await Promise.all([
        journal.shapes.keep(hash, '{"id":"a"}'),
        journal.create(batchOf('a', 1)),
      ]);
      expect(fence.runId).toBe('a');
      await journal.shapes.keep(hash, '{"id":"a"}');
      expect(await journal.shapes.read(hash)).toBe('{"id":"a"}');
      expect(await journal.shapes.read('unknown')).toBeUndefined();
    });

    test('runs that interleave do not mix', async () => {
      const ids = ['a', 'b', 'c', 'd'];
      const fences = await Promise.all(ids.map((id) => journal.create(batchOf(id, 1))));
      for (let seq = 2; seq <= 5; seq++) {
        await Promise.all(fences.map((fence) => journal.commit(fence, batchOf(fence.runId, seq))));
      }
      for (const id of ids) {
        expect((await entriesOf(journal, id)).map(({ runId, seq }) => `${runId}${seq}`)).toEqual(
          [1, 2, 3, 4, 5].map((seq) => `${id}${seq}`),
        );
      }
    });

    inboxCases(() => journal);

    test.each(Array.from({ length: 40 }, (_, seed) => seed))(
      'does what a plain list does, whatever the commands (seed %i)',
      async (seed) => followModel(journal, seededRandom(seed)),
    );
  });
}

/** JSON texts that a careless store changes or trips over. */
const HOSTILE: Readonly<Record<string, string>> = {
  prototype: '{"__proto__":{"polluted":true},"constructor":1}',
  'looks like code': '{"toJSON":"x","then":"y","valueOf":null}',
  'looks like a reference': '{"$ref":"#/a","xstate$$type":1,"id":"x"}',
  'looks like an actor': '{"xstate":{"sessionId":"x:1","send":1,"ref":2}}',
  numbers: '[0,-1.5,1e+300,9007199254740991]',
  text: '["","\\u0000","\\"\\\\","\\ud83d\\ude00","\\u2028"]',
  nothing: 'null',
  deep: `${'['.repeat(200)}${']'.repeat(200)}`,
};

interface ModelRun {
  epoch: number;
  status: RunStatus;
  readonly entries: JournalEntry[];
}

/** Random commands, right and wrong ones, to the store and to a model of it. */
async function followModel(journal: JournalStore, random: Random): Promise<void> {
  const model = new Map<string, ModelRun>();
  const fences: { readonly fence: Fence; readonly epoch: number }[] = [];
  const upTo = (limit: number): number => Math.floor(random.next() * limit);

  for (let command = 0; command < 60; command++) {
    const runId = `run-${upTo(4)}`;
    const known = model.get(runId);
    const kind = upTo(10);
    if (kind < 2) {
      const batch = batchOf(runId, 1);
      const created = await journal.create(batch).catch(codeOf);
      if (known === undefined) {
        model.set(runId, { epoch: 1, status: 'running', entries: [batch.entry] });
        fences.push({ fence: created as Fence, epoch: 1 });
      } else {
        expect(created).toBe('RUN_EXISTS');
      }
    } else if (kind < 3) {
      const claimed = await journal.claim(runId);
      expect(claimed !== undefined).toBe(known?.status === 'running');
      if (claimed === undefined || known === undefined) continue;
      known.epoch++;
      fences.push({ fence: claimed.fence, epoch: known.epoch });
    } else if (fences.length > 0) {
      const { fence, epoch } = fences[upTo(fences.length)] as (typeof fences)[number];
      const owned = model.get(fence.runId) as ModelRun;
      const seq = owned.entries.length + (random.next() < 0.8 ? 1 : upTo(3));
      const status = owned.status !== 'running' || random.next() < 0.1 ? 'succeeded' : 'running';
      const batch = batchOf(fence.runId, seq, { status });
      const committed = await journal.commit(fence, batch).catch(codeOf);
      const right = epoch === owned.epoch && seq === owned.entries.length + 1;
      expect(committed).toBe(right ? undefined : 'FENCED');
      if (!right) continue;
      owned.entries.push(batch.entry);
      owned.status = status;
    }
  }

  for (const [runId, { entries, status }] of model) {
    expect(await entriesOf(journal, runId)).toEqual(entries);
    expect(await journal.load(runId)).toMatchObject({ seq: entries.length, status });
  }
}

const codeOf = (error: { readonly code?: unknown }): unknown => error.code;
