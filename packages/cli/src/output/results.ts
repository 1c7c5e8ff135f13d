import type { LeftRun, RunOutcome } from 'paceline';
import type { Io } from '../io.ts';
import type { Summary } from '../summary.ts';
import { breakdownOf } from './breakdown.ts';
import { rowResult } from './json.ts';
import type { Progress } from './progress.ts';
import { styleFor } from './style.ts';
import { runTable, summaryTable } from './tables.ts';
import { jsonText, printable } from './text.ts';
import type { Watch } from './watch.ts';

/** An unfinished run that is left alone, and why. */
export type Left = Omit<LeftRun, 'workflowId'> & Partial<Pick<LeftRun, 'workflowId'>>;

/** Where results go: standard output. */
export interface Results {
  /** @param row `null` for a run that was resumed */
  rowEnd(row: number | null, outcome: RunOutcome<unknown>): void;
  /** A run that is unfinished and not gone on with, and why. */
  left(run: Left): void;
  end(summary: Summary, watch: Watch): void;
}

/** A line per row as it ends, then the summary in one line. */
export function jsonResults(io: Io): Results {
  const print = (value: unknown): void => void io.stdout.write(`${jsonText(value)}\n`);
  return {
    rowEnd: (row, outcome) => print(rowResult(row, outcome)),
    left: ({ runId, workflowId, code, message }) =>
      print({ runId, workflowId, ok: false, status: 'left', error: { code, message } }),
    end: (summary) => print(summary),
  };
}

/** Failures and runs left alone listed for a batch; `--json` has all of them. */
const LISTED_FAILURES = 20;

/** For a batch: what failed as it comes, and a table at the end. */
export function batchResults(io: Io, progress: Progress): Results {
  let listed = 0;
  const list = (line: string): void => {
    listed++;
    if (listed <= LISTED_FAILURES) progress.note(line);
    if (listed === LISTED_FAILURES) progress.note('(further failures are counted; --json lists them all)');
  };
  return {
    rowEnd(row, outcome) {
      if (outcome.ok) return;
      list(`${row === null ? printable(outcome.runId) : `row ${row}`} ${failureLine(outcome)}`);
    },
    left: (run) => list(leftLine(run)),
    end(summary, watch) {
      const lines = summaryTable(summary, watch, styleFor(io.stdout, io.env));
      io.stdout.write(`${lines.join('\n')}\n`);
    },
  };
}

/**
 * For one input: its output alone, so that it can be piped on; everything about it goes to standard error. Both wait for
 * the end, as a live view that is still painted would erase what is printed below it.
 */
export function singleResult(io: Io, progress: Progress): Results {
  let ended: RunOutcome<unknown> | undefined;
  return {
    rowEnd: (_row, outcome) => void (ended = outcome),
    left: (run) => progress.note(leftLine(run)),
    end(summary, watch) {
      if (ended === undefined) return;
      if (ended.ok) io.stdout.write(`${jsonText(ended.output, 2)}\n`);
      else io.stderr.write(`${failureLine(ended)}\n`);
      for (const { step, failure } of ended.steps) {
        if (failure === undefined) continue;
        io.stderr.write(`${printable(`${step} failed: ${failure.code}: ${failure.message}`)}\n`);
      }
      for (const line of runTable(summary, watch, styleFor(io.stderr, io.env))) io.stderr.write(`${line}\n`);
      for (const [by, parts] of breakdownOf(ended.spend))
        io.stderr.write(`${printable(`cost ${by}   ${parts}`)}\n`);
    },
  };
}

function failureLine(outcome: Extract<RunOutcome<unknown>, { readonly ok: false }>): string {
  const { code, message, step } = outcome.error;
  return printable(`${outcome.status}: ${code}${step === undefined ? '' : ` in ${step}`}: ${message}`);
}

function leftLine({ runId, code, message }: Left): string {
  return printable(`${runId} left alone: ${code}: ${message}`);
}
