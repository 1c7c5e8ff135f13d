import type { RunStatus, RunSummary, SqliteJournal } from 'paceline';
import type { Io } from '../io.ts';
import { formatMoment } from '../moment.ts';
import { columns } from '../output/columns.ts';
import { styleFor } from '../output/style.ts';
import { jsonText, printable } from '../output/text.ts';

export interface ListOptions {
  readonly status?: RunStatus | 'damaged';
  readonly workflowId?: string;
  /** Child runs too. */
  readonly all: boolean;
  /** The latest so many. */
  readonly limit: number;
  readonly json: boolean;
}

interface ListedRun extends Omit<RunSummary, 'status'> {
  readonly status: RunStatus | 'damaged';
}

/** Lists runs, the latest first. */
export async function listRuns(journal: SqliteJournal, options: ListOptions, io: Io): Promise<void> {
  const { status, limit, json } = options;
  const damaged = journal.damaged();
  const aside = new Set(damaged.map(({ runId }) => runId));
  const runs = (await candidates(journal, options, aside))
    .map((run): ListedRun => (aside.has(run.runId) ? { ...run, status: 'damaged' } : run))
    .filter((run) => status === undefined || run.status === status);
  const shown = runs.slice(0, limit);
  const lines = json ? shown.map((run) => jsonText(run)) : tableOf(shown, io);
  io.stdout.write(lines.map((line) => `${line}\n`).join(''));
  if (shown.length < runs.length) {
    io.stderr.write(`The latest ${shown.length}; there are more, and --limit shows them.\n`);
  }
  const nameless = damaged.filter(({ runId }) => runId === null);
  for (const { reason } of nameless) io.stderr.write(`Damage beyond these runs: ${printable(reason)}\n`);
}

/** At least one more than are asked for, if there are: those that stand aside may have any status. */
async function candidates(
  journal: SqliteJournal,
  { status, workflowId, all, limit }: ListOptions,
  aside: ReadonlySet<string | null>,
): Promise<readonly RunSummary[]> {
  const filter = {
    newestFirst: true,
    ...(workflowId !== undefined && { workflowId }),
    ...(!all && { parentRunId: null }),
  };
  if (status === 'damaged') return (await journal.list(filter)).filter(({ runId }) => aside.has(runId));
  const most = limit + 1 + aside.size;
  return journal.list({ ...filter, limit: most, ...(status !== undefined && { status }) });
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
