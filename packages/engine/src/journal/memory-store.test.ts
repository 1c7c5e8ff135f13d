import { expect, test } from 'vitest';
import { advance } from '../run/advance.ts';
import { asWorkflow, twoSteps } from '../test-support/workflows.ts';
import { batchOf, commitAll } from '../conformance/batches.ts';
import { journalConformance } from '../conformance/journal-conformance.ts';
import { memoryJournal } from './memory-store.ts';

journalConformance('memory', memoryJournal);

test('forgets the runs that ended first, and never one that is running', async () => {
  const workflow = asWorkflow(twoSteps);
  const journal = memoryJournal({ retainRuns: 2 });
  for (const runId of ['running', 'a', 'b', 'c']) {
    const event = {
      type: 'run-start',
      runId,
      input: { n: 1 },
      labels: {},
      totalMs: 1,
      capUsd: null,
    } as const;
    const { batch } = advance({ workflow, record: null, event, nowEpochMs: 0 })!;
    const fence = await journal.create(batch);
    if (runId === 'running') continue;
    const end = advance({ workflow, record: batch.record, event: { type: 'deadline' }, nowEpochMs: 1 })!;
    await journal.commit(fence, end.batch);
  }
  expect((await journal.list({})).map(({ runId }) => runId)).toEqual(['running', 'b', 'c']);
});

test('keeps the children of an unfinished run: it may yet ask how they ended', async () => {
  const journal = memoryJournal({ retainRuns: 0 });
  const fence = await journal.create(batchOf('own', 1));
  for (const runId of ['own.step.1', 'own.step.2']) {
    await commitAll(journal, [
      batchOf(runId, 1, { parentRunId: 'own' }),
      batchOf(runId, 2, { parentRunId: 'own', status: 'succeeded' }),
    ]);
  }
  await journal.create(batchOf('other', 1, { status: 'succeeded' }));
  expect((await journal.list({})).map(({ runId }) => runId)).toEqual(['own', 'own.step.1', 'own.step.2']);
  await journal.commit(fence, batchOf('own', 2, { status: 'succeeded' }));
  expect(await journal.list({})).toEqual([]);
});
