import type { RunStatus, RunSummary, SqliteJournal } from 'paceline';
import type { Io } from '../io.ts';
import { formatMoment } from '../moment.ts';
import { columns } from '../output/columns.ts';
import { styleFor } from '../output/style.ts';
import { jsonText, printable } from '../output/text.ts';

export interface ListOptions {
  readonly status?: RunStatus | 'damaged';
  readonly workflowId?: string;
  /** The latest so many. */
  readonly limit: number;
  readonly json: boolean;
}

interface ListedRun extends Omit<RunSummary, 'status'> {
  readonly status: RunStatus | 'damaged';
}

/** Lists runs, the latest first. */
export async function listRuns(journal: SqliteJournal, options: ListOptions, io: Io): Promise<void> {
  const { status, workflowId, limit, json } = options;
  const damaged = journal.damaged();
  const aside = new Set(damaged.map(({ runId }) => runId));
  const runs = (await journal.list({}))
    .map((run): ListedRun => (aside.has(run.runId) ? { ...run, status: 'damaged' } : run))
    .filter((run) => status === undefined || run.status === status)
    .filter((run) => workflowId === undefined || run.workflowId === workflowId)
    .toReversed();
  const shown = runs.slice(0, limit);
  const lines = json ? shown.map((run) => jsonText(run)) : tableOf(shown, io);
  io.stdout.write(lines.map((line) => `${line}\n`).join(''));
  if (shown.length < runs.length) {
    io.stderr.write(`The latest ${shown.length} of ${runs.length}; --limit shows more.\n`);
  }
  const nameless = damaged.filter(({ runId }) => runId === null);
  for (const { reason } of nameless) io.stderr.write(`Damage beyond these runs: ${printable(reason)}\n`);
}

function tableOf(runs: readonly ListedRun[], io: Io): readonly string[] {
  if (runs.length === 0) return ['No runs.'];
  const rows = runs.map(({ runId, workflowId, status, startedEpochMs, seq }) => [
    printable(runId),
    printable(workflowId),
    status,
    formatMoment(startedEpochMs),
    String(seq),
  ]);
  const header = ['run', 'workflow', 'status', 'started', 'entries'];
  const [head = '', ...lines] = columns([header, ...rows], new Set([4]));
  return [styleFor(io.stdout, io.env).dim(head), ...lines];
}
