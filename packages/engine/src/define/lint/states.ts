import { lineage } from '../chart.ts';
import type { State, Transition } from '../chart.ts';
import { didYouMean } from './did-you-mean.ts';
import { NAME, NAME_RULE, named } from './subject.ts';
import type { Rule } from './subject.ts';

/** The states themselves: names, targets, guards, delays, final states and their tags. */
export const lintStates: Rule = ({ chart }) => [
  ...chart.deadTargets.map(({ state, target, candidates }) =>
    target === undefined
      ? `In ${named(state)}: \`initial\` is missing. Add e.g. \`initial: '${candidates[0] ?? ''}'\`.`
      : `In ${named(state)}: the target \`${target}\` does not exist.${didYouMean(target, candidates)}`,
  ),
  ...chart.states.flatMap((state) => {
    const problems = [
      ...nameProblems(state),
      ...finalProblems(state),
      ...degradedProblems(state),
      ...state.transitions.flatMap(transitionProblems),
    ];
    return problems.map((problem) => `In ${named(state)}: ${problem}`);
  }),
  ...repeatedIds(chart.states),
];

function nameProblems({ key, parent }: State): readonly string[] {
  if (parent === null || NAME.test(key)) return [];
  return [`\`${key}\` will not do as its name, which is part of targets and timers. ${NAME_RULE}`];
}

function finalProblems({ type, invokes, transitions, children }: State): readonly string[] {
  if (type !== 'final' || invokes.length + transitions.length + children.length === 0) return [];
  return [
    'a final state is the end: it invokes nothing, has no transitions and no states. Move them to a state before it.',
  ];
}

function degradedProblems(state: State): readonly string[] {
  if (!state.tags.includes('degraded') || isEnding(state)) return [];
  return [
    'the tag `degraded` counts only on a final state that ends the run. Move it to the final state this leads to.',
  ];
}

/** A final state of the root, or of a region of a parallel root: active when the machine is done. */
function isEnding(state: State): boolean {
  const [, parent, ...outer] = lineage(state);
  if (state.type !== 'final' || parent === undefined) return false;
  return parent.parent === null || outer.every(({ type }) => type === 'parallel');
}

function transitionProblems({ on, guard }: Transition): readonly string[] {
  const problems: string[] = [];
  if (on.type === 'after' && !(Number(on.delay) >= 0)) {
    problems.push(`\`after: { ${on.delay} }\` names a delay that is not defined. Write it in milliseconds.`);
  }
  for (const name of namedGuards(guard)) {
    problems.push(`the guard \`${name}\` is not defined. Write it inline, or pass the function itself.`);
  }
  return problems;
}

/** Guards by name, also inside `and`, `or` and `not`, which carry theirs as `guards`. */
function namedGuards(guard: unknown): readonly string[] {
  if (typeof guard === 'string') return [guard];
  if (typeof guard === 'object' && guard !== null) return 'type' in guard ? [String(guard.type)] : [];
  const parts = typeof guard === 'function' && 'guards' in guard ? guard.guards : undefined;
  return Array.isArray(parts) ? parts.flatMap(namedGuards) : [];
}

function repeatedIds(states: readonly State[]): readonly string[] {
  return states.flatMap((state) => {
    const first = states.find(({ id }) => id === state.id);
    if (first === undefined || first === state) return [];
    return [
      `In ${named(state)}: the id \`${state.id}\` is also that of ${named(first)}. Ids are unique in the machine.`,
    ];
  });
}
