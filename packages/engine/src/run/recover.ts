import { workflowInfo } from '../define/workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import { EngineError, isEngineError } from '../errors.ts';
import type { JournalStore } from '../journal/store.ts';
import type { Claimed } from './driver.ts';
import type { RunSummary } from './record.ts';

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
}

export interface RecoverOptions {
  /** Only these runs; an id that is no unfinished run's is passed over. @default all */
  readonly runIds?: readonly string[];
}

export interface Claims {
  readonly recovered: readonly Recovered[];
  readonly left: readonly LeftRun[];
}

/**
 * Takes over every wanted run that is unfinished, that nobody works on and whose workflow is among those given: constant work per run, however
 * long it is. Nothing is started.
 */
export async function claimUnfinished(
  journal: JournalStore,
  workflows: readonly Workflow[],
  isWanted: (runId: string) => boolean,
): Promise<Claims> {
  const byId = new Map(workflows.map((workflow) => [workflowInfo(workflow).id, workflow]));
  const unfinished = await journal.list({ unfinished: true });
  const found = await Promise.all(
    unfinished
      .filter(({ runId }) => isWanted(runId))
      .map((run) => claimOne(journal, run, byId).catch((error: unknown) => leftBy(run, error))),
  );
  return {
    recovered: found.filter((each) => each !== null && 'fence' in each),
    left: found.filter((each) => each !== null && 'code' in each),
  };
}

/** `null`: it ended meanwhile. */
async function claimOne(
  journal: JournalStore,
  { runId, workflowId }: RunSummary,
  byId: ReadonlyMap<string, Workflow>,
): Promise<Recovered | null> {
  const workflow = byId.get(workflowId);
  if (workflow === undefined) {
    throw new EngineError('WORKFLOW_INVALID', `Its workflow \`${workflowId}\` is not among those given.`);
  }
  // Looked at before it is claimed: a run that we cannot go on with stays with whoever can.
  const seen = await journal.load(runId);
  if (seen === undefined) return null;
  if (seen.workflowHash !== workflowInfo(workflow).hash) {
    throw new EngineError(
      'WORKFLOW_CHANGED',
      `Workflow \`${workflowId}\` is another one than the run began with. Recover it with the code it began with.`,
    );
  }
  const claimed = await journal.claim(runId);
  if (claimed === undefined) return null;
  return { ...claimed, workflow, lastEpochMs: await lastEpochMs(journal, claimed) };
}

async function lastEpochMs(journal: JournalStore, { record }: Claimed): Promise<number> {
  for await (const { atEpochMs } of journal.entries(record.runId, record.seq)) return atEpochMs;
  return record.startedEpochMs;
}

function leftBy({ runId, workflowId }: RunSummary, error: unknown): LeftRun {
  if (!isEngineError(error)) throw error;
  return { runId, workflowId, code: error.code, message: error.message };
}
