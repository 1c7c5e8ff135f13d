import type { State } from '../define/chart.ts';
import { enterPoint } from '../define/graph.ts';
import { finding } from './finding.ts';
import type { Rule, Subject } from './subject.ts';

/** Steps that can follow one another again and again, where no author has said how often. */
export const checkLoops: Rule = (subject) => {
  const found: (readonly string[])[] = [];
  for (const states of loopsOf(subject)) {
    const names = states.flatMap(({ invokes }) => invokes.map(({ src }) => src));
    found.push([...new Set(names)]);
  }
  return found.map((names) => {
    const [first = ''] = names;
    return finding('LOOP_UNBOUNDED', {
      step: first,
      message: `${names.map((name) => `\`${name}\``).join(', ')} can run again and again in one run, up to 1,000 times.`,
      mend: `Bound the loop: give \`${first}\` a \`maxVisits\`.`,
    });
  });
};

/** States that invoke an unbounded step and can come back to themselves, together with those they come by. */
function loopsOf({ chart, graph, info }: Subject): readonly (readonly State[])[] {
  const isBounded = (state: State): boolean =>
    state.invokes.some(({ src }) => info.steps[src]?.maxVisits !== undefined);
  const shut = new Set(chart.states.filter(isBounded).map(enterPoint));
  const following = Map.groupBy(graph.edges, ({ from }) => from);
  const reachedFrom = (state: State): ReadonlySet<number> => {
    const reached = new Set<number>();
    const visit = (from: number): void => {
      for (const { to } of following.get(from) ?? []) if (!shut.has(to)) reached.add(to);
    };
    visit(enterPoint(state));
    // Points found on the way join the set that is being walked.
    for (const point of reached) visit(point);
    return reached;
  };
  const candidates = chart.states
    .filter((state) => state.invokes.length > 0 && !shut.has(enterPoint(state)))
    .map((state) => ({ state, reached: reachedFrom(state) }))
    .filter(({ state, reached }) => reached.has(enterPoint(state)));
  const loops: State[][] = [];
  const placed = new Set<State>();
  for (const { state, reached } of candidates) {
    if (placed.has(state)) continue;
    const loop = candidates
      .filter((other) => reached.has(enterPoint(other.state)) && other.reached.has(enterPoint(state)))
      .map((other) => other.state);
    for (const each of loop) placed.add(each);
    loops.push(loop);
  }
  return loops;
}
