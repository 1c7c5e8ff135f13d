import type { AnyStateMachine, AnyStateNode, StateValue } from 'xstate';
import type { MachineEffect } from './effects.ts';
import { inertSelf } from './inert-self.ts';

/** An active state, and what being in it means. */
export interface ActiveState {
  /** Keys from the root, joined by dots; empty for the root. */
  readonly path: string;
  readonly invokes: readonly ActiveInvoke[];
  readonly timers: readonly TimerSet[];
  /** Whether it may be left at once, without an event. */
  readonly isTransient: boolean;
}

interface ActiveInvoke {
  readonly invokeId: string;
  readonly src: string;
  /** What the step would be given. @throws whatever the mapper throws */
  inputOf(context: unknown, event: { readonly type: string }): unknown;
}

type TimerSet = Extract<MachineEffect, { readonly type: 'timer-set' }> & { readonly id: string };

/** A place in a machine. */
export interface Place {
  /** As XState writes it, down to the innermost states. */
  readonly value: StateValue;
  readonly isFinal: boolean;
  readonly states: readonly ActiveState[];
}

/** Looks up a state value without entering anything. @throws Error naming a state that the machine does not have */
export function placeOf(machine: AnyStateMachine, value: StateValue): Place {
  const snapshot = machine.resolveState({ value, context: {} });
  const { _nodes: nodes } = snapshot;
  return {
    value: snapshot.value,
    isFinal: snapshot.status === 'done',
    states: (nodes as readonly AnyStateNode[]).map(activeState),
  };
}

function activeState(node: AnyStateNode): ActiveState {
  return {
    path: node.path.join('.'),
    invokes: node.invoke.map(({ id, src, input }) => ({
      invokeId: id,
      src: src as string,
      inputOf: (context, event) =>
        typeof input === 'function' ? input({ context, event, self: inertSelf } as never) : input,
    })),
    timers: node.after.map(({ eventType, delay }) => ({
      type: 'timer-set',
      id: eventType,
      delayMs: Number(delay),
      event: { type: eventType },
    })),
    isTransient: node.always !== undefined && node.always.length > 0,
  };
}

/** Whether the timer is one of XState's own, for an `after`. */
export function isAfterTimer(id: string): boolean {
  return id.startsWith('xstate.after.');
}

/** The paths of all active states in a state value, the root's among them. */
export function activePaths(value: StateValue): ReadonlySet<string> {
  return new Set(['', ...pathsIn(value, '')]);
}

function pathsIn(value: StateValue, within: string): readonly string[] {
  if (typeof value === 'string') return [within + value];
  return Object.entries(value).flatMap(([key, inner]) => [
    within + key,
    ...(inner === undefined ? [] : pathsIn(inner, `${within}${key}.`)),
  ]);
}

/** The history that still makes sense: states that the machine still has. */
export function knownHistory(machine: AnyStateMachine, history: History): History {
  const known = Object.entries(history).flatMap(([id, nodes]): [string, readonly HistoryNode[]][] => {
    const left = nodes.filter((node) => hasState(machine, node.id));
    return hasState(machine, id) && left.length > 0 ? [[id, left]] : [];
  });
  return Object.fromEntries(known);
}

function hasState(machine: AnyStateMachine, id: string): boolean {
  try {
    return machine.getStateNodeById(id) !== undefined;
  } catch {
    return false;
  }
}

interface HistoryNode {
  readonly id: string;
}

/** By the id of a history state, or of its parent, the states to which it leads. */
export type History = Readonly<Record<string, readonly HistoryNode[]>>;
