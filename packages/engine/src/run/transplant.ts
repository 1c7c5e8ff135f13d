import type { Json } from '@paceline/gateway';
import { declaredIn } from '../define/declared.ts';
import { check } from '../define/schema.ts';
import { workflowInfo } from '../define/workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import type { MachineEffect } from '../xstate/effects.ts';
import { activePaths, isAfterTimer, knownHistory } from '../xstate/place.ts';
import type { History, Place } from '../xstate/place.ts';
import type { StateValue } from '../xstate/types.ts';
import { changeInFlight } from './in-flight.ts';
import { toJson } from './json.ts';
import type { PendingStep, RunRecord } from './record.ts';
import { withBegun } from './undo.ts';

/** A machine's snapshot as it is recorded. */
export interface RecordedSnapshot {
  readonly value: StateValue;
  readonly context: Json;
  readonly children: Readonly<Record<string, Json>>;
  readonly historyValue: History;
}

export interface Transplant {
  readonly workflow: Workflow;
  readonly place: Place;
  readonly context: Json;
  /** Of the machine that the record comes from. */
  readonly oldShape: string;
  readonly nowEpochMs: number;
}

/** What the mappers of steps that begin with it see. */
const ADOPTED = { type: 'paceline.adopt' };

/**
 * The record, at a place in another machine. Steps in flight that are invoked there go on under their tokens, and timers running
 * there keep their due times. What the place starts beyond what the old machine had started begins now.
 * @throws Error saying which step cannot go on
 */
export function transplanted(record: RunRecord, transplant: Transplant): RunRecord {
  const { workflow, place, context, nowEpochMs } = transplant;
  const snapshot = record.snapshot as unknown as RecordedSnapshot;
  for (const pending of Object.values(record.pending)) assertGoesOn(pending, transplant);
  const started = startedBy(record, transplant);
  const kept = { ...record, timers: timersKept(record, place) };
  const { effects, ...inFlight } = changeInFlight(kept, started, {
    runId: record.runId,
    seq: record.seq,
    nowEpochMs,
    asked: [],
  });
  const moved: RunRecord = {
    ...kept,
    ...inFlight,
    snapshot: toJson({
      status: 'active',
      value: place.value,
      context,
      children: { ...childrenKept(snapshot, record), ...childrenOf(started) },
      historyValue: knownHistory(workflow, snapshot.historyValue),
    }),
  };
  return withBegun(moved, effects, workflowInfo(workflow));
}

function assertGoesOn({ invokeId, step, input }: PendingStep, { workflow, place }: Transplant): void {
  const invoke = place.states.flatMap(({ invokes }) => invokes).find((each) => each.invokeId === invokeId);
  const where = `step \`${step}\` is in flight as \`${invokeId}\``;
  if (invoke === undefined) throw new Error(`${where}, and nothing invokes that where the run would go on`);
  if (invoke.src !== step) throw new Error(`${where}, which is step \`${invoke.src}\` now`);
  const definition = workflowInfo(workflow).steps[step];
  const checked = definition && check(definition.input, input);
  if (checked?.ok === false) throw new Error(`${where}, and its input does not fit: ${checked.problem}`);
}

/** A step that has ended, or a timer that has fired, is not started again in a state that the run stays in. */
function startedBy(
  { pending, timers, snapshot }: RunRecord,
  { place, context, oldShape }: Transplant,
): readonly MachineEffect[] {
  const stayed = activePaths((snapshot as unknown as RecordedSnapshot).value);
  const declared = declaredIn(oldShape);
  return place.states.flatMap((state): readonly MachineEffect[] => {
    const before = stayed.has(state.path) ? declared.get(state.path) : undefined;
    return [
      ...state.invokes
        .filter(({ invokeId }) => pending[invokeId] === undefined && !before?.invokes.has(invokeId))
        .map(({ invokeId, src, inputOf }) => {
          const input = toJson(inputOf(context, ADOPTED));
          return { type: 'invoke-start' as const, invokeId, src, input };
        }),
      ...state.timers.filter(
        ({ id, delayMs }) => timers[id] === undefined && !before?.delays.has(String(delayMs)),
      ),
    ];
  });
}

/** Timers that an author raises by himself belong to no state. */
function timersKept({ timers }: RunRecord, { states }: Place): RunRecord['timers'] {
  const running = new Set(states.flatMap((state) => state.timers.map(({ id }) => id)));
  return Object.fromEntries(
    Object.entries(timers).filter(([, { id }]) => !isAfterTimer(id) || running.has(id)),
  );
}

/** Of a step in flight, XState keeps what it was given. */
function childrenKept({ children }: RecordedSnapshot, { pending }: RunRecord): RecordedSnapshot['children'] {
  return Object.fromEntries(Object.entries(children).filter(([invokeId]) => invokeId in pending));
}

function childrenOf(started: readonly MachineEffect[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    started.flatMap((effect) => {
      if (effect.type !== 'invoke-start') return [];
      const { invokeId, src, input } = effect;
      return [[invokeId, { snapshot: { status: 'active', input }, src }]];
    }),
  );
}
