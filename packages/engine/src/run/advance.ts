import { without } from '../copies.ts';
import { workflowInfo } from '../define/workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import type { Batch } from '../journal/store.ts';
import { adopt } from './adopt.ts';
import type { Change } from './ending.ts';
import { childStopped, compensationEnded, endRun, undoFound } from './ending.ts';
import { enterMachine, tellMachine } from './macrostep.ts';
import type { RunMachine } from './macrostep.ts';
import type { RunEffect, RunEnd, RunEvent, RunRecord } from './record.ts';
import { NO_SPEND } from './spend.ts';
import { personAnswers, stepDone, stepFailed, stepProgress, stepStopped } from './step-events.ts';
import { stopsOf } from './stopping.ts';
import { offerMail, signalCame } from './signals.ts';
import { stepWait } from './waits.ts';
import { standsStill, withWaitBegun, withWaitOver } from './waiting.ts';
import type { SnapshotMemo } from '../xstate/step.ts';

export interface AdvanceArgs {
  readonly workflow: Workflow;
  /** `null` before the run's first event. */
  readonly record: RunRecord | null;
  readonly event: RunEvent;
  /** Wall time of the event: stamped on its entry, and where timers start to count. */
  readonly nowEpochMs: number;
  /** One per run, kept between calls, saves restoring the machine each time. The result is the same without. */
  readonly memo?: SnapshotMemo;
}

export interface Advance {
  /** To be made durable before any effect starts. */
  readonly batch: Batch;
  /** In the order they are to be carried out. */
  readonly effects: readonly RunEffect[];
}

/**
 * What one event does to a run, and which effects it asks for. Pure: no clock, no I/O; the same arguments give the same
 * result, which is what recovery, replay and every driver rely on.
 *
 * @returns `null` for an event that the run does not take: a completion or a timer whose token is not in flight (late,
 *   repeated or foreign), a signal that it has heard before or has no room for, a deadline that stands still, anything
 *   but `step-stopped` after the end, a second start. Nothing is recorded for it.
 */
export function advance({ workflow, record, event, nowEpochMs, memo = {} }: AdvanceArgs): Advance | null {
  const machine: RunMachine = { workflow, nowEpochMs, memo };
  const change =
    event.type === 'run-start'
      ? startRun(machine, record, event)
      : event.type === 'run-adopt'
        ? adopt(record, event)
        : record && takeEvent(machine, record, event);
  if (change === null) return null;
  const { record: told, effects } = offerMail(machine, change);
  const after = withWaitBegun(machine, told);
  const { runId, seq } = after;
  const batch = { entry: { runId, seq, atEpochMs: nowEpochMs, event }, record: after };
  return { batch, effects: [...effects, ...stopsOf(record, after)] };
}

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>;

function startRun(
  machine: RunMachine,
  existing: RunRecord | null,
  event: EventOf<'run-start'>,
): Change | null {
  if (existing !== null) return null;
  const { workflow, nowEpochMs } = machine;
  const { id, hash } = workflowInfo(workflow);
  const record: RunRecord = {
    runId: event.runId,
    workflowId: id,
    workflowHash: hash,
    ...(event.version !== undefined && { workflowVersion: event.version }),
    status: 'running',
    seq: 1,
    input: event.input,
    labels: event.labels,
    ...(event.caller !== undefined && { caller: event.caller }),
    ...(event.parent !== undefined && { parent: event.parent }),
    snapshot: null,
    pending: {},
    timers: {},
    visits: {},
    startedEpochMs: nowEpochMs,
    expiresEpochMs: nowEpochMs + event.totalMs,
    ...(event.waiting === 'free' && { waiting: { waitedMs: 0 } }),
    capUsd: event.capUsd,
    spend: NO_SPEND,
    outputs: {},
  };
  return enterMachine(machine, record);
}

function takeEvent(
  machine: RunMachine,
  before: RunRecord,
  event: Exclude<RunEvent, { readonly type: 'run-adopt' }>,
): Change | null {
  if (event.type === 'deadline' && standsStill(before)) return null;
  const record = withWaitOver({ ...before, seq: before.seq + 1 }, machine.nowEpochMs);
  if (event.type === 'step-stopped') return stepStopped(record, event);
  if (event.type === 'child-stopped') return childStopped(record, event);
  if (event.type === 'compensation-end') return compensationEnded(record, event);
  if (event.type === 'undo-found') return undoFound(record, event);
  if (record.status !== 'running' || record.ending !== undefined) return null;
  const end = (how: RunEnd) => endRun(record, how, machine.workflow);
  switch (event.type) {
    case 'run-start':
      return null;
    case 'step-progress':
      return stepProgress(record, event);
    case 'step-done':
      return stepDone(machine, record, event);
    case 'step-failed':
      return stepFailed(machine, record, event);
    case 'step-wait':
      return stepWait(record, event);
    case 'step-answer':
      return personAnswers(machine, record, event);
    case 'timer-due':
      return timerDue(machine, record, event);
    case 'signal':
      return signalCame(machine, record, event);
    case 'cancel':
      return end({ status: 'cancelled', failure: { code: 'CANCELLED', message: event.reason } });
    case 'deadline':
      return end({ status: 'failed', failure: deadlinePassed(record) });
  }
}

function timerDue(machine: RunMachine, record: RunRecord, event: EventOf<'timer-due'>): Change | null {
  const due = Object.entries(record.timers).find(([, { token }]) => token === event.token);
  if (due === undefined) return null;
  const [key, timer] = due;
  const fired: RunRecord = { ...record, timers: without(record.timers, key) };
  return tellMachine(machine, fired, timer.event);
}

function deadlinePassed({ pending, startedEpochMs, expiresEpochMs, waiting }: RunRecord) {
  const steps = Object.values(pending).map(({ step }) => `\`${step}\``);
  const during = steps.length === 0 ? '' : ` during ${steps.join(' and ')}`;
  return {
    code: 'DEADLINE_EXCEEDED',
    message: `The run's ${expiresEpochMs - startedEpochMs - (waiting?.waitedMs ?? 0)} ms were over${during}.`,
  };
}
