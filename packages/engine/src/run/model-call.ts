import { isGatewayError } from '@paceline/gateway';
import type { AnswerFormat, Message, ModelRequest, ModelResult, ToolSpec } from '@paceline/gateway';
import type { ModelStep, Prompt } from '../define/step.ts';
import type { StepRun } from './step-run.ts';

export interface Question {
  readonly messages: readonly Message[];
  readonly answer: AnswerFormat;
  readonly tools?: readonly ToolSpec[];
  readonly logprobs?: boolean;
  /** Counts the model calls of the visit from 0. */
  readonly turn: number;
}

/** Later visits of a step count their turns from 100, 200, ..., so that no two calls of a run have one identity. */
const TURNS_PER_VISIT = 100;

/** One model call of a step: its role becomes a request with the step's deadline, limits and the run's budget. */
export async function callModel(step: ModelStep, question: Question, run: StepRun): Promise<ModelResult> {
  try {
    const result = await run.context.gateway.generate(requestOf(step, question, run));
    run.attempts.push(...result.attempts);
    return result;
  } catch (error) {
    if (isGatewayError(error)) run.attempts.push(...error.attempts);
    throw error;
  }
}

function requestOf(step: ModelStep, { turn, ...question }: Question, run: StepRun): ModelRequest {
  const { deadline, stop, pending } = run;
  const { runId, info, labels, caller, budget } = run.context;
  const { limits, maxOutputTokens, temperature, cache, promptCache, logPayload } = step;
  return {
    route: step.route ?? step.kind,
    ...question,
    ...(limits !== undefined && { limits }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(cache !== undefined && { cache }),
    ...(promptCache !== undefined && { promptCache }),
    ...(logPayload !== undefined && { logPayload }),
    deadline,
    signal: stop.signal,
    budget,
    call: {
      runId,
      workflow: info.id,
      step: pending.step,
      turn: turn + TURNS_PER_VISIT * (pending.visit - 1),
    },
    labels,
    ...caller,
  };
}

export function promptMessages(prompt: Prompt): Message[] {
  if (typeof prompt === 'string') return [{ role: 'user', text: prompt }];
  const user: Message = { role: 'user', text: prompt.user };
  return prompt.system === undefined ? [user] : [{ role: 'system', text: prompt.system }, user];
}
