import { lineage } from '../define/chart.ts';
import type { Invoke, State } from '../define/chart.ts';
import { enterPoint } from '../define/graph.ts';
import { finding } from './finding.ts';
import { effectOf } from './subject.ts';
import type { Rule, Subject } from './subject.ts';

/** Steps that change something outside and are not undone when a later one keeps the run from its goal. */
export const checkCompensation: Rule = (subject) =>
  Object.entries(subject.info.steps).flatMap(([step, declared]) => {
    const isUndone = 'compensate' in declared && declared.compensate !== undefined;
    if (effectOf(declared) === 'pure' || isUndone) return [];
    const [next] = stepsAfter(step, subject);
    if (next === undefined) return [];
    return [
      finding('EFFECT_NOT_COMPENSATED', {
        step,
        message: `\`${step}\` takes effect and nothing undoes it when the run fails afterwards, e.g. in \`${next}\`.`,
        mend: 'Give it a `compensate`, or make it the last step.',
      }),
    ];
  });

/** The steps that a run may come to after this one has succeeded. */
function stepsAfter(step: string, { chart, graph }: Subject): readonly string[] {
  const invokes = chart.states.flatMap((state) => state.invokes);
  const reached = new Set(
    invokes.filter(({ src }) => src === step).flatMap(({ id }) => graph.afterInvoke.get(id) ?? []),
  );
  for (const point of reached) {
    for (const { from, to } of graph.edges) if (from === point) reached.add(to);
  }
  const later = invokes.filter(({ state }) => reached.has(enterPoint(state))).map(({ src }) => src);
  return later.filter((name) => name !== step);
}

/** A `once` step whose end is not known is not repeated by the engine; its own error path must not do so either. */
export const checkOnce: Rule = ({ chart, info: { steps } }) =>
  chart.states.flatMap((state) =>
    state.invokes.flatMap((invoke) => {
      const step = steps[invoke.src];
      if (step === undefined || effectOf(step) !== 'once' || !comesBack(invoke)) return [];
      return [
        finding('ONCE_REPEATED', {
          state: state.path,
          step: invoke.src,
          message: `\`${invoke.src}\` takes effect once, and its error path leads straight back to it: after a failure of which nobody knows whether it took effect, it takes effect again.`,
          mend: 'Lead the error path to a person or to a step that finds out, or make the step `idempotent`.',
        }),
      ];
    }),
  );

/** Whether a failure leads to the same step again with nobody and no other step in between. */
function comesBack({ id, src, state }: Invoke): boolean {
  const reached = new Set(
    lineage(state).flatMap(({ transitions }) =>
      transitions.flatMap(({ on, targets }) =>
        on.type === 'invoke-error' && on.invokeId === id ? targets : [],
      ),
    ),
  );
  // States found on the way join the set that is being walked.
  for (const each of reached) for (const next of followedByItself(each)) reached.add(next);
  return [...reached].some((each) => each.invokes.some((invoke) => invoke.src === src));
}

/** Where a state leads without a step or an event. */
function followedByItself(state: State): readonly State[] {
  const regions = state.type === 'parallel' ? state.children : [];
  if (state.invokes.length > 0) return [...state.initial, ...regions];
  const onward = lineage(state).flatMap(({ transitions }) =>
    transitions.flatMap(({ on, targets }) => (on.type === 'always' || on.type === 'after' ? targets : [])),
  );
  return [...state.initial, ...regions, ...onward];
}
