import type { Failure } from '../define/failure.ts';
import { workflowInfo } from '../define/workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import { foundOnce } from '../found-once.ts';
import type { MachineEvent, MachineStep } from '../xstate/effects.ts';
import { initialStep, nextStep, persistSnapshot, restoreSnapshot } from '../xstate/step.ts';
import type { SnapshotMemo } from '../xstate/step.ts';
import { takes } from '../xstate/takes.ts';
import { endRun } from './ending.ts';
import type { Change } from './ending.ts';
import { messageOf } from './failure.ts';
import { changeInFlight } from './in-flight.ts';
import type { PendingStep, RunEffect, RunEnd, RunRecord } from './record.ts';
import { checkRecorded } from './schema.ts';
import { withStopped } from './stopping.ts';
import { withBegun, withoutBegun } from './undo.ts';

/** A run's machine, and the moment in which something happens to it. */
export interface RunMachine {
  readonly workflow: Workflow;
  readonly nowEpochMs: number;
  readonly memo: SnapshotMemo;
}

/** The machine's first macrostep. */
export function enterMachine(machine: RunMachine, record: RunRecord): Change {
  const step = initialStep(machine.workflow, record.input);
  if (step.snapshot.status === 'error') return machineFailed(machine, record, step.snapshot.error);
  return settle(machine, { record, effects: [] }, step);
}

/** One macrostep. An author's function that throws ends the run; the snapshot stays as it was. */
export function tellMachine(machine: RunMachine, record: RunRecord, event: MachineEvent): Change {
  return tellAgain(machine, { record, effects: [] }, event);
}

/** What XState calls the end of a step. Each is made once: a text that is made anew is hashed anew wherever it is looked up. */
export function doneType(workflow: Workflow, invokeId: string): string {
  const known = doneTypes(workflow);
  let type = known.get(invokeId);
  if (type === undefined) known.set(invokeId, (type = `xstate.done.actor.${invokeId}`));
  return type;
}

const doneTypes = foundOnce((_workflow: Workflow) => new Map<string, string>());

/** One macrostep more in the entry that has come to `before`. */
export function tellAgain(machine: RunMachine, before: Change, event: MachineEvent): Change {
  const { workflow, memo } = machine;
  let step: MachineStep;
  try {
    step = nextStep(workflow, restoreSnapshot(workflow, before.record.snapshot, memo), event);
  } catch (error) {
    const { record, effects } = withoutStarts(machine, before);
    const failed = machineFailed(machine, record, error);
    return { record: failed.record, effects: [...effects, ...failed.effects] };
  }
  return settle({ ...machine, event }, before, step);
}

/** Whether the machine would do anything about the event. A guard that throws is one too: telling the machine brings it to light. */
export function wouldTake(
  { workflow, memo }: RunMachine,
  { snapshot }: RunRecord,
  event: MachineEvent,
): boolean {
  const live = restoreSnapshot(workflow, snapshot, memo);
  try {
    return takes(live, event);
  } catch {
    return true;
  }
}

/** What the machine was told last, if it was told anything. */
interface Told extends RunMachine {
  readonly event?: MachineEvent;
}

/** Takes the machine's new state and its effects into the record, and ends the run if the machine has ended. */
function settle(
  { workflow, nowEpochMs, memo, event }: Told,
  { record, effects: asked }: Change,
  { snapshot, effects: wanted }: MachineStep,
): Change {
  const { runId, seq } = record;
  const at = { runId, seq, nowEpochMs, asked };
  const { pending, timers, visits, effects } = changeInFlight(record, wanted, at);
  const settled = { ...record, pending, timers, visits, snapshot: persistSnapshot(snapshot, memo) };
  const begun = withoutBegun(settled, startsOf(newIn(asked, effects)));
  const stopped = withStopped(begun, stoppedIn(record, newIn(effects, asked)), workflow);
  const after = withBegun(stopped, newIn(effects, asked), workflowInfo(workflow));

  const end = runEnd(workflow, snapshot, event);
  if (end === null) return { record: after, effects };
  const ended = endRun(after, end, workflow);
  return { record: ended.record, effects: [...effects, ...ended.effects] };
}

/** What is in `effects` and not in `others`. */
function newIn(effects: readonly RunEffect[], others: readonly RunEffect[]): readonly RunEffect[] {
  return effects.length === 0 || others.length === 0
    ? effects
    : effects.filter((effect) => !others.includes(effect));
}

// Loops, not `flatMap`: each event of each run passes here.

function startsOf(effects: readonly RunEffect[]): readonly PendingStep[] {
  const starts: PendingStep[] = [];
  for (const effect of effects) if (effect.type === 'step-start') starts.push(effect.pending);
  return starts;
}

function stoppedIn({ pending }: RunRecord, effects: readonly RunEffect[]): readonly PendingStep[] {
  const stopped: PendingStep[] = [];
  for (const effect of effects) {
    if (effect.type !== 'step-abort') continue;
    stopped.push(...Object.values(pending).filter(({ token }) => token === effect.token));
  }
  return stopped;
}

/** The run as if the entry had started no step. */
function withoutStarts({ nowEpochMs }: RunMachine, { record, effects: asked }: Change): Change {
  const starts = startsOf(asked);
  const stops = starts.map(({ invokeId }) => ({ type: 'invoke-stop' as const, invokeId }));
  const at = { runId: record.runId, seq: record.seq, nowEpochMs, asked };
  const { effects, ...inFlight } = changeInFlight(record, stops, at);
  return { record: withoutBegun({ ...record, ...inFlight }, starts), effects };
}

function runEnd(
  workflow: Workflow,
  snapshot: MachineStep['snapshot'],
  event: MachineEvent | undefined,
): RunEnd | null {
  switch (snapshot.status) {
    case 'done': {
      if (snapshot.hasTag('failed')) return { status: 'failed', failure: declaredFailure(snapshot, event) };
      const output = checkRecorded(workflowInfo(workflow).output, snapshot.output);
      if (!output.ok) {
        const message = `The machine's output does not fit the workflow's: ${output.problem}`;
        return { status: 'failed', failure: { code: 'OUTPUT_INVALID', message } };
      }
      return { status: snapshot.hasTag('degraded') ? 'degraded' : 'succeeded', output: output.value };
    }
    case 'error':
      // A step's failure for which the machine has no error path: its `error` is the event's, as it was given.
      return { status: 'failed', failure: snapshot.error as Failure };
    default:
      return null;
  }
}

/** A final state tagged `failed` ends the run with the failure that led there, if it led there at once. */
function declaredFailure({ value }: MachineStep['snapshot'], event: MachineEvent | undefined): Failure {
  if (event !== undefined && 'error' in event) return event.error as Failure;
  const state = typeof value === 'string' ? value : JSON.stringify(value);
  return { code: 'RUN_FAILED', message: `The machine ended in \`${state}\`.` };
}

function machineFailed({ workflow }: RunMachine, record: RunRecord, error: unknown): Change {
  const message = `A guard, assign or mapper threw: ${messageOf(error)}`;
  return endRun(record, { status: 'failed', failure: { code: 'MACHINE_FAILED', message } }, workflow);
}
