import { runBatch } from './batch.ts';
import { compose } from './compose.ts';
import { collect } from './input/collect.ts';
import { openRows, singleRow } from './input/rows.ts';
import type { Row, RowOptions, RowSource } from './input/rows.ts';
import { watchInterrupts } from './interrupt.ts';
import type { Io } from './io.ts';
import { openOutput } from './output/open-output.ts';
import { watchEngine } from './output/watch.ts';
import { neededRoutes } from './routes.ts';
import { createTally } from './summary.ts';
import type { Summary } from './summary.ts';
import { createTrace } from './trace.ts';
import { loadWorkflow } from './workflow-file.ts';

/** What `paceline run` was asked to do. */
export interface RunRequest {
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
}

export interface RunFileResult {
  readonly summary: Summary;
  /** Rows may have been left out. */
  readonly interrupted: boolean;
}

/**
 * Runs a workflow file over its input and shows it.
 * @throws CliError when it cannot begin
 */
export async function runFile(request: RunRequest, io: Io): Promise<RunFileResult> {
  const workflow = await loadWorkflow(request.workflowFile, io);
  const source = await openSource(request, io);
  const total = await source.count();
  const parts = await compose({ ...request, rows: Math.max(1, total), needed: neededRoutes(workflow) }, io);
  const tally = createTally();
  const trace = request.virtual ? createTrace(parts.clock.nowMs) : undefined;
  const watch = watchEngine({ ...parts, workflow, total, counts: tally.counts, clock: io.clock });
  const output = openOutput({ json: request.json, single: 'value' in request.input }, watch, io);
  const interrupts = watchInterrupts(io, () => {
    output.note('Stopping: no further rows; what runs may finish. Ctrl-C again stops now.');
  });
  try {
    const { stop, cancel } = interrupts;
    const rows = request.virtual ? await readAhead(source) : source.rows();
    const batch = runBatch({
      engine: parts.engine,
      workflow,
      rows,
      stop,
      cancel,
      concurrency: request.concurrency,
      runIdOf: (row) => (parts.gateway.simulated ? `run-s${request.seed}-r${row}` : undefined),
      run: {
        labels: request.labels,
        ...(request.deadlineMs === undefined ? {} : { deadlineMs: request.deadlineMs }),
      },
      onRowEnd(row, outcome) {
        tally.add(outcome);
        trace?.add(row, outcome);
        output.rowEnd(row, outcome);
      },
    });
    await parts.settle(batch);
  } finally {
    interrupts.dispose();
    output.close();
    await parts.close();
  }
  const traceHash = trace?.digest();
  const summary = tally.summary({
    simulated: parts.gateway.simulated,
    ...(traceHash === undefined ? {} : { traceHash }),
  });
  output.summary(summary);
  return { summary, interrupted: interrupts.stop.aborted };
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
