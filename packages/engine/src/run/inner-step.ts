import type { InnerStep } from '../define/step.ts';
import { runChildStep } from './child/child-step.ts';
import { runClassifyStep } from './classify-step.ts';
import { runCodeStep } from './code-step.ts';
import { runExecuteStep } from './execute-step.ts';
import { runReasonStep } from './reason-step.ts';
import type { StepRun } from './step-run.ts';

/** Runs what a visit, or one item of a `map`, is to do. `input` fits the step's schema. */
export function runInnerStep(step: InnerStep, input: unknown, run: StepRun): Promise<unknown> {
  switch (step.kind) {
    case 'classify':
      return runClassifyStep(step, input, run);
    case 'reason':
      return runReasonStep(step, input, run);
    case 'execute':
      return runExecuteStep(step, input, run);
    case 'code':
      return runCodeStep(step, input, run);
    case 'child':
      return runChildStep(step, run);
  }
}
