import { listOf } from './chart.ts';
import type { RawInvoke, RawMachine, RawNode, RawTransition, RawTransitions } from './chart.ts';

/** One of an author's functions. */
export type AuthorFunction = (...args: readonly unknown[]) => unknown;

/** What to put in place of a function, e.g. of the "guard of onDone of invoke `triage` of state `triaging`". */
export type ReplaceFunction = (own: AuthorFunction, place: string) => AuthorFunction;

/** The config with each guard, assign, mapper, computed event and computed delay of its author replaced. */
export function mapFunctions(config: RawMachine, replace: ReplaceFunction): RawMachine {
  return mapNode(config, '', replace);
}

function mapNode(
  node: RawMachine & { readonly output?: unknown },
  path: string,
  replace: ReplaceFunction,
): RawMachine {
  const place = path === '' ? 'the machine' : `state \`${path}\``;
  const edges = (name: string, transitions: RawTransitions | undefined) =>
    mapEdges(transitions, `${name} of ${place}`, replace);
  return {
    ...node,
    context: mapValue(node.context, `context of ${place}`, replace),
    output: mapValue(node.output, `output of ${place}`, replace),
    entry: mapActions(node.entry, `entry of ${place}`, replace),
    exit: mapActions(node.exit, `exit of ${place}`, replace),
    always: edges('always', node.always),
    onDone: edges('onDone', node.onDone),
    invoke: listOf(node.invoke).map((invoke) => mapInvoke(invoke, place, replace)),
    on: mapEach(node.on, (transitions, event) => edges(`on \`${event}\``, transitions)),
    after: mapEach(node.after, (transitions, delay) => edges(`after ${delay}`, transitions)),
    ...(node.states !== undefined && {
      states: mapEach<RawNode>(node.states, (inner, key) =>
        mapNode(inner, path === '' ? key : `${path}.${key}`, replace),
      ),
    }),
  };
}

function mapInvoke(
  invoke: RawInvoke & { readonly input?: unknown },
  of: string,
  replace: ReplaceFunction,
): RawInvoke {
  const place = `invoke \`${String(invoke.id)}\` of ${of}`;
  return {
    ...invoke,
    ...('input' in invoke && { input: mapValue(invoke.input, `input of ${place}`, replace) }),
    onDone: mapEdges(invoke.onDone, `onDone of ${place}`, replace),
    onError: mapEdges(invoke.onError, `onError of ${place}`, replace),
  };
}

/** Targets by name become objects, since XState takes no list of names everywhere. `undefined` keeps an event from the states around. */
function mapEdges(
  transitions: RawTransitions | undefined,
  place: string,
  replace: ReplaceFunction,
): RawTransitions | undefined {
  if (transitions === undefined) return undefined;
  return listOf(transitions).map((transition): RawTransition | undefined => {
    if (transition === undefined) return undefined;
    const own = typeof transition === 'object' ? transition : { target: transition };
    return {
      ...own,
      guard: mapGuard(own.guard, `guard of ${place}`, replace),
      actions: mapActions(own.actions, `actions of ${place}`, replace),
    };
  });
}

/** What XState's own guards and actions are: functions that carry what they were made from. */
interface BuiltIn {
  readonly guards?: readonly unknown[];
  readonly type?: unknown;
  readonly assignment?: unknown;
  readonly event?: unknown;
  readonly delay?: unknown;
}

function mapGuard(guard: unknown, place: string, replace: ReplaceFunction): unknown {
  if (typeof guard !== 'function') return guard;
  const { guards } = guard as BuiltIn;
  if (guards === undefined) return 'check' in guard ? guard : replace(guard as AuthorFunction, place);
  return builtIn(guard, { guards: guards.map((inner) => mapGuard(inner, place, replace)) });
}

function mapActions(actions: unknown, place: string, replace: ReplaceFunction): unknown {
  if (actions === undefined) return undefined;
  return listOf(actions as unknown).map((action) => {
    if (typeof action !== 'function') return action;
    const { assignment, event, delay } = action as BuiltIn;
    const assigns =
      typeof assignment === 'object' && assignment !== null
        ? mapEach(assignment as Readonly<Record<string, unknown>>, (part, key) =>
            mapValue(part, `\`${key}\` in ${place}`, replace),
          )
        : mapValue(assignment, place, replace);
    return builtIn(action, {
      ...(assignment !== undefined && { assignment: assigns }),
      ...(event !== undefined && { event: mapValue(event, place, replace) }),
      ...(delay !== undefined && { delay: mapValue(delay, place, replace) }),
    });
  });
}

/** Another one of the same kind: XState reads what the function carries and does not call it. */
function builtIn(own: object, parts: object): unknown {
  return Object.assign(() => false, own, parts);
}

function mapValue(value: unknown, place: string, replace: ReplaceFunction): unknown {
  return typeof value === 'function' ? replace(value as AuthorFunction, place) : value;
}

function mapEach<T>(
  all: Readonly<Record<string, T>> | undefined,
  change: (value: T, key: string) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(all ?? {}).map(([key, value]) => [key, change(value, key)]));
}
