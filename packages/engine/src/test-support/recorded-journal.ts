import { createVirtualClock } from '@paceline/resilience/testing';
import { answered } from '../conformance/cases.ts';
import { workflowsWithin } from '../define/child.ts';
import { shapeHash } from '../define/hash.ts';
import { workflowInfo, workflowKey } from '../define/workflow.ts';
import type { Workflow, WorkflowInfo } from '../define/workflow.ts';
import { createEngine } from '../engine.ts';
import type { Engine } from '../engine.ts';
import { sqliteJournal } from '../journal/sqlite/sqlite-journal.ts';
import type { SqliteJournal } from '../journal/sqlite/contract.ts';
import type { JournalStore } from '../journal/store.ts';
import { scriptedGateway } from './gateway.ts';
import { ALL_CASES, caseOf, cutOff, MARK } from './recorded-cases.ts';

/** One that is forked and migrated, besides. */
const PLAIN_CASE = 'steps follow one another';

/** Records every case in a journal file: each as a whole and, where it has a middle, as a process leaves it that dies there. */
export async function recordCases(path: string): Promise<number> {
  for (const name of Object.keys(ALL_CASES)) {
    const entries = await onJournal(path, async ({ journal, engine, settle }) => {
      await settle(begin(engine, name));
      return (await journal.load(name))?.seq ?? 0;
    });
    const middle = Math.ceil(entries / 2);
    const runId = `${name}${MARK}unfinished`;
    if (middle < entries) await dieInTheMiddle(path, { runId, writes: middle });
  }
  await onJournal(path, fork);
  const migrated = `${PLAIN_CASE}${MARK}migrated`;
  await dieInTheMiddle(path, { runId: migrated, writes: 2, alter: older });
  await onJournal(path, (recording) => migrate(recording, migrated));
  return onJournal(path, async ({ journal }) => (await journal.list({})).length);
}

interface Recording {
  readonly journal: SqliteJournal;
  readonly engine: Engine;
  settle<T>(work: Promise<T>): Promise<T>;
}

async function onJournal<T>(path: string, use: (recording: Recording) => Promise<T>): Promise<T> {
  const clock = createVirtualClock();
  const journal = sqliteJournal({ path, clock });
  const engine = createEngine({ gateway: scriptedGateway(cutOff), journal, clock });
  const result = await use({ journal, engine, settle: (work) => clock.run(work) });
  await clock.run(engine.close());
  await journal.close();
  return result;
}

type Alter = (info: WorkflowInfo) => Partial<WorkflowInfo>;

/** Starts the case that the id names, and says to the run what the case says. */
function begin(engine: Engine, runId: string, alter?: Alter): Promise<unknown> {
  const { prepare, answers = [] } = caseOf(runId);
  const { workflow, options } = prepare((...told) => engine.signal(runId, ...told));
  if (alter !== undefined) altered(workflow as unknown as Workflow, alter);
  return answered(engine.start(workflow, { n: 0 }, { ...options, runId }), answers);
}

/** The workflow itself, with another part of its own. */
function altered(workflow: Workflow, alter: Alter): Workflow {
  const info = workflowInfo(workflow);
  return Object.assign(workflow, { [workflowKey]: { ...info, ...alter(info) } });
}

interface Death {
  readonly runId: string;
  /** Entries that it comes to. */
  readonly writes: number;
  readonly alter?: Alter;
}

async function dieInTheMiddle(path: string, { runId, writes, alter }: Death): Promise<void> {
  const clock = createVirtualClock();
  const journal = sqliteJournal({ path, clock });
  const { dying, died } = dyingAfter(journal, runId, writes);
  const engine = createEngine({ gateway: scriptedGateway(cutOff), journal: dying, clock });
  const ended = begin(engine, runId, alter).catch(() => {});
  await clock.run(Promise.race([died, ended]));
  await journal.close();
}

/** A process that stops dead after so many entries of a run. */
function dyingAfter(journal: JournalStore, runId: string, writes: number) {
  const { promise: died, resolve: die } = Promise.withResolvers<void>();
  const never = new Promise<never>(() => {});
  let left = writes;
  const write = async <T>(id: string, act: () => Promise<T>): Promise<T> => {
    if (left === 0) return never;
    const result = await act();
    if (id === runId && --left === 0) {
      die();
      return never;
    }
    return result;
  };
  const dying: JournalStore = {
    create: (batch) => write(batch.record.runId, () => journal.create(batch)),
    commit: (fence, batch) => write(fence.runId, () => journal.commit(fence, batch)),
    load: (id) => journal.load(id),
    entries: (id, fromSeq) => journal.entries(id, fromSeq),
    claim: () => never,
    list: (filter) => journal.list(filter),
    release: () => never,
    shapes: journal.shapes,
    inbox: journal.inbox,
    close: async () => {},
  };
  return { dying, died };
}

async function fork({ engine, settle }: Recording): Promise<void> {
  const { workflow } = caseOf(PLAIN_CASE).prepare(async () => {});
  const handle = await settle(
    engine.fork(workflow, PLAIN_CASE, { atSeq: 2, runId: `${PLAIN_CASE}${MARK}fork` }),
  );
  await settle(handle.result);
}

/** Another definition, which says no more than this one. */
const older: Alter = ({ shape }) => ({ shape: `${shape} `, hash: shapeHash(`${shape} `) });

const newer: Alter = () => ({ version: '2', migrate: { '1': 'compatible' } });

async function migrate({ engine, settle }: Recording, runId: string): Promise<void> {
  const { workflow } = caseOf(runId).prepare(async () => {});
  const { runs } = await settle(
    engine.recover([altered(workflow as unknown as Workflow, newer)], { runIds: [runId] }),
  );
  await settle(Promise.all(runs.map(({ result }) => result)));
}

/** A workflow and those within it, as if they were the very definitions that runs were recorded under. */
export function asRecorded(workflow: Workflow, hashes: ReadonlyMap<string, string>): readonly Workflow[] {
  return [...workflowsWithin([workflow])].map((each) =>
    altered(each, ({ id, hash }) => ({ hash: hashes.get(id) ?? hash })),
  );
}
