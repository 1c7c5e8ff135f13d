import type { RunOutcome, Workflow } from 'paceline';
import type { Composition } from './compose.ts';
import { watchInterrupts } from './interrupt.ts';
import type { Interruption } from './interruption.ts';
import type { Io } from './io.ts';
import { openOutput } from './output/open-output.ts';
import type { OutputOptions } from './output/open-output.ts';
import type { Left } from './output/results.ts';
import { printable } from './output/text.ts';
import { watchEngine } from './output/watch.ts';
import { createTally } from './summary.ts';
import type { Summary } from './summary.ts';

export interface RunFileResult {
  readonly summary: Summary;
  /** Rows may have been left out. @default it came to its own end */
  readonly interrupted?: Interruption;
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

const LEAVING = 'Stopping: no further runs; what has not ended in 5 s is left for `paceline resume`.';

const LEFT = 'It was at work when the process was told to end. `paceline resume` goes on with it.';

/** Where runs are shown while they work. */
export interface Stage {
  /** Aborts at the first Ctrl-C. */
  readonly stop: AbortSignal;
  /** Aborts when what runs is to be cancelled. */
  readonly cancel: AbortSignal;
  /** @param row `null` for a run that was resumed */
  runEnd(row: number | null, outcome: RunOutcome<unknown>): void;
  left(run: Left): void;
}

/** Progress, results, Ctrl-C and the summary round the work of one command. @param work resolves to what else the summary is to say */
export async function showRuns(
  { parts, workflows, total, stopping, ...options }: ShowOptions,
  io: Io,
  work: (stage: Stage) => Promise<Pick<Summary, 'traceHash'>>,
): Promise<RunFileResult> {
  const tally = createTally();
  const watch = watchEngine({ ...parts, workflows, total, counts: tally.counts, clock: io.clock });
  const output = openOutput(options, watch, io);
  const { stop, cancel, leave, cause, dispose } = watchInterrupts(io, parts.resumable, (first) =>
    output.note(parts.resumable && first === 'terminate' ? LEAVING : stopping),
  );
  leave.addEventListener('abort', () => void parts.engine.close({ unfinished: 'leave' }));
  parts.engine.events.on('message-refused', ({ runId, failure: { code, message } }) =>
    output.note(printable(`${runId} refused what it was told: ${code}: ${message}`)),
  );
  let leftHere = 0;
  const leaveRun = (run: Left): void => {
    leftHere++;
    output.left(run);
  };
  let extra: Pick<Summary, 'traceHash'>;
  try {
    extra = await work({
      stop,
      cancel,
      runEnd(row, outcome) {
        if (!outcome.ok && outcome.error.code === 'ENGINE_CLOSED') {
          return leaveRun({ runId: outcome.runId, code: 'ENGINE_CLOSED', message: LEFT });
        }
        tally.add(outcome);
        output.rowEnd(row, outcome);
      },
      left: leaveRun,
    });
  } finally {
    dispose();
    output.close();
    await parts.close();
  }
  const left = parts.resumable ? { left: leftHere } : {};
  const summary = tally.summary({ simulated: parts.gateway.simulated, ...left, ...extra });
  output.summary(summary);
  const interrupted = cause();
  return { summary, ...(interrupted !== null && { interrupted }) };
}
