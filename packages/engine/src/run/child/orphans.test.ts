import { expect, test } from 'vitest';
import { batchOf } from '../../conformance/batches.ts';
import { memoryJournal } from '../../journal/memory-store.ts';
import type { RunRecord } from '../record.ts';
import { isWaitedFor } from './orphans.ts';

/** Whether a child under the token `token` is waited for, by a parent that is like this. */
async function waitedFor(parent: Partial<RunRecord> | null): Promise<boolean> {
  const journal = memoryJournal();
  const { entry, record } = batchOf('parent', 1);
  if (parent !== null) await journal.create({ entry, record: { ...record, ...parent } });
  await journal.create(batchOf('child', 1, { parentRunId: 'parent' }));
  const [child] = await journal.list({ parentRunId: 'parent' });
  return isWaitedFor(journal, child!);
}

const pending = (token: string) => ({ call: { token } }) as unknown as RunRecord['pending'];
const stopping = [{ runId: 'child' }] as unknown as NonNullable<RunRecord['stopping']>;

test.each<[string, Partial<RunRecord> | null, boolean]>([
  ['waits for it', { pending: pending('token') }, true],
  ['waits for another one', { pending: pending('other') }, false],
  ['stops it', { stopping }, true],
  ['has ended', { status: 'succeeded', pending: pending('token') }, false],
  ['is gone', null, false],
])('a parent that %s', async (_, parent, waits) => {
  expect(await waitedFor(parent)).toBe(waits);
});
