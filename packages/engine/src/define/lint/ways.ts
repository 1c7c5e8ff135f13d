import type { State } from '../chart.ts';
import { NO_WAY, costAt, prepareCosts, reachable } from '../costs.ts';
import { buildGraph, enterPoint } from '../graph.ts';
import type { Graph } from '../graph.ts';
import type { WorkflowDefinition } from '../workflow.ts';
import { named } from './subject.ts';
import type { Rule } from './subject.ts';

/** The ways through the machine: every state is entered, leads to an end, and success fits the time budget. */
export const lintWays: Rule = ({ chart, definition }) => {
  // With a dead target the ways are unknown; what follows from it would only be noise.
  if (chart.deadTargets.length > 0) return [];
  if (!chart.root.children.some(({ type }) => type === 'final') && chart.root.type === 'compound') {
    return ["In the root of the machine: no run could end. Add a state with `type: 'final'`."];
  }
  const graph = buildGraph(chart);
  const entered = reachable(graph);
  const isEntered = (state: State): boolean => entered.has(enterPoint(state));
  const endings = endingProblems(chart.states.filter(isEntered), graph);
  return [
    ...chart.states
      .filter((state) => !isEntered(state) && state.parent !== null && isEntered(state.parent))
      .map((state) => `In ${named(state)}: nothing leads here. Target it in a transition, or remove it.`),
    ...endings,
    ...(endings.length === 0 ? successProblems(definition, graph) : []),
  ];
};

/** No time counts, only whether there is a way. */
const noTime = (): number => 0;

function endingProblems(entered: readonly State[], graph: Graph): readonly string[] {
  const anyWay = prepareCosts(graph, { failures: true, degraded: true })(noTime);
  const withoutFailure = prepareCosts(graph, { failures: false, degraded: true })(noTime);

  return entered.flatMap((state) => {
    if (state.children.length > 0) return [];
    if (costAt(anyWay, enterPoint(state)) === NO_WAY) return [`In ${named(state)}: ${noWayOut(state)}`];
    if (costAt(withoutFailure, enterPoint(state)) !== NO_WAY) return [];
    return [
      `In ${named(state)}: from here the run ends only if a step fails. Lead an \`onDone\` on to a final state.`,
    ];
  });
}

function noWayOut({ type, parent, transitions }: State): string {
  if (type === 'final' && parent !== null) {
    return `nothing follows this end of ${named(parent)}. Give ${named(parent)} an \`onDone\`.`;
  }
  return transitions.length === 0
    ? "this is a dead end. Add an invoke, `always`, `after` or `on`, or make it `type: 'final'`."
    : 'no way from here leads to a final state. Lead a transition to one.';
}

function successProblems({ budget, steps }: WorkflowDefinition, graph: Graph): readonly string[] {
  const expectedMs = (step: string): number => steps[step]?.expectedMs ?? 0;
  const toSuccess = prepareCosts(graph, { failures: false, degraded: false })(expectedMs);
  const neededMs = costAt(toSuccess, graph.start);
  if (neededMs === NO_WAY) {
    return [
      'In the root of the machine: every way without a failing step ends `degraded`. Lead one to a final state without that tag.',
    ];
  }
  if (neededMs <= budget.totalMs) return [];
  const declared = Object.entries(steps).flatMap(([name, step]) =>
    step.expectedMs === undefined ? [] : [`${name} ${step.expectedMs}`],
  );
  return [
    `In the root of the machine: the cheapest successful path is expected to take ${neededMs} ms (\`expectedMs\`: ${declared.join(', ')}), the budget is ${budget.totalMs} ms. Raise \`budget.totalMs\`, or shorten the path.`,
  ];
}
