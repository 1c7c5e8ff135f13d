/**
 * The machine's config as plain data with every target resolved: what the lint, the time plan and the hash read. It is
 * made from the config and not from XState's own nodes because XState throws at the first dead target; `chart.test.ts`
 * holds the two against each other.
 */
export interface Chart {
  readonly root: State;
  /** In document order, the root first. */
  readonly states: readonly State[];
  /** Targets and initial states that lead nowhere. While there are any, the ways through the chart are unknown. */
  readonly deadTargets: readonly DeadTarget[];
}

export interface State {
  /** Position in `Chart.states`. */
  readonly index: number;
  /** XState's id of the node. */
  readonly id: string;
  /** For messages: `a.b`; empty for the root. */
  readonly path: string;
  readonly key: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly parent: State | null;
  readonly children: readonly State[];
  readonly tags: readonly string[];
  readonly invokes: readonly Invoke[];
  readonly transitions: readonly Transition[];
  /** Entry, exit and transition actions, unexamined. */
  readonly actions: readonly unknown[];
  /** Where entering leads: the initial child, or the default of a history state. Empty for the others. */
  readonly initial: readonly State[];
}

export interface Invoke {
  readonly config: RawInvoke;
  readonly state: State;
  /** Empty if the config has none. */
  readonly id: string;
  /** Empty if the config has no string there. */
  readonly src: string;
}

export interface Transition {
  readonly on: Trigger;
  /** No target: the state stays. */
  readonly targets: readonly State[];
  readonly guard: unknown;
}

export type Trigger =
  | { readonly type: 'invoke-done' | 'invoke-error'; readonly invokeId: string }
  | { readonly type: 'after'; readonly delay: string }
  /** By name, or by pattern: `*`. */
  | { readonly type: 'event'; readonly event: string }
  | { readonly type: 'always' | 'state-done' | 'snapshot' };

export interface DeadTarget {
  readonly state: State;
  /** Absent: a compound state's missing `initial`. */
  readonly target: string | undefined;
  /** The targets that would be understood in that place, for a suggestion. */
  readonly candidates: readonly string[];
}

/** What a config may hold, as XState reads it. Authors are held to it by types; the lint trusts nothing. */
export interface RawNode {
  readonly id?: string;
  readonly type?: State['type'];
  readonly initial?: string | RawTransition;
  readonly history?: unknown;
  readonly target?: OneOrMany<string>;
  readonly states?: Readonly<Record<string, RawNode>>;
  readonly invoke?: OneOrMany<RawInvoke>;
  readonly on?: Readonly<Record<string, RawTransitions>>;
  readonly after?: Readonly<Record<string, RawTransitions>>;
  readonly always?: RawTransitions;
  readonly onDone?: RawTransitions;
  readonly entry?: unknown;
  readonly exit?: unknown;
  readonly tags?: OneOrMany<string>;
}

/** What the root may hold besides. */
export interface RawMachine extends RawNode {
  readonly context?: unknown;
  readonly output?: unknown;
  readonly options?: { readonly maxIterations?: number };
}

export interface RawInvoke {
  readonly id?: unknown;
  readonly src?: unknown;
  readonly systemId?: unknown;
  readonly onDone?: RawTransitions;
  readonly onError?: RawTransitions;
  readonly onSnapshot?: RawTransitions;
}

export interface RawTransition {
  readonly target?: OneOrMany<string>;
  readonly guard?: unknown;
  readonly actions?: unknown;
}

export type RawTransitions = OneOrMany<string | RawTransition | undefined>;

export type OneOrMany<T> = T | readonly T[];

/** XState's `toArray`: nothing is an empty list, one is a list of one. */
export function listOf<T>(value: OneOrMany<T> | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** The state and all states it is in, from the inside out. */
export function lineage(state: State): readonly State[] {
  return state.parent === null ? [state] : [state, ...lineage(state.parent)];
}
