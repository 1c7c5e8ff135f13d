import type { Random } from '@paceline/resilience';
import type { ChartState, ChartTransition } from 'paceline';

/** How likely each branch of a state is, by the state's path: any numbers from 0 on, of which the shares count. */
export type BranchWeights = Readonly<Record<string, readonly number[]>>;

/** Those that may be taken: up to the first without a guard. */
function openBranches(transitions: readonly ChartTransition[]): readonly ChartTransition[] {
  const last = transitions.findIndex(({ guard }) => guard === undefined);
  return last === -1 ? transitions : transitions.slice(0, last + 1);
}

/** Draws a branch: by its weight where the state has some and as many of them, else each is as likely as the others. */
export function drawBranch(
  state: ChartState,
  transitions: readonly ChartTransition[],
  { weights, random }: { readonly weights: BranchWeights; readonly random: Random },
): ChartTransition | undefined {
  const branches = openBranches(transitions);
  const given = branches[0]?.on.type === 'invoke-error' ? undefined : weights[state.path];
  const shares = given?.length === branches.length ? given : branches.map(() => 1);
  let left = random.next() * shares.reduce((sum, share) => sum + share, 0);
  for (const [at, branch] of branches.entries()) {
    left -= shares[at] ?? 0;
    if (left < 0) return branch;
  }
  return branches.at(-1);
}

/** What is wrong with weights that were given, each in one sentence. */
export function weightProblems(weights: BranchWeights, states: readonly ChartState[]): readonly string[] {
  return Object.entries(weights).flatMap(([path, given]) => {
    const state = states.find((each) => each.path === path);
    if (state === undefined) {
      const paths = states.map((each) => each.path).filter((each) => each !== '');
      return [`There is no state \`${path}\`. The states are: ${paths.join(', ')}.`];
    }
    const counts = branchCounts(state);
    if (counts.includes(given.length)) return [];
    const has = counts.length === 0 ? 'it has no branches' : `it has ${counts.join(' or ')} branches`;
    return [`State \`${path}\` was given ${given.length} weights, but ${has}.`];
  });
}

/** How many branches each of the state's triggers has, errors aside. */
function branchCounts({ transitions }: ChartState): readonly number[] {
  const others = transitions.filter(({ on }) => on.type !== 'invoke-error');
  const groups = Map.groupBy(others, ({ on }) => JSON.stringify(on));
  const counts = [...groups.values()].map((group) => openBranches(group).length);
  return [...new Set(counts.filter((count) => count > 1))];
}
