import { lineage } from '../chart.ts';
import type { Invoke } from '../chart.ts';
import { didYouMean } from './did-you-mean.ts';
import { isEveryObjects, named } from './subject.ts';
import type { Rule } from './subject.ts';

/** Every invoke runs a declared step under an id of its own and has somewhere to go when the step fails. */
export const lintInvokes: Rule = ({ chart, definition }) => {
  const invokes = chart.states.flatMap((state) => state.invokes);
  return invokes.flatMap((invoke) => {
    const problems = [
      ...sourceProblems(invoke, Object.keys(definition.steps)),
      ...idProblems(invoke, invokes),
      ...deafProblems(invoke),
      ...errorPathProblems(invoke),
    ];
    return problems.map((problem) => `In ${named(invoke.state)}: ${problem}`);
  });
};

function sourceProblems({ config, src }: Invoke, steps: readonly string[]): readonly string[] {
  if (typeof config.src !== 'string') {
    return [
      'an invoke runs actor logic of its own, which could not be recorded. Declare it as a step, e.g. `code(...)`, and write its name as `src`.',
    ];
  }
  if (steps.includes(src)) return [];
  return [`\`src: '${src}'\` names no step.${didYouMean(src, steps)} The steps are: ${steps.join(', ')}.`];
}

function idProblems(invoke: Invoke, all: readonly Invoke[]): readonly string[] {
  const { id, src } = invoke;
  if (id === '') {
    return [
      `the invoke of \`${src}\` has no id, so renaming a state would lose runs in flight. Add \`id: '${src || 'step'}'\`.`,
    ];
  }
  if (isEveryObjects(id)) {
    return [`the invoke id \`${id}\` is a name that every JavaScript object has. Use e.g. \`${src}-step\`.`];
  }
  const first = all.find((other) => other.id === id);
  if (first === invoke || first === undefined) return [];
  return [
    `the invoke id \`${id}\` is taken by ${named(first.state)}. Ids are unique in the machine: use e.g. \`${id}-again\`.`,
  ];
}

function deafProblems({ config, id }: Invoke): readonly string[] {
  const problems: string[] = [];
  if (config.systemId !== undefined) {
    problems.push(
      `invoke \`${id}\` has a \`systemId\`, but a run has no actor system. Remove it; the invoke's id is its name.`,
    );
  }
  if (config.onSnapshot !== undefined) {
    problems.push(
      `invoke \`${id}\` has \`onSnapshot\`, but a step reports its end only. Use \`onDone\` and \`onError\`.`,
    );
  }
  return problems;
}

/** Its own `onError`, or an ancestor's `on['xstate.error.actor.<id>']`; the last word without a guard. */
function errorPathProblems({ id, state }: Invoke): readonly string[] {
  const handlers = lineage(state).flatMap(({ transitions }) =>
    transitions.filter(({ on }) => on.type === 'invoke-error' && (on.invokeId === id || on.invokeId === '*')),
  );
  if (handlers.some(({ guard }) => guard === undefined)) return [];
  return handlers.length === 0
    ? [
        `invoke \`${id}\` has no error path: the run would fail with it. Add \`onError\`, e.g. to a final state tagged \`degraded\`.`,
      ]
    : [
        `every branch of \`onError\` of invoke \`${id}\` has a guard, so a failure may find none. Add a last branch without one.`,
      ];
}
