import type { Json } from '@paceline/gateway';
import { startedBy, workflowsWithin } from '../define/child.ts';
import type { Failure } from '../define/failure.ts';
import type { CodeStep, ExecuteStep, Step } from '../define/step.ts';
import { workflowInfo } from '../define/workflow.ts';
import type { WorkflowInfo } from '../define/workflow.ts';
import { foundOnce } from '../found-once.ts';
import type { PendingStep, RunEffect, RunRecord, Undo } from './record.ts';

/** Adds the visits that begin to what may have to be undone. */
export function withBegun(
  record: RunRecord,
  effects: readonly RunEffect[],
  { steps }: WorkflowInfo,
): RunRecord {
  const begun: Undo[] = [];
  for (const effect of effects) {
    if (effect.type !== 'step-start') continue;
    const { token, step, invokeId, visit, input } = effect.pending;
    if (mayBeUndone(steps[step])) begun.push({ token, step, invokeId, visit, input });
  }
  return begun.length === 0 ? record : { ...record, undo: [...(record.undo ?? []), ...begun] };
}

/** These visits did not begin after all: the entry that asked for them stopped them again. */
export function withoutBegun(record: RunRecord, visits: readonly PendingStep[]): RunRecord {
  if (record.undo === undefined || visits.length === 0) return record;
  return {
    ...record,
    undo: record.undo.filter(({ token }) => !visits.some((visit) => visit.token === token)),
  };
}

/** The step, if its author has said what undoes it. */
export function undoable(step: Step | undefined): Undoable | undefined {
  return step !== undefined && 'compensate' in step && step.compensate !== undefined
    ? (step as Undoable)
    : undefined;
}

/** Whether the step, or one of the runs that it starts, has anything that can be undone. */
export function mayBeUndone(step: Step | undefined): boolean {
  return step !== undefined && hasUndoable(step);
}

/** Every visit asks. */
const hasUndoable = foundOnce((step: Step): boolean => {
  const within = [...workflowsWithin(startedBy(step))].flatMap((each) =>
    Object.values(workflowInfo(each).steps),
  );
  return [step, ...within].some((each) => undoable(each) !== undefined);
});

/** The step of a visit, in the run's own workflow or within one that it starts. */
export function stepOf({ steps }: Pick<WorkflowInfo, 'steps'>, { step, within }: Undo): Step | undefined {
  let own = steps;
  for (const name of within?.steps ?? []) {
    const [workflow] = startedBy(own[name]);
    if (workflow === undefined) return undefined;
    own = workflowInfo(workflow).steps;
  }
  return own[step];
}

type Undoable = (CodeStep | ExecuteStep) & Required<Pick<CodeStep, 'compensate'>>;

/** The visit finished: what undoes it will be given its output. */
export function withDone(record: RunRecord, { token }: PendingStep, output: Json): RunRecord {
  if (record.undo === undefined) return record;
  return {
    ...record,
    undo: record.undo.map((begun) => (begun.token === token ? { ...begun, output } : begun)),
  };
}

/** Failures after which nobody can say what the visit has done. */
const UNKNOWN_END: ReadonlySet<string> = new Set(['UNCERTAIN', 'DEADLINE_EXCEEDED', 'CANCELLED']);

/** The visit failed: there is nothing to undo, unless it was cut off or had already called a tool. */
export function withFailed(record: RunRecord, pending: PendingStep, { code }: Failure): RunRecord {
  if (record.undo === undefined || UNKNOWN_END.has(code)) return record;
  if (pending.progress.some(({ type }) => type === 'tool-start')) return record;
  return { ...record, undo: record.undo.filter(({ token }) => token !== pending.token) };
}
