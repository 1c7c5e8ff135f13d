import type { z } from 'zod';
import { EngineError } from '../errors.ts';
import type { ChildStep, Step, StepPolicy } from './step.ts';
import { isWorkflow, workflowInfo } from './workflow.ts';
import type { Workflow } from './workflow.ts';

/**
 * A workflow as a step of another. Every visit starts a run of it, the child, and takes its output; a child that ends `degraded` counts
 * as a success, as its output fits. The child has its own budget within what the step has left of time and money.
 * @throws EngineError `WORKFLOW_INVALID` if that is no workflow
 */
export function child<In, Out>(
  workflow: Workflow<In, Out>,
  policy: StepPolicy = {},
): ChildStep<z.ZodType<unknown, In>, z.ZodType<Out>> {
  if (!isWorkflow(workflow)) {
    throw new EngineError(
      'WORKFLOW_INVALID',
      '`child` takes a workflow, made with setupWorkflow(...).createMachine(...).',
    );
  }
  const { input, output } = workflowInfo(workflow);
  return { ...policy, kind: 'child', input, output, workflow };
}

export function childWorkflow(step: ChildStep): Workflow {
  return step.workflow as Workflow;
}

/** The workflows and all those that their steps start, each once, callers before what they call. */
export function workflowsWithin(workflows: readonly Workflow[]): ReadonlySet<Workflow> {
  const all = new Set(workflows);
  // Those found on the way join the set that is being walked.
  for (const workflow of all) {
    for (const step of Object.values(workflowInfo(workflow).steps)) {
      for (const started of startedBy(step)) all.add(started);
    }
  }
  return all;
}

/** The workflow that a step starts, if there is such a step and it does. */
export function startedBy(step: Step | undefined): readonly Workflow[] {
  const inner = step?.kind === 'map' ? step.step : step;
  return inner?.kind === 'child' ? [childWorkflow(inner)] : [];
}
