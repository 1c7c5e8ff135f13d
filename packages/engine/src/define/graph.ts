import type { Chart, State, Trigger } from './chart.ts';

/**
 * The ways through a chart, for time and for reachability. Every state has four points: it is entered, it is active, its
 * invokes have settled without leaving it, it is done (a final child was reached, or every region of a parallel state).
 */
export interface Graph {
  readonly pointCount: number;
  readonly edges: readonly Edge[];
  /** Inner ones before the ones they are in. */
  readonly parallels: readonly Parallel[];
  /** Where the machine starts and where it has ended. */
  readonly start: number;
  readonly end: number;
  /** Where a success of each invoke leads, by invoke id. */
  readonly afterInvoke: ReadonlyMap<string, readonly number[]>;
}

export interface Edge {
  /** Position in `Graph.edges`. */
  readonly index: number;
  readonly from: number;
  readonly to: number;
  readonly cost: Cost;
}

export type Cost =
  | { readonly type: 'free' }
  /** The longest of these steps. */
  | { readonly type: 'steps'; readonly steps: readonly string[] }
  | { readonly type: 'wait'; readonly ms: number }
  /** Taken only when a step fails: this one, or any where none is named. */
  | { readonly type: 'failure'; readonly step: string | undefined }
  /** Whether it is tagged neither `degraded` nor `failed`. */
  | { readonly type: 'final'; readonly goal: boolean }
  /** Into one region of a parallel state. Costs are taken from the state's summary (`Parallel`) instead. */
  | { readonly type: 'split' }
  /** Follows from the regions of a parallel state. */
  | { readonly type: 'summary' };

/** A parallel state lasts as long as its longest region, or until a transition leads out of one. */
export interface Parallel {
  /** From entering to done: as long as the longest region. */
  readonly join: Edge;
  readonly regions: readonly Region[];
}

export interface Region {
  readonly enter: number;
  readonly done: number;
  /** Edges that stay in the region. */
  readonly inside: readonly Edge[];
  /** From the region's end to the state's. Free, as the other regions ran meanwhile. */
  readonly member: Edge;
  /** Ways out of the parallel state: the edge itself, and the one that sums it up from where the state is active. */
  readonly exits: readonly { readonly edge: Edge; readonly summary: Edge }[];
}

const POINTS = 4;
export const enterPoint = ({ index }: State): number => POINTS * index;
const activePoint = ({ index }: State): number => POINTS * index + 1;
const settledPoint = ({ index }: State): number => POINTS * index + 2;
const donePoint = ({ index }: State): number => POINTS * index + 3;

const FREE: Cost = { type: 'free' };

type AddEdge = (from: number, to: number, cost: Cost) => Edge;

/** Builds the graph of a chart without dead targets. */
export function buildGraph(chart: Chart): Graph {
  const edges: Edge[] = [];
  const add: AddEdge = (from, to, cost) => {
    const edge: Edge = { index: edges.length, from, to, cost };
    edges.push(edge);
    return edge;
  };
  const steps: StepOfInvoke = new Map(
    chart.states.flatMap(({ invokes }) => invokes.map(({ id, src }) => [id, src])),
  );
  for (const state of chart.states) {
    addStructure(state, add);
    addTransitions(state, steps, add);
  }
  const innerFirst = chart.states.filter(({ type }) => type === 'parallel').toReversed();
  return {
    pointCount: POINTS * chart.states.length,
    edges,
    parallels: innerFirst.map((state) => summarise(state, edges, add)),
    start: enterPoint(chart.root),
    end: donePoint(chart.root),
    afterInvoke: new Map([...steps.keys()].map((id) => [id, pointsAfter(id, chart)])),
  };
}

/** Step name by invoke id. */
type StepOfInvoke = ReadonlyMap<string, string>;

