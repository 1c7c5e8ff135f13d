import type { RunOutcome } from 'paceline';
import type { Io } from '../io.ts';
import type { Summary } from '../summary.ts';
import { liveProgress } from './live.ts';
import { plainProgress } from './plain.ts';
import { batchResults, jsonResults, singleResult } from './results.ts';
import type { Left } from './results.ts';
import { styleFor } from './style.ts';
import type { Watch } from './watch.ts';

/** All that a command shows of a batch: progress on standard error, results on standard output. */
export interface Output {
  note(line: string): void;
  /** @param row `null` for a run that was resumed */
  rowEnd(row: number | null, outcome: RunOutcome<unknown>): void;
  /** A run that is unfinished and not gone on with, and why. */
  left(run: Left): void;
  /** Nothing runs any more: ends the progress. */
  close(): void;
  summary(summary: Summary): void;
}

export interface OutputOptions {
  readonly json: boolean;
  /** One input instead of a batch. */
  readonly single: boolean;
}

export function openOutput({ json, single }: OutputOptions, watch: Watch, io: Io): Output {
  // JSON lines scrolling through the same terminal would tear the live view apart.
  const live = io.stderr.isTTY === true && !(json && io.stdout.isTTY === true);
  const progress = live
    ? liveProgress(watch, styleFor(io.stderr, io.env), io)
    : plainProgress(watch, io, !single);
  const results = json ? jsonResults(io) : single ? singleResult(io, progress) : batchResults(io, progress);
  return {
    note: (line) => progress.note(line),
    rowEnd: (row, outcome) => results.rowEnd(row, outcome),
    left: (run) => results.left(run),
    close: () => progress.close(),
    summary: (summary) => results.end(summary, watch),
  };
}
