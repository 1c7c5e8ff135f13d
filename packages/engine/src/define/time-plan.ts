import { NO_WAY, costAt, costsToEnd } from './costs.ts';
import type { Graph } from './graph.ts';
import type { TimePlan } from './workflow.ts';

/**
 * Weighs the graph anew only when an expected duration has changed: the engine asks at every start of a step.
 *
 * An estimate to plan with, mostly from below: guards are not evaluated, waiting for an event costs nothing, and a step
 * inside a parallel state counts what is left of its own region only.
 */
export function createTimePlan(graph: Graph, stepNames: readonly string[]): TimePlan {
  let weighed: { readonly expected: readonly number[]; readonly costs: Float64Array } | undefined;

  function costsToSuccess(expectedMs: (step: string) => number): Float64Array {
    const expected = stepNames.map(expectedMs);
    if (weighed === undefined || expected.some((ms, index) => ms !== weighed?.expected[index])) {
      weighed = { expected, costs: costsToEnd(graph, { expectedMs, failures: false, degraded: false }) };
    }
    return weighed.costs;
  }

  function leftMs(points: readonly number[], expectedMs: (step: string) => number): number {
    const toSuccess = cheapest(points, costsToSuccess(expectedMs));
    if (toSuccess !== NO_WAY) return toSuccess;
    // The run can only end degraded from here; that takes its time too.
    const toEnd = cheapest(points, costsToEnd(graph, { expectedMs, failures: false, degraded: true }));
    return toEnd === NO_WAY ? 0 : toEnd;
  }

  return {
    laterMs: (invokeId, expectedMs) => leftMs(graph.afterInvoke.get(invokeId) ?? [], expectedMs),
    totalMs: (expectedMs) => leftMs([graph.start], expectedMs),
  };
}

function cheapest(points: readonly number[], costs: Float64Array): number {
  return Math.min(...points.map((point) => costAt(costs, point)));
}
