import type { Message, ModelResult, TokenLogprob } from '@paceline/gateway';
import type { Classification, ClassifyStep } from '../define/step.ts';
import { promptMessages } from './model-call.ts';
import { askForAnswer } from './repair.ts';
import type { StepRun } from './step-run.ts';

/** Asks for one label. A confidence measured on the label's tokens is preferred to what the model says of itself. */
export async function runClassifyStep(
  step: ClassifyStep,
  input: unknown,
  run: StepRun,
): Promise<Classification> {
  const messages = [instruction(step.labels), ...promptMessages(step.prompt({ input }))];
  const { value, result } = await askForAnswer(step, { messages, logprobs: true }, run);
  return withMeasuredConfidence(value as Classification, result);
}

function instruction(labels: readonly string[]): Message {
  return {
    role: 'system',
    text: `Classify. Answer in JSON: \`label\` is one of ${labels.join(', ')}; \`confidence\` is how sure you are, from 0 to 1.`,
  };
}

function withMeasuredConfidence(answer: Classification, { logprobs }: ModelResult): Classification {
  const measured = logprobs === undefined ? null : labelProbability(answer.label, logprobs);
  if (measured === null) return answer;
  return { label: answer.label, confidence: measured, confidenceSource: 'logprobs' };
}

const LABEL_VALUE = /"label"\s*:\s*"/;

/**
 * Probability that the model gave the label: the product over the tokens that spell it within `"label": "..."`.
 * `null` if the tokens do not hold it, as when a provider leaves some out.
 */
export function labelProbability(label: string, tokens: readonly TokenLogprob[]): number | null {
  const text = tokens.map(({ token }) => token).join('');
  const opening = LABEL_VALUE.exec(text);
  if (opening === null) return null;
  const from = opening.index + opening[0].length;
  const to = from + label.length;
  if (text.slice(from, to) !== label) return null;

  let logprobSum = 0;
  let at = 0;
  for (const { token, logprob } of tokens) {
    const end = at + token.length;
    if (at < to && end > from) logprobSum += logprob;
    at = end;
  }
  return Math.min(1, Math.exp(logprobSum));
}
