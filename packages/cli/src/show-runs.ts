import type { LeftRun, RunOutcome, Workflow } from 'paceline';
import type { Composition } from './compose.ts';
import { watchInterrupts } from './interrupt.ts';
import type { Io } from './io.ts';
import { openOutput } from './output/open-output.ts';
import type { OutputOptions } from './output/open-output.ts';
import { watchEngine } from './output/watch.ts';
import { createTally } from './summary.ts';
import type { Summary } from './summary.ts';

export interface RunFileResult {
  readonly summary: Summary;
  /** Rows may have been left out. */
  readonly interrupted: boolean;
}

export interface ShowOptions extends OutputOptions {
  /** Closed at the end. */
  readonly parts: Composition;
  readonly workflows: readonly Workflow<unknown>[];
  /** Runs there will be; `Infinity` while nobody knows. */
  readonly total: () => number;
  /** Said at the first Ctrl-C. */
  readonly stopping: string;
}

/** Where runs are shown while they work. */
export interface Stage {
  /** Aborts at the first Ctrl-C. */
  readonly stop: AbortSignal;
  /** Aborts when what runs is to be cancelled. */
  readonly cancel: AbortSignal;
  /** @param row `null` for a run that was resumed */
  runEnd(row: number | null, outcome: RunOutcome<unknown>): void;
  left(run: LeftRun): void;
}

/** Progress, results, Ctrl-C and the summary round the work of one command. @param work resolves to what else the summary is to say */
export async function showRuns(
  { parts, workflows, total, stopping, ...options }: ShowOptions,
  io: Io,
  work: (stage: Stage) => Promise<Pick<Summary, 'left' | 'traceHash'>>,
): Promise<RunFileResult> {
  const tally = createTally();
  const watch = watchEngine({ ...parts, workflows, total, counts: tally.counts, clock: io.clock });
  const output = openOutput(options, watch, io);
  const { stop, cancel, dispose } = watchInterrupts(io, () => output.note(stopping));
  let extra: Pick<Summary, 'left' | 'traceHash'>;
  try {
    extra = await work({
      stop,
      cancel,
      runEnd(row, outcome) {
        tally.add(outcome);
        output.rowEnd(row, outcome);
      },
      left: (run) => output.left(run),
    });
  } finally {
    dispose();
    output.close();
    await parts.close();
  }
  const summary = tally.summary({ simulated: parts.gateway.simulated, ...extra });
  output.summary(summary);
  return { summary, interrupted: stop.aborted };
}
