import type { Edge, Graph } from '../define/graph.ts';

/** A way through the machine. */
export interface Path {
  /** Expected time of its steps and delays, in milliseconds. */
  readonly ms: number;
  /** In their order. Of steps that run beside one another the longest counts. */
  readonly legs: readonly Leg[];
}

export interface Leg {
  /** `null`: a delay. */
  readonly step: string | null;
  readonly ms: number;
}

export interface Paths {
  /** The cheapest way to a final state tagged neither `degraded` nor `failed`, over steps that succeed. `null` if there is none. */
  readonly cheapest: Path | null;
  /** The longest one, each cycle gone round once at most. */
  readonly longest: Path | null;
}

/** Finds both in one graph. As for the time plan, guards are not evaluated and waiting for an event takes no time. */
export function findPaths(graph: Graph, expectedMs: (step: string) => number): Paths {
  return {
    cheapest: findPath(graph, expectedMs, cheapest),
    longest: findPath(graph, expectedMs, longest),
  };
}

/** An edge and the way that it stands for. */
interface Way {
  readonly from: number;
  readonly to: number;
  readonly path: Path;
}

/** Which of the ways from one point to another; `null` if there is none. */
type Choice = (ways: readonly Way[], from: number, to: number) => Path | null;

const NOTHING: Path = { ms: 0, legs: [] };

function findPath(graph: Graph, expectedMs: (step: string) => number, choose: Choice): Path | null {
  const paths = graph.edges.map((edge) => ownPath(edge, expectedMs));
  const waysOf = (edges: readonly Edge[]): readonly Way[] =>
    edges.flatMap(({ index, from, to }) => {
      const path = paths[index] ?? null;
      return path === null ? [] : [{ from, to, path }];
    });
  for (const { join, regions } of graph.parallels) {
    const through = regions.map(({ inside, enter, done }) => choose(waysOf(inside), enter, done));
    const joined = through.every((path) => path !== null) ? longestOf(through) : null;
    paths[join.index] = joined;
    for (const { inside, enter, member, exits } of regions) {
      paths[member.index] = joined === null ? null : NOTHING;
      for (const { edge, summary } of exits) {
        const before = choose(waysOf(inside), enter, edge.from);
        const out = paths[edge.index] ?? null;
        paths[summary.index] = before === null || out === null ? null : after(before, out);
      }
    }
  }
  return choose(waysOf(graph.edges), graph.start, graph.end);
}

function ownPath({ cost }: Edge, expectedMs: (step: string) => number): Path | null {
  switch (cost.type) {
    case 'free':
      return NOTHING;
    case 'steps':
      return longestOf(cost.steps.map((step) => legPath({ step, ms: expectedMs(step) })));
    case 'wait':
      return legPath({ step: null, ms: cost.ms });
    case 'final':
      return cost.goal ? NOTHING : null;
    case 'failure':
    case 'split':
    case 'summary':
      return null;
  }
}

const legPath = (leg: Leg): Path => ({ ms: leg.ms, legs: [leg] });

const after = (first: Path, then: Path): Path => ({
  ms: first.ms + then.ms,
  legs: [...first.legs, ...then.legs],
});

function longestOf(paths: readonly Path[]): Path {
  return paths.reduce((longer, path) => (path.ms > longer.ms || longer === NOTHING ? path : longer), NOTHING);
}

/** Bellman and Ford: every way is taken further until none becomes cheaper. */
const cheapest: Choice = (ways, from, to) => {
  const best = new Map<number, Path>([[from, NOTHING]]);
  for (let settled = false; !settled;) {
    settled = true;
    for (const way of ways) {
      const before = best.get(way.from);
      if (before === undefined) continue;
      const ms = before.ms + way.path.ms;
      if (ms >= (best.get(way.to)?.ms ?? Number.POSITIVE_INFINITY)) continue;
      best.set(way.to, after(before, way.path));
      settled = false;
    }
  }
  return best.get(to) ?? null;
};

/** Depth first, without the edges that close a cycle: what is left has no cycles, so each point has one longest way on. */
const longest: Choice = (ways, from, to) => {
  const leaving = Map.groupBy(ways, (way) => way.from);
  const known = new Map<number, Path | null>();
  const onTheWay = new Set<number>();
  const walk = (point: number): Path | null => {
    if (point === to) return NOTHING;
    const before = known.get(point);
    if (before !== undefined) return before;
    onTheWay.add(point);
    let best: Path | null = null;
    for (const way of leaving.get(point) ?? []) {
      const rest = onTheWay.has(way.to) ? null : walk(way.to);
      if (rest !== null && (best === null || way.path.ms + rest.ms > best.ms)) best = after(way.path, rest);
    }
    onTheWay.delete(point);
    known.set(point, best);
    return best;
  };
  return walk(from);
};
