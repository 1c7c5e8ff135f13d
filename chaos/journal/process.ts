import { copyFileSync, existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { seededRandom } from '@paceline/resilience';
import { createEngine, createGateway, sqliteJournal } from 'paceline';
import { chainIn } from '../kill/workflow.ts';
import type { VirtualClock } from '@paceline/resilience/testing';
import type { Engine, SqliteJournal, Workflow } from 'paceline';
import type { Deed } from '../kill/workflow.ts';

/** What a process of an application has, in this one and under a virtual clock. */
export interface Process {
  readonly journal: SqliteJournal;
  readonly engine: Engine;
  readonly workflow: Workflow<{ runId: string }, number>;
  /** Runs that were acknowledged to their callers. */
  readonly acknowledged: Set<string>;
}

export interface Boot {
  readonly path: string;
  readonly clock: VirtualClock;
  /** What the steps did, over all processes on the file. */
  readonly deeds: Deed[];
}

/** @throws EngineError `JOURNAL_UNUSABLE` */
export function boot({ path, clock, deeds }: Boot): Process {
  const journal = sqliteJournal({ path, clock });
  const engine = createEngine({ gateway: createGateway({ roles: {} }), journal, clock });
  const acknowledged = new Set<string>();
  engine.events.on('run-start', ({ runId }) => acknowledged.add(runId));
  const workflow = chainIn({ tell: (deed) => deeds.push(deed), random: seededRandom(path.length), clock });
  return { journal, engine, workflow, acknowledged };
}

/** A run's end, or the code of the error that its caller got instead. */
export async function startRun(
  { engine, workflow }: Process,
  runId: string,
  deadlineMs?: number,
): Promise<string> {
  const options = { runId, ...(deadlineMs !== undefined && { deadlineMs }) };
  return engine.run(workflow, { runId }, options).then(
    ({ status }) => status,
    (error: { readonly code?: string }) => error.code ?? 'no code',
  );
}

/** Copies the files as they are, which is what a crash leaves behind; their owner is then a process that is gone. */
export function crash(from: string, to: string): void {
  copyJournal(from, to);
  const db = new DatabaseSync(to);
  // No process has this number: Linux ends at 2^22.
  db.exec('UPDATE owner SET pid = 1 << 30');
  db.close();
}

export function copyJournal(from: string, to: string): void {
  for (const end of ['', '-wal', '-shm', '.anchor']) {
    if (existsSync(from + end)) copyFileSync(from + end, to + end);
  }
}
