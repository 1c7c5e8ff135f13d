import type { RunOutcome } from 'paceline';
import type { Io } from '../io.ts';
import type { Summary } from '../summary.ts';
import { rowResult } from './json.ts';
import type { Progress } from './progress.ts';
import { styleFor } from './style.ts';
import { runTable, summaryTable } from './tables.ts';
import type { Watch } from './watch.ts';

/** Where results go: standard output. */
export interface Results {
  rowEnd(row: number, outcome: RunOutcome<unknown>): void;
  end(summary: Summary, watch: Watch): void;
}

/** A line per row as it ends, then the summary in one line. */
export function jsonResults(io: Io): Results {
  const print = (value: unknown): void => void io.stdout.write(`${JSON.stringify(value)}\n`);
  return {
    rowEnd: (row, outcome) => print(rowResult(row, outcome)),
    end: (summary) => print(summary),
  };
}

/** Failures listed for a batch; `--json` has all of them. */
const LISTED_FAILURES = 20;

/** For a batch: failed rows as they come, and a table at the end. */
export function batchResults(io: Io, progress: Progress): Results {
  let failures = 0;
  return {
    rowEnd(row, outcome) {
      if (outcome.ok) return;
      failures++;
      if (failures <= LISTED_FAILURES) progress.note(`row ${row} ${failureLine(outcome)}`);
      if (failures === LISTED_FAILURES)
        progress.note('(further failures are counted; --json lists them all)');
    },
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
export function singleResult(io: Io): Results {
  let ended: RunOutcome<unknown> | undefined;
  return {
    rowEnd: (_row, outcome) => void (ended = outcome),
    end(summary, watch) {
      if (ended === undefined) return;
      if (ended.ok) io.stdout.write(`${JSON.stringify(ended.output, null, 2)}\n`);
      else io.stderr.write(`${failureLine(ended)}\n`);
      for (const { step, failure } of ended.steps) {
        if (failure !== undefined) io.stderr.write(`${step} failed: ${failure.code}: ${failure.message}\n`);
      }
      for (const line of runTable(summary, watch, styleFor(io.stderr, io.env))) io.stderr.write(`${line}\n`);
    },
  };
}

function failureLine(outcome: Extract<RunOutcome<unknown>, { readonly ok: false }>): string {
  const { code, message, step } = outcome.error;
  return `${outcome.status}: ${code}${step === undefined ? '' : ` in ${step}`}: ${message}`;
}
