import type { Json } from '@paceline/gateway';
import type { AnyActorRef, AnyActorScope, AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import type { MachineEffect, MachineEvent, MachineStep } from './effects.ts';
import { inertSelf } from './inert-self.ts';
import { shortcut, shortcutIn } from './shortcut.ts';

/** Enters the machine. Whatever an `assign`, guard or mapper throws is in the snapshot: status `error`. */
export function initialStep(machine: AnyStateMachine, input: unknown): MachineStep {
  return shortcutIn(machine, input) ?? collect((scope) => machine.getInitialSnapshot(scope, input));
}

/** One macrostep. @throws whatever an `assign`, guard or mapper throws */
export function nextStep(
  machine: AnyStateMachine,
  snapshot: AnyMachineSnapshot,
  event: MachineEvent,
): MachineStep {
  return shortcut(machine, snapshot, event) ?? collect((scope) => machine.transition(snapshot, event, scope));
}

function collect(transition: (scope: AnyActorScope) => AnyMachineSnapshot): MachineStep {
  const effects: MachineEffect[] = [];
  const snapshot = transition({
    self: inertSelf,
    id: '',
    sessionId: '',
    system: inertSelf.system,
    logger: ignore,
    defer: ignore,
    stopChild: ignore,
    emit: ignore,
    actionExecutor: ({ type, params }) => {
      const effect = effectOf(type, params);
      if (effect !== undefined) effects.push(effect);
    },
  });
  return { snapshot, effects };
}

const ignore = (): void => {};

/** The parameters of XState's built-in actions, as far as they are used here. */
interface BuiltInParams {
  readonly id?: string;
  readonly src?: string;
  readonly input?: unknown;
  readonly event?: MachineEvent;
  readonly delay?: number;
  readonly sendId?: string;
}

/** Every other action takes no effect in a pure transition; the definition refuses it. */
function effectOf(type: string, given: unknown): MachineEffect | undefined {
  const params = (given ?? {}) as BuiltInParams;
  switch (type) {
    case 'xstate.spawnChild':
      return {
        type: 'invoke-start',
        invokeId: params.id as string,
        src: params.src as string,
        input: params.input,
      };
    case 'xstate.stopChild':
      // The parameters are the child itself, and nothing at all when it has been stopped before.
      return params.id === undefined ? undefined : { type: 'invoke-stop', invokeId: params.id };
    case 'xstate.raise':
      // A raise without delay has been applied within the macrostep already.
      if (params.delay === undefined) return undefined;
      return {
        type: 'timer-set',
        id: params.id,
        delayMs: params.delay,
        event: params.event as MachineEvent,
      };
    case 'xstate.cancel':
      return { type: 'timer-cancel', id: params.sendId as string };
    default:
      return undefined;
  }
}

/** What `persistSnapshot` writes, in XState's own form. */
export interface PersistedSnapshot {
  readonly status: string;
  readonly value: Json;
  readonly context: Json;
  readonly output?: Json | undefined;
  readonly error?: Json | undefined;
  /** The steps in flight, by invoke id. */
  readonly children: Readonly<Record<string, PersistedChild>>;
  readonly historyValue: Readonly<Record<string, Json>>;
}

export interface PersistedChild {
  readonly snapshot: Readonly<Record<string, Json | undefined>>;
  readonly src: string;
}

/** Keeps the live form of the snapshot that was persisted last, so that a driver need not restore what it just had. */
export interface SnapshotMemo {
  persisted?: Json;
  live?: AnyMachineSnapshot;
}

/**
 * The snapshot as plain JSON, in XState's own form. Written out here because the context has to pass through untouched:
 * XState's walk would take any value with the keys `sessionId`, `send` and `ref` for an actor and replace it.
 */
export function persistSnapshot(snapshot: AnyMachineSnapshot, memo: SnapshotMemo): Json {
  const { status, value, context, output, error } = snapshot;
  const children: Record<string, unknown> = {};
  for (const id in snapshot.children) {
    const child = snapshot.children[id] as AnyActorRef;
    children[id] = { snapshot: child.getPersistedSnapshot(), src: child.src };
  }
  const historyValue: Record<string, unknown> = {};
  for (const id in snapshot.historyValue) {
    historyValue[id] = snapshot.historyValue[id]?.map((node) => ({ id: node.id }));
  }
  memo.live = snapshot;
  memo.persisted = { status, value, context, output, error, children, historyValue } as unknown as Json;
  return memo.persisted;
}

/** The reverse, children included; nothing is started. Here too the context is kept from XState's hands. */
export function restoreSnapshot(
  machine: AnyStateMachine,
  persisted: Json,
  { persisted: known, live }: SnapshotMemo,
): AnyMachineSnapshot {
  if (live !== undefined && known === persisted) return live;
  const { context, ...rest } = persisted as { readonly [key: string]: Json };
  const snapshot = machine.restoreSnapshot(
    { ...rest, context: {} } as unknown as Parameters<typeof machine.restoreSnapshot>[0],
    { self: inertSelf } as unknown as AnyActorScope,
  );
  return Object.assign(snapshot, { context });
}
