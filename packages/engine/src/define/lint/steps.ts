import { answerSchema, toolSpecsOf } from '../schema.ts';
import type { AttemptLimits } from '@paceline/gateway';
import type { ClassifyStep, CodeStep, Effect, ExecuteStep, ModelStep, Step } from '../step.ts';
import { peopleProblems } from './people.ts';
import { mapProblems } from './maps.ts';
import { NAME, NAME_RULE, isEveryObjects } from './subject.ts';
import type { Rule } from './subject.ts';

/** The workflow's id, budget and steps. */
export const lintDefinition: Rule = ({ definition: { id, budget, steps } }) => [
  ...nameProblems('the workflow id', id),
  ...positive('budget.totalMs', budget.totalMs),
  ...positive('budget.usd', budget.usd),
  ...(['counts', 'free', undefined].includes(budget.waiting)
    ? []
    : [`\`budget.waiting\` is ${budget.waiting}. Give \`counts\` or \`free\`.`]),
  ...Object.entries(steps).flatMap(([name, step]) => [
    ...nameProblems('the step name', name),
    ...(isEveryObjects(name)
      ? [`\`${name}\` will not do as the step name: every JavaScript object has that. Choose another.`]
      : []),
    ...stepProblems(step).map((problem) => `In step \`${name}\`: ${problem}`),
  ]),
];

function stepProblems(step: Step): readonly string[] {
  const problems = [
    ...positive('totalMs', step.totalMs),
    ...positive('expectedMs', step.expectedMs),
    ...count('maxVisits', step.maxVisits, Number.MAX_SAFE_INTEGER),
  ];
  if (step.expectedMs !== undefined && step.totalMs !== undefined && step.expectedMs > step.totalMs) {
    problems.push(
      `it is expected to take ${step.expectedMs} ms but may take ${step.totalMs} ms. Raise \`totalMs\` or lower \`expectedMs\`.`,
    );
  }
  switch (step.kind) {
    case 'classify':
      return [...problems, ...modelProblems(step), ...labelProblems(step)];
    case 'reason':
      return [...problems, ...modelProblems(step)];
    case 'execute':
      return [
        ...problems,
        ...modelProblems(step),
        ...toolProblems(step),
        ...compensationProblems(step),
        ...peopleProblems(step),
      ];
    case 'code':
      return [...problems, ...attemptProblems(step), ...compensationProblems(step), ...peopleProblems(step)];
    case 'child':
      return problems;
    case 'map':
      return [
        ...problems,
        ...mapProblems(step),
        ...stepProblems(step.step).map((problem) => `its items: ${problem}`),
      ];
  }
}

function modelProblems(step: ModelStep): readonly string[] {
  const limits: AttemptLimits = step.limits ?? {};
  return [
    ...Object.entries(limits).flatMap(([name, limit]) => positive(`limits.${name}`, limit)),
    ...count('maxOutputTokens', step.maxOutputTokens, Number.MAX_SAFE_INTEGER),
    ...(step.temperature === undefined || (step.temperature >= 0 && step.temperature <= 2)
      ? []
      : [`\`temperature\` is ${step.temperature}. Give a number from 0 to 2.`]),
    ...(step.kind === 'classify' ? [] : shownToModel('output', () => answerSchema(step))),
  ];
}

function labelProblems({ labels }: ClassifyStep): readonly string[] {
  const problems: string[] = [];
  if (labels.length < 2) problems.push('there is nothing to choose. Give at least two `labels`.');
  if (labels.some((label) => label.trim() === '')) problems.push('a label is empty. Name or remove it.');
  for (const label of repeated(labels)) problems.push(`the label \`${label}\` stands twice. Remove one.`);
  return problems;
}

function toolProblems(step: ExecuteStep): readonly string[] {
  return [
    ...count('maxToolCalls', step.maxToolCalls, 100),
    ...Object.entries(step.tools).flatMap(([name, tool]) => [
      ...nameProblems('the tool name', name),
      ...[
        ...(tool.description.trim() === ''
          ? ['it has no description. Say when the model should call it.']
          : []),
        ...positive('toolMs', tool.toolMs),
        ...attemptProblems(tool),
      ].map((problem) => `tool \`${name}\`: ${problem}`),
    ]),
    ...shownToModel('tools', () => toolSpecsOf(step)),
  ];
}

function attemptProblems({
  effect,
  attempts,
}: {
  readonly effect: Effect;
  readonly attempts?: number;
}): readonly string[] {
  if (effect === 'once' && attempts !== undefined && attempts !== 1) {
    return [
      `its effect is \`once\` but it may be tried ${attempts} times. Leave \`attempts\` out, or make the effect \`idempotent\`.`,
    ];
  }
  return count('attempts', attempts, 20);
}

function compensationProblems(step: ExecuteStep | CodeStep): readonly string[] {
  const { compensateAttempts, compensateMs } = step;
  const problems = [
    ...count('compensateAttempts', compensateAttempts, 20),
    ...positive('compensateMs', compensateMs),
  ];
  if (step.compensate === undefined) {
    return compensateAttempts === undefined && compensateMs === undefined
      ? problems
      : [...problems, 'it says how to compensate but has no `compensate`. Add it, or remove the rest.'];
  }
  if (step.kind === 'code' && step.effect === 'pure') {
    problems.push(
      'its effect is `pure`, so there is nothing to undo. Remove `compensate` or correct `effect`.',
    );
  }
  return problems;
}

/** Models are shown JSON Schema, which cannot say everything that zod can. */
function shownToModel(part: string, show: () => unknown): readonly string[] {
  try {
    show();
    return [];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [
      `\`${part}\` cannot be shown to a model: ${reason}. Use a JSON type, such as an ISO string for a date.`,
    ];
  }
}

function nameProblems(what: string, name: string): readonly string[] {
  return NAME.test(name) ? [] : [`\`${name}\` will not do as ${what}. ${NAME_RULE}`];
}

function positive(name: string, value: number | undefined): readonly string[] {
  const fits = value === undefined || (Number.isFinite(value) && value > 0);
  return fits ? [] : [`\`${name}\` is ${value}. Give a number above 0.`];
}

function count(name: string, value: number | undefined, max: number): readonly string[] {
  const fits = value === undefined || (Number.isInteger(value) && value >= 1 && value <= max);
  return fits ? [] : [`\`${name}\` is ${value}. Give a whole number from 1 to ${max}.`];
}

function repeated(values: readonly string[]): ReadonlySet<string> {
  return new Set(values.filter((value, index) => values.indexOf(value) !== index));
}
