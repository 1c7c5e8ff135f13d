import type { Cost, Graph, Parallel, Region } from './graph.ts';

/** Which ways count when the cheapest one to the end of the machine is looked for. */
export interface Ways {
  /** May it lead over failing steps? A name: over failures of this step alone. */
  readonly failures: boolean | string;
  /** May it end in a final state tagged `degraded` or `failed`? */
  readonly degraded: boolean;
}

/** Milliseconds by point. */
export type Costs = readonly number[];

export type ExpectedMs = (step: string) => number;

/** The cost where there is no way. */
export const NO_WAY = Number.POSITIVE_INFINITY;

/**
 * Prepares a graph for weighing. The function it returns gives, for every point, the time of the cheapest way from it to
 * the machine's end in milliseconds; `NO_WAY` where there is none. A cycle never makes a way cheaper, so none is gone
 * round twice.
 */
export function prepareCosts(graph: Graph, ways: Ways): (expectedMs: ExpectedMs) => Costs {
  const fixed = graph.edges.map(({ cost }) => fixedWeight(cost, ways));
  // Edges stand in document order, which mostly leads to the end: backwards, the costs settle in a few rounds.
  const usable = graph.edges.filter(({ index, cost }) => cost.type === 'summary' || fixed[index] !== NO_WAY);
  const backwards = usable.toReversed();
  const nowhere = Array.from<number>({ length: graph.pointCount }).fill(NO_WAY);
  const lasting = graph.edges.filter(({ cost }) => cost.type === 'steps');

  return (expectedMs) => {
    const weights = fixed.slice();
    for (const { index, cost } of lasting) weights[index] = longestMs(cost, expectedMs);
    for (const parallel of graph.parallels) weighParallel(parallel, weights, nowhere);

    const costs = nowhere.slice();
    costs[graph.end] = 0;
    for (let settled = false; !settled;) {
      settled = true;
      for (const { index, from, to } of backwards) {
        const cost = costAt(costs, to) + costAt(weights, index);
        if (cost < costAt(costs, from)) {
          costs[from] = cost;
          settled = false;
        }
      }
    }
    return costs;
  };
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

/** What an edge costs as long as no step's duration is known. */
function fixedWeight(cost: Cost, { failures, degraded }: Ways): number {
  switch (cost.type) {
    case 'free':
    case 'steps':
      return 0;
    case 'wait':
      return cost.ms;
    case 'failure':
      return isTaken(cost.step, failures) ? 0 : NO_WAY;
    case 'final':
      return !cost.goal && !degraded ? NO_WAY : 0;
    case 'split':
    case 'summary':
      return NO_WAY;
  }
}

/** An error edge for whatever fails is one for any step. */
function isTaken(step: string | undefined, failures: Ways['failures']): boolean {
  return typeof failures === 'string' ? step === undefined || step === failures : failures;
}

function longestMs(cost: Cost, expectedMs: ExpectedMs): number {
  return cost.type === 'steps' ? Math.max(0, ...cost.steps.map(expectedMs)) : 0;
}

/** Sums a parallel state up from its regions, whose own edges have been weighed. */
function weighParallel({ join, regions }: Parallel, weights: number[], nowhere: Costs): void {
  let joinMs = 0;
  for (const region of regions) {
    const costs = costsInside(region, weights, nowhere);
    joinMs = Math.max(joinMs, costAt(costs, region.done));
    for (const { edge, summary } of region.exits) {
      weights[summary.index] = costAt(costs, edge.from) + costAt(weights, edge.index);
    }
  }
  weights[join.index] = joinMs;
  // No region is done with the state before all are.
  for (const { member } of regions) weights[member.index] = joinMs === NO_WAY ? NO_WAY : 0;
}

/** For every point of a region, the cost of the cheapest way to it from where the region is entered. */
function costsInside({ enter, inside }: Region, weights: number[], nowhere: Costs): number[] {
  const costs = nowhere.slice();
  costs[enter] = 0;
  for (let settled = false; !settled;) {
    settled = true;
    for (const { index, from, to } of inside) {
      const cost = costAt(costs, from) + costAt(weights, index);
      if (cost < costAt(costs, to)) {
        costs[to] = cost;
        settled = false;
      }
    }
  }
  return costs;
}

/** The cost from the nearest of these points; `NO_WAY` if there are none. */
export function cheapest(points: readonly number[], costs: Costs): number {
  return points.reduce((least, point) => Math.min(least, costAt(costs, point)), NO_WAY);
}

/** Reads a cost or weight. Indices come from the graph itself, so there is always a value. */
export function costAt(costs: Costs, index: number): number {
  return costs[index] ?? NO_WAY;
}
