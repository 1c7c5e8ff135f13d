import { listOf } from './chart.ts';
import type {
  Chart,
  DeadTarget,
  Invoke,
  RawInvoke,
  RawNode,
  RawTransition,
  RawTransitions,
  State,
  Transition,
  Trigger,
} from './chart.ts';
import { resolveTarget, targetsFrom } from './resolve-target.ts';

/** Reads a machine's config. Never throws: what leads nowhere is reported in the chart. */
export function readChart(config: RawNode & { readonly id: string }): Chart {
  const reading: Reading = { machineId: config.id, open: [], deadTargets: [] };
  const root = openState(config, { key: '', parent: null }, reading);
  // Targets may lead anywhere, so they are resolved once every state is known.
  for (const { state, raw } of reading.open) connect(state, raw, reading);
  return { root, states: reading.open.map(({ state }) => state), deadTargets: reading.deadTargets };
}

interface Reading {
  readonly machineId: string;
  readonly open: { readonly state: OpenState; readonly raw: RawNode }[];
  readonly deadTargets: DeadTarget[];
}

/** A state that is being read. */
interface OpenState extends State {
  readonly children: State[];
  readonly invokes: Invoke[];
  readonly transitions: Transition[];
  readonly actions: unknown[];
  readonly initial: State[];
}

interface Place {
  readonly key: string;
  readonly parent: OpenState | null;
}

function openState(raw: RawNode, { key, parent }: Place, reading: Reading): State {
  const path = parent === null || parent.parent === null ? key : `${parent.path}.${key}`;
  const state: OpenState = {
    index: reading.open.length,
    id: raw.id ?? [reading.machineId, path].filter((part) => part !== '').join('.'),
    path,
    key,
    type: typeOf(raw),
    parent,
    tags: listOf(raw.tags),
    children: [],
    invokes: [],
    transitions: [],
    actions: [],
    initial: [],
  };
  reading.open.push({ state, raw });
  for (const [childKey, child] of Object.entries(raw.states ?? {})) {
    state.children.push(openState(child, { key: childKey, parent: state }, reading));
  }
  return state;
}

function typeOf(raw: RawNode): State['type'] {
  if (raw.type) return raw.type;
  if (Object.keys(raw.states ?? {}).length > 0) return 'compound';
  return raw.history ? 'history' : 'atomic';
}

function connect(state: OpenState, raw: RawNode, reading: Reading): void {
  state.actions.push(...listOf(raw.entry), ...listOf(raw.exit));
  state.initial.push(...initialOf(state, raw, reading));
  if (typeof raw.initial === 'object') state.actions.push(...listOf(raw.initial.actions));
  for (const config of listOf(raw.invoke)) {
    state.invokes.push({ config, state, id: textOf(config.id), src: textOf(config.src) });
  }
  for (const [on, transition] of transitionsOf(raw)) {
    const { target, guard, actions } = typeof transition === 'object' ? transition : { target: transition };
    state.transitions.push({ on, targets: resolveAll(state, listOf(target), reading), guard });
    state.actions.push(...listOf(actions));
  }
}

/** Every transition that the config gives the state, with what sets it off. */
function transitionsOf(raw: RawNode): readonly (readonly [Trigger, string | RawTransition | undefined])[] {
  const groups: readonly (readonly [Trigger, RawTransitions | undefined])[] = [
    ...listOf(raw.invoke).flatMap(invokeTransitions),
    // Nothing after an event's name forbids it: a transition without target.
    ...Object.entries(raw.on ?? {}).map(([event, group]) => [eventTrigger(event), group ?? {}] as const),
    ...Object.entries(raw.after ?? {}).map(([delay, group]) => [{ type: 'after', delay }, group] as const),
    [{ type: 'always' }, raw.always],
    [{ type: 'state-done' }, raw.onDone],
  ];
  return groups.flatMap(([on, group]) => listOf(group).map((transition) => [on, transition] as const));
}

function invokeTransitions(invoke: RawInvoke): readonly (readonly [Trigger, RawTransitions | undefined])[] {
  const invokeId = textOf(invoke.id);
  return [
    [{ type: 'invoke-done', invokeId }, invoke.onDone],
    [{ type: 'invoke-error', invokeId }, invoke.onError],
    [{ type: 'snapshot' }, invoke.onSnapshot],
  ];
}

const DONE = 'xstate.done.actor.';
const ERROR = 'xstate.error.actor.';

/** An ancestor may handle a step's end by its event, e.g. `on: { 'xstate.error.actor.*': 'handoff' }`. */
function eventTrigger(event: string): Trigger {
  if (event.startsWith(DONE)) return { type: 'invoke-done', invokeId: event.slice(DONE.length) };
  if (event.startsWith(ERROR)) return { type: 'invoke-error', invokeId: event.slice(ERROR.length) };
  if (event === 'xstate.done.*') return { type: 'invoke-done', invokeId: '*' };
  if (event === 'xstate.error.*') return { type: 'invoke-error', invokeId: '*' };
  return { type: 'event', event };
}

/** What entering the state enters next. Parents are connected before their children, so theirs is known. */
function initialOf(state: State, raw: RawNode, reading: Reading): readonly State[] {
  if (state.type === 'compound') {
    const key = typeof raw.initial === 'object' ? listOf(raw.initial.target)[0] : raw.initial;
    const child = state.children.find((candidate) => candidate.key === key);
    if (child) return [child];
    reading.deadTargets.push({ state, target: key, candidates: state.children.map((each) => each.key) });
    return [];
  }
  if (state.type !== 'history' || state.parent === null) return [];
  if (raw.target !== undefined) return resolveAll(state, listOf(raw.target), reading);
  return state.parent.type === 'parallel' ? [state.parent] : state.parent.initial;
}

function resolveAll(from: State, targets: readonly string[], reading: Reading): readonly State[] {
  const states = reading.open.map(({ state }) => state);
  return targets.flatMap((target) => {
    const state = resolveTarget(from, target, states);
    if (state) return [state];
    reading.deadTargets.push({ state: from, target, candidates: targetsFrom(from, states) });
    return [];
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
