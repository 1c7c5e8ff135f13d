import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { foundOnce } from '../found-once.ts';
import { isStepActor } from './create.ts';
import type { MachineEffect, MachineEvent } from './effects.ts';

/** A transition of which everything is known beforehand but what functions make of context and event. */
export interface Passage {
  /** What is done, in XState's order: leave the source, act, enter the target. */
  readonly moves: readonly Move[];
  readonly target: AnyStateNode;
  /** The active states afterwards. */
  readonly nodes: readonly AnyStateNode[];
  readonly tags: ReadonlySet<string>;
}

type Move = TimerEffect | StepStart | StepStop | Assign;

type TimerEffect = Extract<MachineEffect, { readonly type: 'timer-set' | 'timer-cancel' }>;

export interface StepStart {
  readonly type: 'step-start';
  readonly invokeId: string;
  readonly src: string;
  /** A mapper or the value itself. */
  readonly input: unknown;
}

interface StepStop {
  readonly type: 'step-stop';
  readonly invokeId: string;
}

export interface Assign {
  readonly type: 'assign';
  /** A function, or one or a value for each key. */
  readonly assignment: object;
}

/** XState's own actions are functions that carry their type and what they were made from. */
interface BuiltInAction {
  readonly type: string;
  /** Of an `assign`. */
  readonly assignment: object;
  /** Of a `cancel`. */
  readonly sendId?: unknown;
  /** Of a `raise`. */
  readonly id?: string;
  readonly event?: unknown;
  readonly delay?: unknown;
}

/** What a transition chosen in a flat machine is as a passage; null if it is none. */
export const passageOf = foundOnce(findPassage);

/** What a step answered, or that its time is over. XState itself acts on some others, such as `xstate.stop`. */
const ORDINARY_EVENTS = ['xstate.done.actor.', 'xstate.error.actor.', 'xstate.after.'] as const;

export function isOrdinary(eventType: string): boolean {
  return ORDINARY_EVENTS.some((prefix) => eventType.startsWith(prefix));
}

/**
 * A passage leads from one state of a flat machine to one other, or to its end, in a single microstep. Whatever reaches further, depends
 * on the run or is not known to `moveOf` is left to XState.
 */
function findPassage({ source, target: targets, ...transition }: AnyTransitionDefinition): Passage | null {
  const root = source.parent;
  const [target, ...otherTargets] = targets ?? [];
  if (root === undefined || target === undefined || otherTargets.length > 0) return null;
  const isPassage =
    isOrdinary(transition.eventType) &&
    target.parent === root &&
    (staysIn(target, root) || endsIn(target, root)) &&
    // Without `reenter`, a state that is its own target is neither left nor entered.
    (target !== source || transition.reenter);
  if (!isPassage) return null;
  return passageTo(target, root, [
    ...source.exit.map(moveOf),
    ...source.invoke.map(({ id }): Move => ({ type: 'step-stop', invokeId: id })),
    ...transition.actions.map(moveOf),
  ]);
}

/** The others have states of their own or stand for them, or a second microstep would follow. */
function staysIn(target: AnyStateNode, root: AnyStateNode): boolean {
  return target.type === 'atomic' && target.always === undefined && root.always === undefined;
}

/** The machine ends, and nothing is left or stopped on that occasion. */
function endsIn(target: AnyStateNode, root: AnyStateNode): boolean {
  const begins = [...target.invoke, ...root.invoke];
  return target.type === 'final' && [...begins, ...target.exit, ...root.exit].length === 0;
}

function passageTo(
  target: AnyStateNode,
  root: AnyStateNode,
  before: readonly (Move | null)[],
): Passage | null {
  const moves = [...before, ...entering(target, root.machine)];
  if (!moves.every((move) => move !== null)) return null;
  const nodes = [root, target];
  return { moves, target, nodes, tags: new Set(nodes.flatMap(({ tags }) => tags)) };
}

function entering({ entry, invoke }: AnyStateNode, machine: AnyStateMachine): readonly (Move | null)[] {
  return [...entry.map(moveOf), ...invoke.map((each) => startOf(each, machine))];
}

/** How a flat machine begins, as a passage into its first state; null if it is none. */
export const entryOf = foundOnce(findEntry);

function findEntry(machine: AnyStateMachine): Passage | null {
  const { root } = machine;
  if (root.type !== 'compound') return null;
  const { target: targets, actions } = root.initial;
  const [target] = targets ?? [];
  if (target === undefined || !staysIn(target, root)) return null;
  return passageTo(target, root, [...entering(root, machine), ...actions.map(moveOf)]);
}

function moveOf(action: unknown): Move | null {
  // By name it is another action in a machine that was `provide`d one.
  if (typeof action !== 'function') return null;
  const { type, assignment, sendId, id, event, delay } = action as unknown as BuiltInAction;
  switch (type) {
    case 'xstate.assign':
      return { type: 'assign', assignment };
    case 'xstate.cancel':
      return typeof sendId === 'string' ? { type: 'timer-cancel', id: sendId } : null;
    case 'xstate.raise':
      // Without delay it is an event for the next microstep.
      return typeof delay === 'number' && typeof event === 'object'
        ? { type: 'timer-set', id, delayMs: delay, event: event as MachineEvent }
        : null;
    default:
      return null;
  }
}

function startOf(
  { id, src, input }: AnyStateNode['invoke'][number],
  { implementations }: AnyStateMachine,
): Move | null {
  if (typeof src !== 'string' || !isStepActor(implementations.actors[src])) return null;
  return { type: 'step-start', invokeId: id, src, input };
}
