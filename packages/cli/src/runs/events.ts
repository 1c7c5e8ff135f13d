import type { AttemptRecord } from '@paceline/gateway';
import { followRun, readStepToken, readTimerToken } from 'paceline';
import type { Adoption, JournalEntry, JournalStore, RunEvent, VisitProgress } from 'paceline';
import { formatDuration } from '../duration.ts';
import { findRun } from '../find-run.ts';
import { INTERRUPTED } from '../interrupt.ts';
import { widthOf } from '../io.ts';
import type { Io } from '../io.ts';
import { jsonText, printable, shorten } from '../output/text.ts';
import { askedText, saidText } from './asked.ts';

export interface EventsOptions {
  /** The run's id, or the beginning of it. */
  readonly run: string;
  /** The last entry that is not shown; 0 for none. */
  readonly afterSeq: number;
  /** Goes on with each entry as it is recorded, to the run's end. */
  readonly follow: boolean;
  readonly json: boolean;
}

/**
 * Prints a run's journal, one line for each entry.
 * @returns the exit code
 * @throws CliError `RUN_UNKNOWN`; EngineError `JOURNAL_DAMAGED`
 */
export async function printEvents(journal: JournalStore, options: EventsOptions, io: Io): Promise<number> {
  const { run, afterSeq, follow, json } = options;
  const { runId, startedEpochMs } = await findRun(journal, run);
  const width = widthOf(io.stdout, 160);
  const print = (entry: JournalEntry): void => {
    const line = json ? jsonText(entry) : shorten(lineOf(entry, startedEpochMs), width);
    io.stdout.write(`${line}\n`);
  };
  if (follow) return printLive(followRun(runId, { afterSeq }, { journal, clock: io.clock }), print, io);
  for await (const entry of journal.entries(runId, afterSeq + 1)) print(entry);
  return 0;
}

/** To the run's end or Ctrl-C. */
async function printLive(
  entries: AsyncIterable<JournalEntry>,
  print: (entry: JournalEntry) => void,
  io: Io,
): Promise<number> {
  const reader = entries[Symbol.asyncIterator]();
  let exitCode = 0;
  const unlisten = io.onInterrupt((cause) => {
    exitCode = INTERRUPTED[cause];
    void reader.return?.();
  });
  try {
    for (let next = await reader.next(); next.done !== true; next = await reader.next()) print(next.value);
    return exitCode;
  } finally {
    unlisten();
  }
}

function lineOf({ runId, seq, atEpochMs, event }: JournalEntry, startedEpochMs: number): string {
  const after = formatDuration(Math.max(0, atEpochMs - startedEpochMs));
  const said = printable(saidBy(event, runId));
  return `${String(seq).padStart(5)}  ${after.padStart(12)}  ${event.type.padEnd(16)}  ${said}`.trimEnd();
}

/** What is worth a line of an event; `--json` has all of it. */
function saidBy(event: RunEvent, runId: string): string {
  switch (event.type) {
    case 'run-start':
      return jsonText(event.input);
    case 'run-adopt':
      return adoptionOf(event.cause);
    case 'step-progress':
      return `${stepOf(runId, event.token)}  ${progressOf(event.progress)}`;
    case 'step-done':
      return `${stepOf(runId, event.token)}  ${attemptsOf(event.attempts)}${jsonText(event.output)}`;
    case 'step-failed':
      return `${stepOf(runId, event.token)}  ${attemptsOf(event.attempts)}${event.failure.code}: ${event.failure.message}`;
    case 'step-stopped':
      return `${stepOf(runId, event.token)}  ${attemptsOf(event.attempts)}`;
    case 'child-stopped':
      return `${stepOf(runId, event.token)}  ${event.runId}`;
    case 'step-wait':
      return `${stepOf(runId, event.token)}  ${askedText(event.wait)}`;
    case 'step-answer':
      return `${stepOf(runId, event.token)}  ${saidText(event.answer)}`;
    case 'undo-found':
      return `${event.undo.length} to undo below it`;
    case 'compensation-end':
      return `${stepOf(event.childRunId ?? runId, event.token)}  ${event.failure === undefined ? 'undone' : event.failure.message}`;
    case 'signal':
      return `${event.name}  ${jsonText(event.payload)}`;
    case 'timer-due':
      return readTimerToken(runId, event.token).id;
    case 'cancel':
      return event.reason;
    case 'deadline':
      return '';
  }
}

function adoptionOf(cause: Adoption): string {
  return cause.type === 'fork'
    ? `forked from ${cause.runId} at ${cause.seq}`
    : `migrated from version ${cause.version} (${cause.hash.slice(0, 12)})`;
}

function stepOf(runId: string, token: string): string {
  const { invokeId, visit } = readStepToken(runId, token);
  return `${invokeId}/${visit}`;
}

function progressOf(progress: VisitProgress): string {
  switch (progress.type) {
    case 'item-start':
      return `[${progress.index}]`;
    case 'item-progress':
      return `[${progress.index}]  ${progressOf(progress.progress)}`;
    case 'item-end': {
      const { index, attempts, failure, output } = progress;
      const said = failure === undefined ? jsonText(output) : `${failure.code}: ${failure.message}`;
      return `[${index}] ${failure === undefined ? 'done' : 'failed'}  ${attemptsOf(attempts)}${said}`;
    }
    case 'turn':
      return `turn  ${attemptsOf(progress.attempts)}${jsonText(progress.message)}`;
    case 'tool-start':
      return `${progress.tool}  ${jsonText(progress.input)}`;
    case 'tool-end':
      return `${progress.tool} ${progress.isError ? 'failed' : 'done'}  ${jsonText(progress.result)}`;
    case 'approval':
      return progress.approved ? 'approved' : 'rejected';
  }
}

/** Where the attempts went. */
function attemptsOf(attempts: readonly AttemptRecord[]): string {
  if (attempts.length === 0) return '';
  return `${attempts.map(({ target, outcome, code = outcome }) => `${target} ${code}`).join(', ')}  `;
}
