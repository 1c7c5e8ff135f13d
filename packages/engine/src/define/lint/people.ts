import type { CodeStep, Effect, ExecuteStep, Tool } from '../step.ts';

/** What a step says about the people it asks: about a doubt, or before a tool is called. */
export function peopleProblems(step: ExecuteStep | CodeStep): readonly string[] {
  return step.kind === 'code'
    ? doubtProblems(step.onUncertain, [step.effect])
    : [
        ...doubtProblems(
          step.onUncertain,
          Object.values(step.tools).map(({ effect }) => effect),
        ),
        ...Object.entries(step.tools).flatMap(([name, tool]) => approvalProblems(name, tool)),
      ];
}

function doubtProblems(onUncertain: unknown, effects: readonly Effect[]): readonly string[] {
  if (onUncertain === undefined || onUncertain === 'error') return [];
  if (onUncertain !== 'wait') return [`\`onUncertain\` is ${String(onUncertain)}. Give 'error' or 'wait'.`];
  if (effects.includes('once')) return [];
  return [
    'nothing in it takes effect `once`, so nothing can be in doubt. Remove `onUncertain` or correct `effect`.',
  ];
}

function approvalProblems(name: string, { approval }: Tool): readonly string[] {
  if (approval === undefined || approval === 'required' || typeof approval === 'function') return [];
  return [
    `tool \`${name}\`: \`approval\` is ${String(approval)}. Give 'required' or a function of the arguments.`,
  ];
}
