import type { State } from './chart.ts';

/** XState's rules for a transition's target. @returns undefined if it leads nowhere */
export function resolveTarget(from: State, target: string, states: readonly State[]): State | undefined {
  if (target.startsWith('#')) {
    const [id, ...path] = target.slice(1).split('.');
    return descend(
      states.find((state) => state.id === id),
      path,
    );
  }
  if (target.startsWith('.')) return descend(from, target.slice(1).split('.'));
  // A plain name is a sibling, and the root has none.
  return from.parent === null ? undefined : descend(from.parent, target.split('.'));
}

/** The targets that can be written in `from`: to suggest one for a dead target. */
export function targetsFrom(from: State, states: readonly State[]): readonly string[] {
  const siblings = from.parent?.children ?? [];
  return [
    ...siblings.map(({ key }) => key),
    ...siblings.flatMap(({ key, children }) => children.map((child) => `${key}.${child.key}`)),
    ...from.children.map(({ key }) => `.${key}`),
    ...states.map(({ id }) => `#${id}`),
  ];
}

function descend(state: State | undefined, path: readonly string[]): State | undefined {
  const [key, ...rest] = path;
  if (state === undefined || key === undefined) return state;
  return descend(
    state.children.find((child) => child.key === key),
    rest,
  );
}
