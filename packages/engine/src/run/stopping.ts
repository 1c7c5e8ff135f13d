import { startedBy } from '../define/child.ts';
import { workflowInfo } from '../define/workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import { childRunId } from './child/child-id.ts';
import type { PendingStep, RunEffect, RunRecord, StoppedChild } from './record.ts';

/** These visits are stopped, and with them every child run that one of them may have started. */
export function withStopped(
  record: RunRecord,
  visits: readonly PendingStep[],
  workflow: Workflow,
): RunRecord {
  if (visits.length === 0) return record;
  const children = visits.flatMap((visit) => childrenOf(visit, record, workflow));
  return withStopping(record, children);
}

const NONE: readonly string[] = [];

/** A visit goes on, or ends, without child runs that it has stopped. */
export function withLeft(
  record: RunRecord,
  { token, step }: Pick<PendingStep, 'token' | 'step'>,
  stopped: readonly string[] = NONE,
): RunRecord {
  if (stopped.length === 0) return record;
  return withStopping(
    record,
    stopped.map((runId) => ({ runId, token, step })),
  );
}

function withStopping(record: RunRecord, children: readonly StoppedChild[]): RunRecord {
  return children.length === 0 ? record : { ...record, stopping: [...(record.stopping ?? []), ...children] };
}

/** As far as the record tells: one that has left no trace yet may still be begun by mistake, and is not there to be found. */
function childrenOf(pending: PendingStep, { runId }: RunRecord, workflow: Workflow): readonly StoppedChild[] {
  const { token, step, items } = pending;
  const definition = workflowInfo(workflow).steps[step];
  if (startedBy(definition).length === 0) return [];
  const begun = definition?.kind === 'map' ? Object.keys(items?.open ?? {}).map(Number) : [undefined];
  return begun.map((item) => ({ runId: childRunId({ context: { runId }, pending, item }), token, step }));
}

/** What is to be done about child runs that were not being stopped before. */
export function stopsOf(before: RunRecord | null, { stopping }: RunRecord): readonly RunEffect[] {
  if (stopping === undefined || stopping === before?.stopping) return [];
  return stopping
    .filter((child) => !before?.stopping?.includes(child))
    .map((child) => ({ type: 'child-stop', child }));
}

/** A child run that was being stopped has come to rest. */
export function withoutStopping({ stopping = [], ...record }: RunRecord, child: StoppedChild): RunRecord {
  const left = stopping.filter((each) => each !== child);
  return left.length === 0 ? record : { ...record, stopping: left };
}
