import { workflowInfo } from 'paceline';
import type { JournalStore, LeftRun, SqliteJournal, Workflow } from 'paceline';
import { compose } from './compose.ts';
import { CliError } from './errors.ts';
import { findRun } from './find-run.ts';
import type { Io } from './io.ts';
import { withJournal } from './journal-file.ts';
import type { LogOptions } from './log-options.ts';
import { printable } from './output/text.ts';
import { neededRoutes } from './routes.ts';
import { outcomeOf } from './row-outcome.ts';
import { showRuns } from './show-runs.ts';
import type { RunFileResult } from './show-runs.ts';
import { loadWorkflow } from './workflow-file.ts';

/** What `paceline resume` was asked to do. */
export interface ResumeRequest extends LogOptions {
  /** Those that the runs may belong to. At least one. */
  readonly workflowFiles: readonly [string, ...string[]];
  /** @default the config beside the first workflow */
  readonly configFile?: string;
  readonly journalFile: string;
  /** @default all that are unfinished */
  readonly runIds?: readonly string[];
  readonly json: boolean;
  readonly seed: number;
}

/**
 * Goes on with unfinished runs and shows it.
 * @throws CliError when it cannot begin
 */
export async function resumeRuns(request: ResumeRequest, io: Io): Promise<RunFileResult> {
  const workflows = await loadWorkflows(request.workflowFiles, io);
  const place = { file: request.journalFile, create: false };
  return withJournal(place, io, async (journal) => {
    for (const runId of request.runIds ?? []) await checkUnfinished(journal, runId);
    return resumeOn(journal, { ...request, workflows }, io);
  });
}

interface Resuming extends ResumeRequest {
  readonly workflows: readonly Workflow[];
}

async function resumeOn(journal: SqliteJournal, request: Resuming, io: Io): Promise<RunFileResult> {
  const { workflows, runIds } = request;
  const parts = await compose(
    {
      ...request,
      workflowFile: request.workflowFiles[0],
      virtual: false,
      failover: true,
      rows: Number.POSITIVE_INFINITY,
      needed: neededRoutes(workflows),
      journal,
    },
    io,
  );
  let total = Number.POSITIVE_INFINITY;
  const shown = {
    parts,
    workflows,
    total: () => total,
    json: request.json,
    single: runIds?.length === 1,
    stopping: 'Stopping: what runs may finish. Ctrl-C again stops now.',
  };
  return showRuns(shown, io, async ({ cancel, runEnd, left }) => {
    const damaged = damagedRuns(journal, runIds);
    const recovery = await parts.engine.recover(workflows, runIds === undefined ? {} : { runIds });
    total = recovery.runs.length;
    const leftRuns = [...damaged, ...recovery.left.map(withAdvice)];
    for (const run of leftRuns) left(run);
    cancel.addEventListener('abort', () => {
      for (const run of recovery.runs) run.cancel('Interrupted.');
    });
    await Promise.all(
      recovery.runs.map(async ({ runId, result }) => runEnd(null, await outcomeOf(runId, result))),
    );
    return {};
  });
}

/** @throws CliError `USAGE` where two files define workflows of one id: a run could belong to either */
async function loadWorkflows(files: readonly string[], io: Io): Promise<readonly Workflow[]> {
  const byId = new Map<string, Workflow>();
  for (const file of files) {
    const workflow = await loadWorkflow(file, io);
    const { id } = workflowInfo(workflow);
    if (byId.has(id)) throw new CliError('USAGE', `${file}: another file given defines \`${id}\` as well.`);
    byId.set(id, workflow);
  }
  return [...byId.values()];
}

/** @throws CliError `RUN_UNKNOWN`, `USAGE` */
async function checkUnfinished(journal: JournalStore, runId: string): Promise<void> {
  const { status } = await findRun(journal, runId);
  if (status === 'running') return;
  throw new CliError(
    'USAGE',
    `Run ${printable(runId)} has ended: ${status}. There is nothing to go on with.`,
  );
}

/** The engine does not see these: they are kept aside. */
function damagedRuns(journal: SqliteJournal, runIds: readonly string[] | undefined): readonly LeftRun[] {
  return journal
    .damaged()
    .map(({ runId, reason }) => ({
      runId: runId ?? '(unknown)',
      workflowId: '(unknown)',
      code: 'JOURNAL_DAMAGED' as const,
      message: `${reason} Restore the file from a copy.`,
    }))
    .filter(({ runId }) => runIds?.includes(runId) ?? true);
}

const ADVICE: Partial<Record<LeftRun['code'], string>> = {
  RUN_OWNED: 'It goes on there. If that process has stopped, resume again in 15 s.',
  WORKFLOW_INVALID: 'Name its file too.',
};

function withAdvice(run: LeftRun): LeftRun {
  const advice = ADVICE[run.code];
  return advice === undefined ? run : { ...run, message: `${run.message} ${advice}` };
}
