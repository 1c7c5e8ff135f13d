import type { Gateway } from '@paceline/gateway';
import { timedId } from '@paceline/resilience';
import type { SqliteJournal } from 'paceline';
import { runBatch } from './batch.ts';
import type { Batch } from './batch.ts';
import { compose } from './compose.ts';
import { collect } from './input/collect.ts';
import { openRows, singleRow } from './input/rows.ts';
import type { Row, RowOptions, RowSource } from './input/rows.ts';
import type { Io } from './io.ts';
import { withJournal } from './journal-file.ts';
import type { LogOptions } from './log-options.ts';
import { neededRoutes } from './routes.ts';
import { showRuns } from './show-runs.ts';
import type { RunFileResult } from './show-runs.ts';
import { createTrace } from './trace.ts';
import { loadWorkflow } from './workflow-file.ts';

/** What `paceline run` was asked to do. */
export interface RunRequest extends LogOptions {
  readonly workflowFile: string;
  /** @default the config beside the workflow */
  readonly configFile?: string;
  readonly input: { readonly value: unknown } | ({ readonly file: string } & RowOptions);
  /** Runs in flight. Minimum 1. */
  readonly concurrency: number;
  /** Tightens the workflow's own time budget, in milliseconds. */
  readonly deadlineMs?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly json: boolean;
  readonly seed: number;
  /** Simulate in virtual time; the config has to answer in process then. */
  readonly virtual: boolean;
  readonly failover: boolean;
  /** SQLite file that records the runs; made if there is none. @default they are forgotten with the process */
  readonly journalFile?: string;
}

/**
 * Runs a workflow file over its input and shows it.
 * @throws CliError when it cannot begin
 */
export async function runFile(request: RunRequest, io: Io): Promise<RunFileResult> {
  const { journalFile: file } = request;
  if (file === undefined) return runRows(request, undefined, io);
  return withJournal({ file, create: true }, io, (journal) => runRows(request, journal, io));
}

async function runRows(
  request: RunRequest,
  journal: SqliteJournal | undefined,
  io: Io,
): Promise<RunFileResult> {
  const workflow = await loadWorkflow(request.workflowFile, io);
  const source = await openSource(request, io);
  const total = await source.count();
  const parts = await compose(
    {
      ...request,
      rows: Math.max(1, total),
      needed: neededRoutes([workflow]),
      journal,
    },
    io,
  );
  const trace = request.virtual ? createTrace(parts.clock.nowMs) : undefined;
  const shown = {
    parts,
    workflows: [workflow],
    total: () => total,
    json: request.json,
    single: 'value' in request.input,
    stopping: 'Stopping: no further rows; what runs may finish. Ctrl-C again stops now.',
  };
  return showRuns(shown, io, async ({ stop, cancel, runEnd }) => {
    const rows = request.virtual ? await readAhead(source) : source.rows();
    const batch = runBatch({
      engine: parts.engine,
      workflow,
      rows,
      stop,
      cancel,
      concurrency: request.concurrency,
      runIdOf: runIds(request, parts.gateway, io),
      run: runOptions(request),
      onRowEnd(row, outcome) {
        trace?.add(row, outcome);
        runEnd(row, outcome);
      },
    });
    await parts.settle(batch);
    return trace === undefined ? {} : { traceHash: trace.digest() };
  });
}

function runOptions({ labels, deadlineMs }: RunRequest): Batch['run'] {
  return deadlineMs === undefined ? { labels } : { labels, deadlineMs };
}

/** The fate of simulated calls depends on the ids of their runs; a journal takes each id but once. */
function runIds({ journalFile, seed }: RunRequest, { simulated }: Gateway, io: Io): Batch['runIdOf'] {
  if (journalFile !== undefined) return () => timedId(io.random, 'run', io.clock.epochMs());
  return (row) => (simulated ? `run-s${seed}-r${row}` : undefined);
}

function openSource({ input }: RunRequest, io: Io): Promise<RowSource> {
  return 'file' in input ? openRows(input.file, io, input) : Promise.resolve(singleRow(input.value));
}

/** Reading a file takes real time, in which a virtual clock would run ahead: so all rows are read first. */
async function readAhead(source: RowSource): Promise<AsyncIterable<Row>> {
  const rows = await collect(source.rows());
  return (async function* () {
    yield* rows;
  })();
}
