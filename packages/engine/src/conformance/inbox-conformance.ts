import type { Json } from '@paceline/gateway';
import { describe, expect, test } from 'vitest';
import type { RunMessage } from '../run/message.ts';
import type { RunStatus } from '../run/record.ts';
import type { Batch, JournalStore } from '../journal/store.ts';
import { batchOf } from './batches.ts';

const signal = (id: string, payload: Json = 1): RunMessage => ({
  type: 'signal',
  id,
  name: 'reply',
  payload,
});

const waitingIn = async ({ inbox }: JournalStore): Promise<readonly string[]> =>
  (await inbox.collect()).map(({ runId, id }) => `${runId} ${id}`);

/** A transition of run `a` after which it has heard a message. */
function hearing(id: string, seq: number, status: RunStatus = 'running'): Batch {
  const { entry, record } = batchOf('a', seq, { status });
  return { entry, record: { ...record, heard: [id] } };
}

/** What every store has to do with what is said to runs from outside. @param current the store of the test that runs */
export function inboxCases(current: () => JournalStore): void {
  describe('inbox', () => {
    test('a message waits until it is settled', async () => {
      const { inbox } = current();
      await current().create(batchOf('a', 1));
      const cancel: RunMessage = { type: 'cancel', id: 'm2', reason: 'no more' };
      expect(await inbox.post('a', signal('m1'))).toBe('posted');
      expect(await inbox.post('a', cancel)).toBe('posted');
      const collected = [
        { runId: 'a', id: 'm1', message: signal('m1') },
        { runId: 'a', id: 'm2', message: cancel },
      ];
      expect(await inbox.collect()).toEqual(collected);
      expect(await inbox.collect()).toEqual(collected);
      await inbox.settle('a', ['m1', 'never posted']);
      expect(await waitingIn(current())).toEqual(['a m2']);
      await inbox.settle('b', ['m2']);
      expect(await waitingIn(current())).toEqual(['a m2']);
      await inbox.settle('a', ['m2']);
      expect(await waitingIn(current())).toEqual([]);
    });

    test('messages of all runs come in the order in which they were posted', async () => {
      for (const runId of ['a', 'b']) await current().create(batchOf(runId, 1));
      for (const [runId, id] of [
        ['b', 'm1'],
        ['a', 'm2'],
        ['b', 'm3'],
        ['a', 'm1'],
      ] as const) {
        await current().inbox.post(runId, signal(id));
      }
      expect(await waitingIn(current())).toEqual(['b m1', 'a m2', 'b m3', 'a m1']);
      expect((await current().inbox.collect('a')).map(({ id }) => id)).toEqual(['m2', 'm1']);
      expect(await current().inbox.collect('nobody')).toEqual([]);
    });

    test('an id is taken once for each run: while it waits, and when the run has heard it', async () => {
      const fence = await current().create(batchOf('a', 1));
      await current().inbox.post('a', signal('m1', 1));
      expect(await current().inbox.post('a', signal('m1', 2))).toBe('repeated');
      expect(await current().inbox.collect()).toEqual([{ runId: 'a', id: 'm1', message: signal('m1', 1) }]);
      await current().commit(fence, hearing('m1', 2));
      await current().inbox.settle('a', ['m1']);
      expect(await current().inbox.post('a', signal('m1'))).toBe('repeated');
      expect(await current().inbox.post('a', signal('m2'))).toBe('posted');
      await current().commit(fence, hearing('m2', 3, 'succeeded'));
      expect(await current().inbox.post('a', signal('m2'))).toBe('repeated');
    });

    test('a run that has ended takes none, and what waited for it is dropped', async () => {
      const fence = await current().create(batchOf('a', 1));
      await current().create(batchOf('b', 1));
      await current().inbox.post('a', signal('m1'));
      await current().inbox.post('b', signal('m1'));
      await current().commit(fence, batchOf('a', 2, { status: 'failed' }));
      expect(await waitingIn(current())).toEqual(['b m1']);
      expect(await current().inbox.post('a', signal('m2'))).toBe('ended');
      expect(await waitingIn(current())).toEqual(['b m1']);
    });

    test('a run that nobody knows takes none', async () => {
      expect(await current().inbox.post('a', signal('m1'))).toBe('unknown');
      expect(await waitingIn(current())).toEqual([]);
    });

    test('what waits for a run goes with it to its next owner', async () => {
      await current().create(batchOf('a', 1));
      await current().inbox.post('a', signal('m1'));
      await current().claim('a');
      expect(await waitingIn(current())).toEqual(['a m1']);
    });

    test('a message may have 1 MiB, no more', async () => {
      await current().create(batchOf('a', 1));
      const long = (id: string, bytes: number) => current().inbox.post('a', signal(id, 'x'.repeat(bytes)));
      await expect(long('m1', 2 ** 20)).rejects.toMatchObject({ code: 'VALUE_TOO_LARGE' });
      expect(await long('m2', 2 ** 20 - 100)).toBe('posted');
      expect(await waitingIn(current())).toEqual(['a m2']);
    });

    test('1,000 messages wait for a run, not one more; other runs have room', async () => {
      for (const runId of ['a', 'b']) await current().create(batchOf(runId, 1));
      const ids = Array.from({ length: 1_000 }, (_, at) => `m${at}`);
      await Promise.all(ids.map((id) => current().inbox.post('a', signal(id))));
      await expect(current().inbox.post('a', signal('more'))).rejects.toMatchObject({ code: 'MAILBOX_FULL' });
      expect(await current().inbox.post('a', signal('m7'))).toBe('repeated');
      expect(await current().inbox.post('b', signal('more'))).toBe('posted');
      await current().inbox.settle('a', ['m0']);
      expect(await current().inbox.post('a', signal('more'))).toBe('posted');
    });

    test('whoever watches is called when something was posted, until he stops', async () => {
      await current().create(batchOf('a', 1));
      const { promise: called, resolve } = Promise.withResolvers<void>();
      const stop = current().inbox.watch(resolve);
      await current().inbox.post('a', signal('m1'));
      await called;
      stop();
    });
  });
}
