import type { Message, ModelResult } from '@paceline/gateway';
import { answerSchema } from '../define/schema.ts';
import type { ModelStep } from '../define/step.ts';
import { EngineError } from '../errors.ts';
import { callModel } from './model-call.ts';
import type { StepRun } from './step-run.ts';

/** How often a model is shown what was wrong with its answer. */
export const REPAIRS = 1;

export interface ValidAnswer {
  readonly value: unknown;
  /** The result that held it. */
  readonly result: ModelResult;
}

/**
 * Asks for an answer that fits the step. One that does not is shown to the model with what is wrong, once.
 * @throws EngineError `ANSWER_INVALID` when the second answer does not fit either
 */
export async function askForAnswer(
  step: ModelStep,
  { messages, logprobs = false }: { readonly messages: readonly Message[]; readonly logprobs?: boolean },
  run: StepRun,
): Promise<ValidAnswer> {
  const { format, parse } = answerSchema(step);
  const conversation = [...messages];
  for (let turn = 0; ; turn++) {
    const question = { messages: [...conversation], answer: format, logprobs, turn };
    const result = await callModel(step, question, run);
    const answer = parse(result.text);
    if (answer.ok) return { value: answer.value, result };
    const problem = problemOf(answer.problem, result);
    if (turn === REPAIRS) throw answerInvalid(problem);
    conversation.push({ role: 'assistant', text: result.text }, repairMessage(problem));
  }
}

/** An answer that the token limit cut off is named as such: its other mistakes follow from that. */
function problemOf(problem: string, { finishReason }: ModelResult): string {
  return finishReason === 'length' ? `It was cut off at the output token limit. ${problem}` : problem;
}

/** The turn that shows the model its mistake. */
export function repairMessage(problem: string): Message {
  return {
    role: 'user',
    text: `That answer cannot be used:\n${problem}\nAnswer again, with a value that fits the schema and nothing else.`,
  };
}

export function answerInvalid(problem: string): EngineError {
  return new EngineError('ANSWER_INVALID', `The answer does not fit, nor did the one before it: ${problem}`);
}