/** How the states hang together, whatever the transitions. */
function addStructure(state: State, add: AddEdge): void {
  const enter = enterPoint(state);
  for (const next of state.initial) add(enter, enterPoint(next), FREE);
  if (state.type === 'history') return;

  add(enter, activePoint(state), FREE);
  if (state.type === 'parallel') {
    for (const region of regionsOf(state)) add(enter, enterPoint(region), { type: 'split' });
  }
  if (state.parent === null) return;

  // Whatever leads out of a state leads out of the states in it.
  add(activePoint(state), activePoint(state.parent), FREE);
  if (state.type === 'final') {
    const ended = state.parent.type === 'parallel' ? state : state.parent;
    add(enter, donePoint(ended), {
      type: 'final',
      goal: !state.tags.some((tag) => tag === 'degraded' || tag === 'failed'),
    });
  }
}

function addTransitions(state: State, steps: StepOfInvoke, add: AddEdge): void {
  // Invokes that settle without leaving the state: an `always` beside them is how a state waits for several.
  const settling = state.transitions.flatMap(({ on, targets }) =>
    on.type === 'invoke-done' && targets.length === 0 ? [steps.get(on.invokeId) ?? ''] : [],
  );
  if (settling.length > 0) {
    add(activePoint(state), settledPoint(state), { type: 'steps', steps: settling });
    add(settledPoint(state), activePoint(state), FREE);
  }
  const always = settling.length > 0 ? settledPoint(state) : activePoint(state);
  for (const { on, targets } of state.transitions) {
    const from =
      on.type === 'always' ? always : on.type === 'state-done' ? donePoint(state) : activePoint(state);
    for (const target of targets) add(from, enterPoint(target), costOf(on, steps));
  }
}

function costOf(on: Trigger, steps: StepOfInvoke): Cost {
  switch (on.type) {
    case 'invoke-done': {
      const step = steps.get(on.invokeId);
      return step === undefined ? FREE : { type: 'steps', steps: [step] };
    }
    case 'invoke-error':
      return { type: 'failure', step: steps.get(on.invokeId) };
    case 'after':
      return { type: 'wait', ms: Number(on.delay) || 0 };
    default:
      return FREE;
  }
}

/** Adds the edges that stand for a whole parallel state. */
function summarise(state: State, edges: readonly Edge[], add: AddEdge): Parallel {
  const inState = pointsOf(state);
  const regions = regionsOf(state).map((region): Region => {
    const inRegion = pointsOf(region);
    const starting = edges.filter(({ from }) => inRegion.has(from));
    return {
      enter: enterPoint(region),
      done: donePoint(region),
      inside: starting.filter(({ to }) => inRegion.has(to)),
      exits: starting
        .filter(({ to }) => !inState.has(to))
        .map((edge) => ({ edge, summary: add(activePoint(state), edge.to, { type: 'summary' }) })),
      member: add(donePoint(region), donePoint(state), { type: 'summary' }),
    };
  });
  return { regions, join: add(enterPoint(state), donePoint(state), { type: 'summary' }) };
}

function regionsOf(parallel: State): readonly State[] {
  return parallel.children.filter(({ type }) => type !== 'history');
}

/** All points of the state and of the states in it. */
function pointsOf(state: State): ReadonlySet<number> {
  const first = enterPoint(state);
  const own = Array.from({ length: POINTS }, (_, offset) => first + offset);
  return new Set([...own, ...state.children.flatMap((child) => [...pointsOf(child)])]);
}

/** Where the run stands once the invoke has succeeded: what its handlers target, or the state itself if none do. */
function pointsAfter(invokeId: string, chart: Chart): readonly number[] {
  const handled = chart.states.flatMap((state) =>
    state.transitions
      .filter(({ on }) => on.type === 'invoke-done' && on.invokeId === invokeId)
      .flatMap(({ targets }) => (targets.length === 0 ? [settledPoint(state)] : targets.map(enterPoint))),
  );
  if (handled.length > 0) return handled;
  return chart.states.filter(({ invokes }) => invokes.some(({ id }) => id === invokeId)).map(activePoint);
}
