import type { Change } from './ending.ts';
import { hasHeard, withHeard } from './heard.ts';
import { pendingByToken, stepAtWork } from './in-flight.ts';
import type { Answer, Wait } from './message.ts';
import type { PendingStep, RunEvent, RunRecord } from './record.ts';
import type { StepProgress } from './progress.ts';

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>;

/** How a person ends a step. */
type StepEnd = EventOf<'step-done'> | EventOf<'step-failed'>;

/** A person has ended the step: the run before that, and the end it has to be given. */
export interface EndedByAnswer {
  readonly record: RunRecord;
  readonly end: StepEnd;
}

/** The visit ends and the step does not: it rests in the record, and nobody is at work on it. */
export function stepWait(record: RunRecord, { token, wait, ms }: EventOf<'step-wait'>): Change | null {
  const pending = stepAtWork(record, token);
  if (pending === undefined) return null;
  const resting: PendingStep = { ...pending, wait, workedMs: (pending.workedMs ?? 0) + ms };
  return { record: withPending(record, resting), effects: [] };
}

/**
 * What a person says to a step that rests. It goes on, under the token it had, or it has ended.
 * @returns `null` if the step does not rest, asks something else, or the message was heard before
 */
export function stepAnswer(
  record: RunRecord,
  { id, token, progress, answer }: EventOf<'step-answer'>,
): Change | EndedByAnswer | null {
  const pending = pendingByToken(record, token);
  if (pending?.wait === undefined || hasHeard(record, id)) return null;
  if (pending.progress.length !== progress) return null;
  const { wait, ...rested } = pending;
  const said = saidBy(answer, wait, pending);
  if (said === null) return null;

  const heard = withHeard(record, id);
  if (said.type === 'step-done' || said.type === 'step-failed') {
    return { record: withPending(heard, rested), end: said };
  }
  const again: PendingStep = { ...rested, progress: [...rested.progress, said] };
  return { record: withPending(heard, again), effects: [{ type: 'step-start', pending: again }] };
}

/** What an answer comes to: the end of the step, or something it goes on with. `null`: it answers another question. */
function saidBy(answer: Answer, wait: Wait, { token, step }: PendingStep): StepEnd | StepProgress | null {
  if (wait.type === 'approval') {
    const { toolCallId } = wait;
    if (answer.type === 'approve') return { ...answer, type: 'approval', toolCallId, approved: true };
    if (answer.type === 'reject') return { ...answer, type: 'approval', toolCallId, approved: false };
    return null;
  }
  const { toolCallId, tool } = wait;
  const isTool = toolCallId !== undefined && tool !== undefined;
  switch (answer.type) {
    case 'done':
      return isTool
        ? { type: 'tool-end', toolCallId, tool, result: answer.output, isError: false }
        : { type: 'step-done', token, output: answer.output, attempts: [] };
    case 'failed':
      return isTool
        ? { type: 'tool-end', toolCallId, tool, result: answer.reason, isError: true }
        : { type: 'step-failed', token, failure: failureBy(answer, step), attempts: [] };
    default:
      return null;
  }
}

/** A person says that the work did not take effect: as certain a failure as any. */
export function failureBy({ reason }: Extract<Answer, { readonly type: 'failed' }>, step: string) {
  return { code: 'STEP_FAILED', message: reason, step };
}

function withPending(record: RunRecord, pending: PendingStep): RunRecord {
  return { ...record, pending: { ...record.pending, [pending.invokeId]: pending } };
}
