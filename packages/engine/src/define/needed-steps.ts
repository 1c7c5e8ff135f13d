import { NO_WAY, cheapest, prepareCosts } from './costs.ts';
import type { Costs } from './costs.ts';
import type { Graph } from './graph.ts';

/**
 * Finds the steps without whose success no way leads to the goal. A way over the error edge of the step itself counts, as that edge would be
 * taken; one over the error edges of others does not. Worked out once, at the first question.
 * @returns the names of those needed from the nearest of these points on, which have to be the same list each time they are asked about; none
 *   where the goal is out of reach anyway
 */
export function neededSteps(
  graph: Graph,
  stepNames: readonly string[],
): (points: readonly number[]) => readonly string[] {
  const known = new WeakMap<readonly number[], readonly string[]>();
  let ways: { readonly all: Costs; readonly without: ReadonlyMap<string, Costs> } | undefined;

  return (points) => {
    let needed = known.get(points);
    if (needed === undefined) {
      const { all, without } = (ways ??= prepareWays(graph, stepNames));
      const isNeeded = (step: string): boolean => cheapest(points, without.get(step) ?? all) === NO_WAY;
      needed = cheapest(points, all) === NO_WAY ? [] : stepNames.filter(isNeeded);
      known.set(points, needed);
    }
    return needed;
  };
}

function prepareWays(graph: Graph, stepNames: readonly string[]) {
  const without = stepNames.map((step) => {
    const weigh = prepareCosts(graph, { failures: step, degraded: false });
    return [step, weigh((name) => (name === step ? NO_WAY : 0))] as const;
  });
  return {
    all: prepareCosts(graph, { failures: false, degraded: false })(() => 0),
    without: new Map(without),
  };
}
