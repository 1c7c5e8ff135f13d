import type { ReasonStep } from '../define/step.ts';
import { promptMessages } from './model-call.ts';
import { askForAnswer } from './repair.ts';
import type { StepRun } from './step-run.ts';

export async function runReasonStep(step: ReasonStep, input: unknown, run: StepRun): Promise<unknown> {
  const messages = promptMessages(step.prompt({ input }));
  const { value } = await askForAnswer(step, { messages }, run);
  return value;
}
