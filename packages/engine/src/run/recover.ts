import { workflowsWithin } from '../define/child.ts';
import { workflowInfo } from '../define/workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import { EngineError, isEngineError } from '../errors.ts';
import type { JournalStore } from '../journal/store.ts';
import { isWaitedFor } from './child/orphans.ts';
import type { Claimed } from './driver-options.ts';
import { migration } from './migrate.ts';
import type { OldShape } from './migrate.ts';
import type { RunRecord, RunSummary } from './record.ts';

/** An unfinished run that this engine does not go on with, and why. */
export interface LeftRun {
  readonly runId: string;
  readonly workflowId: string;
  /** `RUN_OWNED`, `WORKFLOW_CHANGED`, `WORKFLOW_INVALID` (not given) or `JOURNAL_DAMAGED`. */
  readonly code: EngineError['code'];
  readonly message: string;
}

/** A run that is this engine's now, with all it takes to go on. */
export interface Recovered extends Claimed {
  readonly workflow: Workflow;
  /** The run's wall time when it was last heard of. */
  readonly lastEpochMs: number;
  /** Why it was cancelled while nobody worked on it. */
  readonly cancelled?: string;
  /** A child run whose parent does not wait for it any more: it is to be cancelled. */
  readonly isOrphan?: true;
}

export interface RecoverOptions {
  /** Only these runs; an id that is no unfinished run's is passed over. @default all */
  readonly runIds?: readonly string[];
}

export interface Claims {
  readonly recovered: readonly Recovered[];
  readonly left: readonly LeftRun[];
}

/** Runs that are taken over together: what is in memory at once, however many there are. */
const PAGE_OF_RUNS = 500;

/**
 * Takes over every wanted run that is unfinished, that nobody works on and whose workflow is among those given, page by page: constant work per run,
 * however long it is. Nothing is started. Child runs are left to their parents, but for those that have none any more.
 */
export async function* claimUnfinished(
  journal: JournalStore,
  workflows: readonly Workflow[],
  isWanted: (run: RunSummary) => boolean,
): AsyncGenerator<Claims> {
  const all = [...workflowsWithin(workflows)];
  const byId = new Map(all.map((workflow) => [workflowInfo(workflow).id, workflow]));
  for (let beyond = 0; ;) {
    const page = await journal.list({ unfinished: true, limit: PAGE_OF_RUNS, beyond });
    const found = await Promise.all(
      page
        .filter(isWanted)
        .map((run) => claimOne(journal, run, byId).catch((error: unknown) => leftBy(run, error))),
    );
    yield {
      recovered: found.filter((each) => each !== null && 'fence' in each),
      left: found.filter((each) => each !== null && 'code' in each),
    };
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_OF_RUNS) return;
    beyond = last.position;
  }
}

/** `null`: it ended meanwhile, or its parent sees to it. */
async function claimOne(
  journal: JournalStore,
  run: RunSummary,
  byId: ReadonlyMap<string, Workflow>,
): Promise<Recovered | null> {
  const { runId, workflowId } = run;
  const isOrphan = run.parentRunId !== undefined;
  if (isOrphan && (await isWaitedFor(journal, run))) return null;
  const workflow = byId.get(workflowId);
  if (workflow === undefined) {
    throw new EngineError('WORKFLOW_INVALID', `Its workflow \`${workflowId}\` is not among those given.`);
  }
  const claimed = await claimRun(journal, runId, workflow);
  return claimed && (isOrphan ? { ...claimed, isOrphan } : claimed);
}

/**
 * Takes a run over. `null`: it has ended.
 * @throws EngineError `WORKFLOW_CHANGED`, `RUN_OWNED`, `JOURNAL_DAMAGED`
 */
export async function claimRun(
  journal: JournalStore,
  runId: string,
  workflow: Workflow,
): Promise<Recovered | null> {
  // Looked at before it is claimed: a run that we cannot go on with stays with whoever can.
  const seen = await journal.load(runId);
  if (seen === undefined || seen.status !== 'running') return null;
  const from = await shapeToMigrate(journal, seen, workflow);
  const claimed = await journal.claim(runId);
  if (claimed === undefined) return null;
  const resuming = { ...claimed, workflow };
  return from === undefined ? resuming : { ...resuming, migrateFrom: from };
}

/**
 * Of a run that was recorded under another definition, what that looked like.
 * @throws EngineError `WORKFLOW_CHANGED` if the run cannot go over
 */
async function shapeToMigrate(
  journal: JournalStore,
  record: RunRecord,
  workflow: Workflow,
): Promise<OldShape | undefined> {
  if (record.workflowHash === workflowInfo(workflow).hash) return undefined;
  const oldShape: OldShape = { shape: await journal.shapes.read(record.workflowHash) };
  // To find out whether it can; it is done once the run is ours.
  migration({ workflow, record, oldShape, nowEpochMs: record.startedEpochMs });
  return oldShape;
}

function leftBy({ runId, workflowId }: RunSummary, error: unknown): LeftRun {
  if (!isEngineError(error)) throw error;
  return { runId, workflowId, code: error.code, message: error.message };
}
