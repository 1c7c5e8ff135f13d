import type { StepRun } from '../step-run.ts';

/** Who asks for a child: a visit, or one item of a `map`. */
type Asking = Pick<StepRun, 'context' | 'pending' | 'item'>;

/** The same for the same visit, so that a parent that was taken over finds its child again. */
export function childRunId({ context, pending, item }: Asking): string {
  const visit = `${context.runId}.${pending.invokeId}.${pending.visit}`;
  return item === undefined ? visit : `${visit}.${item}`;
}
