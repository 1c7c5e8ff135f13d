import type { RawMachine } from './chart.ts';
import { readChart } from './read-chart.ts';

/** What a state starts when it is entered. */
export interface Declared {
  readonly invokes: ReadonlySet<string>;
  /** Of `after`, in milliseconds. */
  readonly delays: ReadonlySet<string>;
}

/** What the states of a recorded shape declare, by their paths; the root's is empty. */
export function declaredIn(shape: string): ReadonlyMap<string, Declared> {
  const { id, machine } = JSON.parse(shape) as { readonly id: string; readonly machine: RawMachine };
  const { states } = readChart({ id, ...machine });
  return new Map(
    states.map(({ path, invokes, transitions }) => {
      const delays = transitions.flatMap(({ on }) => (on.type === 'after' ? [on.delay] : []));
      return [path, { invokes: new Set(invokes.map((invoke) => invoke.id)), delays: new Set(delays) }];
    }),
  );
}
