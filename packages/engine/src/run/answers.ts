import { z } from 'zod';
import type { WorkflowInfo } from '../define/workflow.ts';
import { EngineError } from '../errors.ts';
import { toJson } from './json.ts';
import type { Answer, AnswerTo, RunMessage, Wait } from './message.ts';
import type { PendingStep, RunEvent, RunRecord } from './record.ts';
import { checkRecorded } from './schema.ts';

type AnswerMessage = Extract<RunMessage, { readonly type: 'answer' }>;
type StepAnswer = Extract<RunEvent, { readonly type: 'step-answer' }>;
type RestingStep = PendingStep & { readonly wait: Wait };

/**
 * The event that an answer is to the step it is meant for.
 * @throws EngineError `NOT_WAITING` if no step asks that, or several do; `OUTPUT_INVALID` if it gives a step an output that does not fit
 */
export function answerEvent(
  record: RunRecord,
  { steps }: Pick<WorkflowInfo, 'steps'>,
  { id, to, answer }: AnswerMessage,
): StepAnswer {
  const { token, step, progress, wait } = restingStep(record, to);
  const fitting = FITTING[wait.type];
  if (!fitting.includes(answer.type)) {
    throw notWaiting(`\`${step}\` waits for ${fitting.join(' or ')}, not for ${answer.type}.`);
  }
  // A tool has no schema for what it gives.
  const schema = wait.type === 'uncertain' && wait.toolCallId === undefined ? steps[step]?.output : undefined;
  const checked = checkedAnswer(answer, schema);
  return { type: 'step-answer', id, token, progress: progress.length, answer: checked };
}

const FITTING: Readonly<Record<Wait['type'], readonly Answer['type'][]>> = {
  approval: ['approve', 'reject'],
  uncertain: ['done', 'failed'],
};

function restingStep({ runId, pending }: RunRecord, to: AnswerTo): RestingStep {
  const resting = Object.values(pending).filter((step): step is RestingStep => step.wait !== undefined);
  const meant = stepsNamed(to.step, resting).filter(
    ({ wait }) => to.toolCallId === undefined || to.toolCallId === wait.toolCallId,
  );
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only;
  const waits = resting.map(named).join(', ') || 'none';
  const problem =
    only === undefined ? 'No step of it waits for this answer' : 'Several steps of it wait; name one';
  throw notWaiting(`${problem}: run ${runId}, waiting: ${waits}.`);
}

/** One step may wait in several states at once; the ids of their invokes differ. */
function stepsNamed(name: string | undefined, resting: readonly RestingStep[]): readonly RestingStep[] {
  if (name === undefined) return resting;
  const invoked = resting.filter(({ invokeId }) => invokeId === name);
  return invoked.length > 0 ? invoked : resting.filter(({ step }) => step === name);
}

function named({ invokeId, wait }: RestingStep): string {
  return wait.toolCallId === undefined ? `\`${invokeId}\`` : `\`${invokeId}\` (tool call ${wait.toolCallId})`;
}

/** The answer as it is recorded. */
function checkedAnswer(answer: Answer, schema: z.ZodType = z.unknown()): Answer {
  if (answer.type !== 'done') return toJson(answer) as unknown as Answer;
  const output = checkRecorded(schema, answer.output);
  if (output.ok) return { type: 'done', output: output.value };
  throw new EngineError(
    'OUTPUT_INVALID',
    `What the step is said to have given does not fit: ${output.problem}`,
  );
}

export function notWaiting(message: string): EngineError {
  return new EngineError('NOT_WAITING', message);
}
