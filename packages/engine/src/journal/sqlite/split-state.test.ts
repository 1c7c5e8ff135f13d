import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createVirtualClock } from '@paceline/resilience/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { map } from '../../define/map.ts';
import { code } from '../../define/steps.ts';
import { createEngine } from '../../engine.ts';
import { batchOf, commitAll } from '../../conformance/batches.ts';
import { dying } from '../../test-support/dying.ts';
import { scriptedGateway } from '../../test-support/gateway.ts';
import { flow } from '../../test-support/nested.ts';
import type { Fence, RunRecord } from '../../run/record.ts';
import { memoryJournal } from '../memory-store.ts';
import type { Batch, JournalStore } from '../store.ts';
import { sqliteJournal } from './sqlite-journal.ts';
import { stateText } from './rows.ts';
import { joinedState, splitState } from './split-state.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paceline-split-'));
  path = join(folder, 'runs.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const document = (n: number, length: number) => ({ n, text: 'x'.repeat(length) });

const Document = z.object({ n: z.number(), text: z.string() });

const read = code({
  input: Document,
  output: Document,
  effect: 'pure',
  run: ({ input }) => ({ ...input, n: 2 * input.n }),
});

const workflow = flow('flow', map(read), { budget: { totalMs: 60_000 } });

const documents = (count: number, length = 100) =>
  Array.from({ length: count }, (_, n) => document(n, length));

function inFile<T>(sql: string): T {
  const db = new DatabaseSync(path);
  try {
    return db.prepare(sql).get() as T;
  } finally {
    db.close();
  }
}

/** Every record of a run, in order. */
async function recordsOf(count: number): Promise<readonly RunRecord[]> {
  const clock = createVirtualClock();
  const records: RunRecord[] = [];
  const memory = memoryJournal();
  const journal: JournalStore = Object.assign(Object.create(memory) as JournalStore, {
    commit: (fence: Fence, batch: Batch) => {
      records.push(batch.record);
      return memory.commit(fence, batch);
    },
  });
  const engine = createEngine({ gateway: scriptedGateway(), journal, clock });
  await clock.run(engine.run(workflow, documents(count)));
  return records;
}

test('an item costs the same in a long list as in a short one, and near the end as at the start', async () => {
  const runs = await Promise.all([recordsOf(100), recordsOf(1_000)]);
  const [short = [], long = []] = runs.map((records) => records.slice(0, -1).map(splitState));
  const bytes = [short[10], short[90], long[10], long[990]].map((row) => row?.state.length ?? 0);
  expect(Math.max(...bytes)).toBeLessThan(400);
  expect(Math.max(...bytes) - Math.min(...bytes)).toBeLessThan(10);
  // The list itself is written once.
  expect(new Set(long.map(({ base }) => base?.key)).size).toBe(1);
});

test('what was parted is joined to what it was, and only with its own base', async () => {
  for (const record of await recordsOf(100)) {
    const { state, base } = splitState(record);
    const joined = joinedState(state, base?.text ?? null);
    expect(JSON.parse(joined ?? '')).toEqual(JSON.parse(stateText(record)));
    if (base === undefined) continue;
    expect(joinedState(state, null)).toBeNull();
    expect(joinedState(state, `${base.text} `)).toBeNull();
  }
});

test('another state is another base', async () => {
  const [record] = await recordsOf(100);
  const before = splitState(record!);
  const moved = { ...record!, visits: { step: 2 } };
  expect(splitState(moved).base?.key).not.toBe(before.base?.key);
  const rested = { ...record!, pending: { step: { ...record!.pending['step']!, workedMs: 5 } } };
  expect(splitState(rested).base?.key).not.toBe(before.base?.key);
});

test('a run with a list is recovered from a file, and its base is kept as long as it is needed', async () => {
  const clock = createVirtualClock();
  const first = sqliteJournal({ path, clock });
  const list = documents(12, 1_000);
  const gone = createEngine({ gateway: scriptedGateway(), journal: dying(first, 6, 'after'), clock });
  void gone.start(workflow, list, { runId: 'run' });
  await clock.run(commitAll(first, [batchOf('old', 1), batchOf('old', 2, { status: 'succeeded' })]));
  await clock.advance(100);
  const { row } = inFile<{ row: number }>(
    "SELECT max(length(state)) AS row FROM state WHERE status = 'running'",
  );
  expect(row).toBeLessThan(1_000);
  expect(await clock.run(first.prune(Number.MAX_SAFE_INTEGER))).toBe(1);
  await first.close();
  const second = sqliteJournal({ path, clock });
  const engine = createEngine({ gateway: scriptedGateway(), journal: second, clock });
  const { runs } = await clock.run(engine.recover([workflow]));
  const outcome = await clock.run(runs[0]!.result);
  expect(outcome).toMatchObject({ status: 'succeeded', output: list.map(({ n }) => ({ n: 2 * n })) });
  await second.close();
});
