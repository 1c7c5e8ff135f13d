import type { Answer, AnswerTo, RunRecord, SqliteJournal, Wait } from 'paceline';
import { CliError } from '../errors.ts';
import { findRun } from '../find-run.ts';
import type { Io } from '../io.ts';
import { printable } from '../output/text.ts';
import { askedText } from './asked.ts';
import { tellRun } from './tell.ts';
import type { TellOptions } from './tell.ts';

export interface AnswerRunOptions extends Omit<TellOptions, 'said'> {
  /** Which question, where several are open. */
  readonly to: AnswerTo;
  readonly answer: Answer;
}

/**
 * Answers what a run waits for, and prints the question and what became of the answer. It is for the question that was open when the command began,
 * and for no later one.
 * @returns the exit code: 1 if the run refused it
 * @throws CliError `NOT_WAITING` if the run does not ask that, or asks it more than once; and what `tellRun` throws
 */
export async function answerRun(
  journal: SqliteJournal,
  { to, answer, ...options }: AnswerRunOptions,
  io: Io,
): Promise<number> {
  const { runId } = await findRun(journal, options.run);
  const record = await journal.load(runId);
  const said = { type: 'answer', to, answer } as const;
  // One that has ended, or that heard this before, says so itself.
  if (record?.status !== 'running' || (options.id !== undefined && record.heard?.includes(options.id))) {
    return tellRun(journal, { ...options, said }, io);
  }
  const { invokeId, wait } = openQuestion(record, to, answer);
  io.stderr.write(`${printable(`${invokeId}: ${askedText(wait)}`)}\n`);
  const { toolCallId } = wait;
  const named = { step: invokeId, ...(toolCallId !== undefined && { toolCallId }) };
  return tellRun(journal, { ...options, said: { ...said, to: named } }, io);
}

interface Question {
  readonly invokeId: string;
  readonly step: string;
  readonly wait: Wait;
}

function openQuestion({ runId, pending }: RunRecord, to: AnswerTo, { type }: Answer): Question {
  const asked = type === 'approve' || type === 'reject' ? 'approval' : 'uncertain';
  const open = Object.values(pending).flatMap(({ invokeId, step, wait }) =>
    wait === undefined ? [] : [{ invokeId, step, wait }],
  );
  const meant = open.filter(
    ({ invokeId, step, wait }) =>
      wait.type === asked &&
      (to.step === undefined || to.step === invokeId || to.step === step) &&
      (to.toolCallId === undefined || to.toolCallId === wait.toolCallId),
  );
  const [only, ...others] = meant;
  if (only !== undefined && others.length === 0) return only;
  const list = open.map(({ invokeId, wait }) => `\n  ${invokeId}: ${askedText(wait)}`).join('');
  throw new CliError('NOT_WAITING', printableLines(`Run ${runId} ${problemOf(only)}.`, list));
}

function problemOf(first: Question | undefined): string {
  return first === undefined ? 'does not wait for that' : 'waits for several; name the step or the tool call';
}

function printableLines(problem: string, list: string): string {
  const open = list === '' ? ' It waits for nobody.' : ` It waits for:${list}`;
  return `${printable(problem)}${open.split('\n').map(printable).join('\n')}`;
}
