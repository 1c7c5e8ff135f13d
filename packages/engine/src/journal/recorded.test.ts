import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVirtualClock } from '@paceline/resilience/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answered } from '../conformance/cases.ts';
import { createEngine } from '../engine.ts';
import { replay } from '../run/replay.ts';
import type { JournalEntry, RunEvent, RunRecord } from '../run/record.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import { caseOf } from '../test-support/recorded-cases.ts';
import { asRecorded } from '../test-support/recorded-journal.ts';
import type { Workflow } from '../define/workflow.ts';
import { sqliteJournal } from './sqlite/sqlite-journal.ts';
import type { SqliteJournal } from './sqlite/contract.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/journals', import.meta.url));

/** Everything that may stand in a journal. */
const EVENTS: Readonly<Record<RunEvent['type'], true>> = {
  'run-start': true,
  'run-adopt': true,
  'step-progress': true,
  'step-done': true,
  'step-failed': true,
  'step-wait': true,
  'step-answer': true,
  'step-stopped': true,
  'child-stopped': true,
  'compensation-end': true,
  'undo-found': true,
  'timer-due': true,
  signal: true,
  cancel: true,
  deadline: true,
};

describe.each(readdirSync(FIXTURES))('journals of version %s', (version) => {
  const clock = createVirtualClock();
  let folder: string;
  let journal: SqliteJournal;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'paceline-recorded-'));
    copyFileSync(join(FIXTURES, version, 'runs.db'), join(folder, 'runs.db'));
    journal = sqliteJournal({ path: join(folder, 'runs.db'), clock });
  });
  afterAll(async () => {
    await journal.close();
    rmSync(folder, { recursive: true });
  });

  test('are whole, hold every kind of entry, and fold to what was recorded', async () => {
    const seen = new Set<string>();
    expect(journal.damaged()).toEqual([]);
    for (const run of await journal.list({})) {
      await journal.audit(run.runId);
      const record = (await journal.load(run.runId)) as RunRecord;
      const entries: JournalEntry[] = [];
      for await (const entry of journal.entries(run.runId)) entries.push(entry);
      for (const { event } of entries) seen.add(event.type);
      const root = await rootOf(journal, record);
      const { workflow } = caseOf(root.runId).prepare(async () => {});
      const own = asRecorded(workflow as unknown as Workflow, hashesOf([root, record])).find(
        (each) => each.id === record.workflowId,
      );
      expect(textOf(replay(own as Workflow, entries)), run.runId).toBe(textOf(record));
    }
    expect([...seen].toSorted()).toEqual(Object.keys(EVENTS).toSorted());
  });

  test('those that are unfinished are gone on with to an end', async () => {
    const unfinished = (await journal.list({ unfinished: true })).filter(
      (run) => run.parentRunId === undefined,
    );
    expect(unfinished.length).toBeGreaterThan(10);
    const family = await Promise.all((await journal.list({})).map(({ runId }) => journal.load(runId)));
    for (const { runId } of unfinished) {
      const own = family.filter(
        (each) => each !== undefined && (each.runId === runId || each.parent?.runId === runId),
      );
      const engine = createEngine({ gateway: scriptedGateway(), journal, clock });
      const { prepare, answers = [] } = caseOf(runId);
      const { workflow } = prepare((...told) => engine.signal(runId, ...told));
      const workflows = asRecorded(workflow as unknown as Workflow, hashesOf(own as RunRecord[]));
      const { runs, left } = await clock.run(engine.recover(workflows, { runIds: [runId] }));
      expect(left).toEqual([]);
      const [handle] = runs;
      const outcome = await clock.run(answered(handle!, answers));
      expect(outcome.runId).toBe(runId);
      await clock.run(engine.close());
    }
    expect(await journal.list({ unfinished: true })).toEqual([]);
  });
});

async function rootOf(journal: SqliteJournal, record: RunRecord): Promise<RunRecord> {
  if (record.parent === undefined) return record;
  return rootOf(journal, (await journal.load(record.parent.runId)) as RunRecord);
}

function hashesOf(records: readonly RunRecord[]): ReadonlyMap<string, string> {
  return new Map(records.map(({ workflowId, workflowHash }) => [workflowId, workflowHash]));
}

const textOf = (value: unknown): string => JSON.stringify(sorted(value));

/** JSON takes keys in their order, which says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
