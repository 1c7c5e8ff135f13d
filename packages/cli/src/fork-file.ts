import { isEngineError } from 'paceline';
import type { Engine, RunHandle, SqliteJournal, Workflow } from 'paceline';
import { compose } from './compose.ts';
import { CliError } from './errors.ts';
import { findRun } from './find-run.ts';
import type { Io } from './io.ts';
import { withJournal } from './journal-file.ts';
import { neededRoutes } from './routes.ts';
import { outcomeOf } from './row-outcome.ts';
import { showRuns } from './show-runs.ts';
import type { RunFileResult } from './show-runs.ts';
import { loadWorkflow } from './workflow-file.ts';

/** What `paceline runs fork` was asked to do. */
export interface ForkRequest {
  readonly workflowFile: string;
  /** @default the config beside the workflow */
  readonly configFile?: string;
  readonly journalFile: string;
  readonly runId: string;
  readonly atSeq: number;
  /** Values of the context by path. */
  readonly set: Readonly<Record<string, unknown>>;
  /** Tightens the workflow's own time budget, in milliseconds. */
  readonly deadlineMs?: number;
  readonly json: boolean;
  readonly seed: number;
}

/**
 * Starts a run from a recorded point of another, brings it to its end and shows it.
 * @throws CliError when it cannot begin
 */
export async function forkFile(request: ForkRequest, io: Io): Promise<RunFileResult> {
  const workflow = await loadWorkflow(request.workflowFile, io);
  const place = { file: request.journalFile, create: false };
  return withJournal(place, io, async (journal) => {
    const { runId } = await findRun(journal, request.runId);
    return forkOn(journal, { ...request, runId, workflow }, io);
  });
}

interface Forking extends ForkRequest {
  readonly workflow: Workflow<unknown>;
}

async function forkOn(journal: SqliteJournal, request: Forking, io: Io): Promise<RunFileResult> {
  const { workflow } = request;
  const needed = neededRoutes([workflow]);
  const parts = await compose({ ...request, virtual: false, failover: true, rows: 1, needed, journal }, io);
  const shown = {
    parts,
    workflows: [workflow],
    total: () => 1,
    json: request.json,
    single: true,
    stopping: 'Stopping: what runs may finish. Ctrl-C again stops now.',
  };
  return showRuns(shown, io, async ({ cancel, runEnd }) => {
    const { runId, result, ...fork } = await begin(parts.engine, request);
    io.stderr.write(`Forked as ${runId}.\n`);
    cancel.addEventListener('abort', () => fork.cancel('Interrupted.'));
    runEnd(null, await outcomeOf(runId, result));
    return {};
  });
}

/** @throws CliError `USAGE` for a point, or a value to set, that will not do */
async function begin(
  engine: Engine,
  { workflow, runId, atSeq, set, deadlineMs }: Forking,
): Promise<RunHandle<unknown>> {
  const options = { atSeq, set, ...(deadlineMs !== undefined && { deadlineMs }) };
  try {
    return await engine.fork(workflow, runId, options);
  } catch (error) {
    if (isEngineError(error)) throw new CliError('USAGE', error.message, error);
    throw error;
  }
}
