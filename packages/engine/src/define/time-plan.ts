import { NO_WAY, cheapest, prepareCosts } from './costs.ts';
import type { ExpectedMs } from './costs.ts';
import type { Graph } from './graph.ts';
import { neededSteps } from './needed-steps.ts';
import type { TimePlan } from './workflow.ts';

/**
 * Weighs the graph anew only when an expected duration has changed: the engine asks at every start of a step.
 *
 * An estimate to plan with, mostly from below: guards are not evaluated, waiting for an event costs nothing, and a step
 * inside a parallel state counts what is left of its own region only.
 */
export function createTimePlan(graph: Graph, stepNames: readonly string[]): TimePlan {
  const weighSuccess = prepareCosts(graph, { failures: false, degraded: false });
  const weighAnyEnd = prepareCosts(graph, { failures: false, degraded: true });
  const needed = neededSteps(graph, stepNames);
  const start = [graph.start];
  let expected: readonly number[] = [];
  let toSuccess = weighSuccess(() => 0);

  function leftMs(points: readonly number[], expectedMs: ExpectedMs): number {
    const now = stepNames.map(expectedMs);
    if (now.some((ms, index) => ms !== expected[index])) {
      expected = now;
      toSuccess = weighSuccess((step) => now[stepNames.indexOf(step)] ?? 0);
    }
    const successMs = cheapest(points, toSuccess);
    if (successMs !== NO_WAY) return successMs;
    // The run cannot reach its goal from here; that takes its time too.
    const endMs = cheapest(points, weighAnyEnd(expectedMs));
    return endMs === NO_WAY ? 0 : endMs;
  }

  return {
    laterMs: (invokeId, expectedMs) => leftMs(graph.afterInvoke.get(invokeId) ?? [], expectedMs),
    totalMs: (expectedMs) => leftMs([graph.start], expectedMs),
    neededAfter: (invokeId) => needed(graph.afterInvoke.get(invokeId) ?? NOWHERE),
    neededFromStart: () => needed(start),
  };
}

const NOWHERE: readonly number[] = [];
