import type { AttemptRecord, Json } from '@paceline/gateway';
import { check } from '../define/schema.ts';
import type { Step } from '../define/step.ts';
import { EngineError } from '../errors.ts';
import { runClassifyStep } from './classify-step.ts';
import { runCodeStep } from './code-step.ts';
import { runExecuteStep } from './execute-step.ts';
import { stepFailure } from './failure.ts';
import { stepDeadline } from './floor.ts';
import { toJson } from './json.ts';
import { runReasonStep } from './reason-step.ts';
import type { Failure, PendingStep } from './record.ts';
import type { RunContext, StepRun } from './step-run.ts';

/** How a visit ended, with the attempts that its recorded progress does not hold. */
export type StepResult = { readonly attempts: readonly AttemptRecord[] } & (
  | { readonly ok: true; readonly output: Json }
  | { readonly ok: false; readonly failure: Failure }
);

/** Runs one visit of a step. Settles by the step's deadline or when it is stopped, and never rejects. */
export async function runStep(
  context: RunContext,
  { pending, inDoubt, stop, record }: Pick<StepRun, 'pending' | 'inDoubt' | 'stop' | 'record'>,
): Promise<StepResult> {
  const attempts: AttemptRecord[] = [];
  try {
    const step = context.info.steps[pending.step];
    if (step === undefined)
      throw new EngineError('WORKFLOW_INVALID', `There is no step \`${pending.step}\`.`);
    checkVisits(step, pending);
    const deadline = stepDeadline(pending, context);
    const input = check(step.input, pending.input);
    if (!input.ok) throw new EngineError('STEP_INPUT_INVALID', input.problem);
    const output = await dispatch(step, input.value, {
      context,
      pending,
      inDoubt,
      stop,
      record,
      deadline,
      attempts,
    });
    return { ok: true, output: toJson(output), attempts };
  } catch (error) {
    return { ok: false, failure: stepFailure(error, pending.step), attempts };
  }
}

const DEFAULT_MAX_VISITS = 1_000;

/** A loop that its author did not bound ends all the same. */
function checkVisits({ maxVisits = DEFAULT_MAX_VISITS }: Step, { step, visit }: PendingStep): void {
  if (visit <= maxVisits) return;
  throw new EngineError('VISIT_LIMIT_REACHED', `\`${step}\` was visited ${maxVisits} times already.`);
}

function dispatch(step: Step, input: unknown, run: StepRun): Promise<unknown> {
  switch (step.kind) {
    case 'classify':
      return runClassifyStep(step, input, run);
    case 'reason':
      return runReasonStep(step, input, run);
    case 'execute':
      return runExecuteStep(step, input, run);
    case 'code':
      return runCodeStep(step, input, run);
  }
}
