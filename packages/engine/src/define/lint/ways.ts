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
  // By a way to it, or by one that leads into its depth.
  const isEntered = (state: State): boolean =>
    entered.has(enterPoint(state)) || state.children.some(isEntered);
  const endings = endingProblems(chart.states.filter(isEntered), graph);
  return [
    ...chart.states
      .filter((state) => !isEntered(state) && state.parent !== null && isEntered(state.parent))
      .map((state) => `In ${named(state)}: nothing leads here. Target it in a transition, or remove it.`),
    ...endings,
    ...(endings.length === 0 ? successProblems(definition, graph) : []),
  ];
};

/** The innermost states from which no way leads to an end; failing that, those from which only failing steps do. */
function endingProblems(entered: readonly State[], graph: Graph): readonly string[] {
  const innermost = entered.filter(({ children }) => children.length === 0);
  const withoutWay = (failures: boolean): readonly State[] => {
    // No time counts, only whether there is a way.
    const costs = prepareCosts(graph, { failures, degraded: true })(() => 0);
    return innermost.filter((state) => costAt(costs, enterPoint(state)) === NO_WAY);
  };
  const stuck = withoutWay(true);
  if (stuck.length > 0) return stuck.map((state) => `In ${named(state)}: ${noWayOut(state)}`);
  return withoutWay(false).map(
    (state) =>
      `In ${named(state)}: from here the run ends only if a step fails. Lead an \`onDone\` on to a final state.`,
  );
}

function noWayOut({ type, parent, transitions }: State): string {
  if (type === 'final' && parent !== null) {
    const region = parent.type === 'parallel' ? null : parent.parent;
    return region?.type === 'parallel'
      ? `${named(region)} is not done here, as another of its regions never ends. Lead that one to a final state.`
      : `nothing follows this end of ${named(parent)}. Give ${named(parent)} an \`onDone\`.`;
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
      'In the root of the machine: every way without a failing step ends `degraded` or `failed`. Lead one to a final state without these tags.',
    ];
  }
  if (neededMs <= budget.totalMs) return [];
  const declared = Object.entries(steps).flatMap(([name, step]) =>
    step.expectedMs === undefined ? [] : [`${name} ${step.expectedMs}`],
  );
  // Delays alone can exceed the budget, with no step saying what it expects.
  const basis = declared.length === 0 ? '' : ` (\`expectedMs\`: ${declared.join(', ')})`;
  return [
    `In the root of the machine: the cheapest successful path is expected to take ${neededMs} ms${basis}, the budget is ${budget.totalMs} ms. Raise \`budget.totalMs\`, or shorten the path.`,
  ];
}
