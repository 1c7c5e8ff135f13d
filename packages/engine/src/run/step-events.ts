import { withEntry, without } from '../copies.ts';
import { startedBy } from '../define/child.ts';
import { workflowInfo } from '../define/workflow.ts';

import type { Change } from './ending.ts';
import { pendingByToken, stepAtWork } from './in-flight.ts';
import { doneType, tellMachine } from './macrostep.ts';
import type { RunMachine } from './macrostep.ts';
import { isItemProgress, withItemProgress } from './map/item-progress.ts';
import { attemptsOf } from './progress.ts';
import type { PendingStep, RunEvent, RunRecord } from './record.ts';
import { addCost, addSpend } from './spend.ts';
import { withLeft } from './stopping.ts';
import { readStepToken } from './token.ts';
import { withDone, withFailed } from './undo.ts';
import { stepAnswer } from './waits.ts';

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>;

// What the events of a step do to its run. `null` where the run does not wait for the step any more.

export function stepStopped(record: RunRecord, event: EventOf<'step-stopped'>): Change | null {
  // Still in flight: it has to end as a step does.
  if (pendingByToken(record, event.token) !== undefined) return null;
  if (event.attempts.length === 0) return null;
  return { record: withLateCost(record, event), effects: [] };
}

/** What a visit has cost that the run no longer waits for. */
export function withLateCost(
  record: RunRecord,
  late: Pick<EventOf<'step-stopped'>, 'token' | 'attempts'>,
): RunRecord {
  const { invokeId } = readStepToken(record.runId, late.token);
  return { ...record, spend: addSpend(record.spend, invokeId, late.attempts) };
}

export function stepProgress(
  record: RunRecord,
  { token, progress }: EventOf<'step-progress'>,
): Change | null {
  const pending = stepAtWork(record, token);
  if (pending === undefined) return null;
  if (isItemProgress(progress)) {
    const after = withItemProgress(record, pending, progress);
    return after && { record: after, effects: [] };
  }
  const grown: PendingStep = { ...pending, progress: [...pending.progress, progress] };
  return {
    record: {
      ...record,
      pending: withEntry(record.pending, pending.invokeId, grown),
      spend: addSpend(record.spend, pending.invokeId, attemptsOf(progress)),
    },
    effects: [],
  };
}

export function stepDone(machine: RunMachine, record: RunRecord, event: EventOf<'step-done'>): Change | null {
  const pending = stepAtWork(record, event.token);
  if (pending === undefined) return null;
  const { invokeId, step } = pending;
  const done: RunRecord = {
    ...withDone(withLeft(record, pending, event.stopped), pending, event.output),
    pending: without(record.pending, invokeId),
    outputs: withEntry(record.outputs, step, event.output),
    spend: addCost(record.spend, invokeId, event),
  };
  const type = doneType(machine.workflow, invokeId);
  const machineEvent = { type, output: event.output, actorId: invokeId };
  return tellMachine(machine, done, machineEvent);
}

export function stepFailed(
  machine: RunMachine,
  record: RunRecord,
  event: EventOf<'step-failed'>,
): Change | null {
  const pending = stepAtWork(record, event.token);
  if (pending === undefined) return null;
  const { invokeId } = pending;
  const left = withLeft(record, pending, event.stopped);
  // A step may fail whose child runs have done something: they know.
  const startsRuns = startedBy(workflowInfo(machine.workflow).steps[pending.step]).length > 0;
  const failed: RunRecord = {
    ...(startsRuns ? left : withFailed(left, pending, event.failure)),
    pending: without(record.pending, invokeId),
    spend: addCost(record.spend, invokeId, event),
  };
  const machineEvent = { type: `xstate.error.actor.${invokeId}`, error: event.failure, actorId: invokeId };
  return tellMachine(machine, failed, machineEvent);
}

export function personAnswers(
  machine: RunMachine,
  record: RunRecord,
  event: EventOf<'step-answer'>,
): Change | null {
  const answered = stepAnswer(record, event);
  if (answered === null || 'effects' in answered) return answered;
  const { end } = answered;
  return end.type === 'step-done'
    ? stepDone(machine, answered.record, end)
    : stepFailed(machine, answered.record, end);
}
