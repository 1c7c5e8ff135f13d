import { abortable } from '@paceline/resilience';
import type { Engine, RunOptions, RunOutcome, Workflow } from 'paceline';
import type { Row } from './input/rows.ts';
import { notRun, outcomeOf } from './row-outcome.ts';

export interface Batch {
  readonly engine: Engine;
  readonly workflow: Workflow<unknown>;
  readonly rows: AsyncIterable<Row>;
  /** Runs in flight. Minimum 1. */
  readonly concurrency: number;
  readonly runIdOf: (row: number) => string | undefined;
  readonly run: Pick<RunOptions, 'deadlineMs' | 'labels'>;
  /** Aborting it takes no further rows; what runs goes on. */
  readonly stop: AbortSignal;
  /** Aborting it cancels what runs. */
  readonly cancel: AbortSignal;
  /** Every row that was taken ends here, in the order of ending. */
  readonly onRowEnd: (row: number, outcome: RunOutcome<unknown>) => void;
}

/** Runs rows side by side, each taken only when there is a place for it. Resolves when all that were taken have ended. */
export async function runBatch(batch: Batch): Promise<void> {
  const rows = batch.rows[Symbol.asyncIterator]();
  const work = async (): Promise<void> => {
    for (;;) {
      const next = await nextRow(rows, batch.stop);
      if (next === undefined) return;
      batch.onRowEnd(next.row, await runRow(next, batch));
    }
  };
  await Promise.all(Array.from({ length: batch.concurrency }, work));
}

/** A pipe may stay silent for ever, so waiting for a row ends with `stop` too. */
async function nextRow(rows: AsyncIterator<Row>, stop: AbortSignal): Promise<Row | undefined> {
  try {
    const next = await abortable(rows.next(), stop);
    return next.done === true ? undefined : next.value;
  } catch (error) {
    if (stop.aborted) return undefined;
    throw error;
  }
}

async function runRow(row: Row, batch: Batch): Promise<RunOutcome<unknown>> {
  const runId = batch.runIdOf(row.row);
  const name = runId ?? `row-${row.row}`;
  if ('problem' in row) return notRun(name, { code: 'INPUT_INVALID', message: row.problem });
  const result = batch.engine.run(batch.workflow, row.input, {
    ...batch.run,
    ...(runId === undefined ? {} : { runId }),
    signal: batch.cancel,
  });
  return outcomeOf(name, result);
}
