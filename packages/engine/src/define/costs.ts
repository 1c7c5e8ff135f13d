import type { Edge, Graph, Parallel } from './graph.ts';

/** What counts, and how much, when the cheapest way to the end of the machine is looked for. */
export interface Weighing {
  /** Expected duration of a step in milliseconds. */
  readonly expectedMs: (step: string) => number;
  /** May the way lead over failing steps? */
  readonly failures: boolean;
  /** May it end in a final state tagged `degraded`? */
  readonly degraded: boolean;
}

/** The cost where there is no way. */
export const NO_WAY = Number.POSITIVE_INFINITY;

/**
 * For every point of the graph, the time of the cheapest way from it to the machine's end in milliseconds; `Infinity`
 * where there is none. A cycle never makes a way cheaper, so none is gone round twice.
 */
export function costsToEnd(graph: Graph, weighing: Weighing): Float64Array {
  const weights = Float64Array.from(graph.edges, (edge) => weightOf(edge, weighing));
  for (const parallel of graph.parallels) weighParallel(parallel, graph.pointCount, weights);

  const costs = new Float64Array(graph.pointCount).fill(NO_WAY);
  costs[graph.end] = 0;
  // Edges stand in document order, which mostly leads to the end: backwards, the costs settle in a few rounds.
  for (let settled = false; !settled;) {
    settled = true;
    for (const { index, from, to } of graph.edges.toReversed()) {
      const cost = costAt(costs, to) + costAt(weights, index);
      if (cost >= costAt(costs, from)) continue;
      costs[from] = cost;
      settled = false;
    }
  }
  return costs;
}

/** The points that some run may come by, failing steps included. */
export function reachable({ edges, start }: Graph): ReadonlySet<number> {
  const reached = new Set([start]);
  // Points found on the way join the set that is being walked.
  for (const point of reached) {
    for (const { from, to } of edges) if (from === point) reached.add(to);
  }
  return reached;
}

function weightOf({ cost }: Edge, { expectedMs, failures, degraded }: Weighing): number {
  switch (cost.type) {
    case 'free':
      return 0;
    case 'steps':
      return Math.max(0, ...cost.steps.map(expectedMs));
    case 'wait':
      return cost.ms;
    case 'failure':
      return failures ? 0 : NO_WAY;
    case 'final':
      return cost.degraded && !degraded ? NO_WAY : 0;
    case 'split':
    case 'summary':
      return NO_WAY;
  }
}

/** Sums a parallel state up from its regions, whose own edges have been weighed. */
function weighParallel({ join, regions }: Parallel, pointCount: number, weights: Float64Array): void {
  let longestMs = 0;
  for (const region of regions) {
    const costs = costsFrom(region.enter, region.inside, { pointCount, weights });
    longestMs = Math.max(longestMs, costAt(costs, region.done));
    for (const { edge, summary } of region.exits) {
      weights[summary.index] = costAt(costs, edge.from) + costAt(weights, edge.index);
    }
  }
  weights[join.index] = longestMs;
  // No region is done with the state before all are.
  for (const { member } of regions) weights[member.index] = longestMs === NO_WAY ? NO_WAY : 0;
}

/** For every point, the cost of the cheapest way to it from `start` over the given edges. */
function costsFrom(
  start: number,
  edges: readonly Edge[],
  { pointCount, weights }: { readonly pointCount: number; readonly weights: Float64Array },
): Float64Array {
  const costs = new Float64Array(pointCount).fill(NO_WAY);
  costs[start] = 0;
  for (let settled = false; !settled;) {
    settled = true;
    for (const { index, from, to } of edges) {
      const cost = costAt(costs, from) + costAt(weights, index);
      if (cost >= costAt(costs, to)) continue;
      costs[to] = cost;
      settled = false;
    }
  }
  return costs;
}

/** Reads a cost or weight. Indices come from the graph itself, so there is always a value. */
export function costAt(costs: Float64Array, index: number): number {
  return costs[index] ?? NO_WAY;
}
