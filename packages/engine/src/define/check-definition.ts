import { EngineError } from '../errors.ts';

const KINDS: readonly unknown[] = ['classify', 'reason', 'execute', 'code', 'child', 'map'];

/**
 * The shape of a definition. The types say the same, but a workflow file is run without having been type-checked.
 * @throws EngineError `WORKFLOW_INVALID` that lists what is missing, with the mend
 */
export function assertDefinition(definition: unknown): void {
  const problems = definitionProblems(fieldsOf(definition));
  if (problems.length === 0) return;
  const list = problems.map((problem) => `\n  - ${problem}`).join('');
  throw new EngineError('WORKFLOW_INVALID', `\`setupWorkflow\` cannot use this definition:${list}`);
}

type Fields = Readonly<Record<string, unknown>>;

function definitionProblems(fields: Fields): readonly string[] {
  const { id, version, migrate, input, output, context, budget, steps, signals } = fields;
  return [
    ...(typeof id === 'string' ? [] : ["`id` is missing. Name the workflow, e.g. `id: 'support'`."]),
    ...(version === undefined || (typeof version === 'string' && version !== '')
      ? []
      : ["`version` is no text. Count as you like, e.g. `version: '2'`."]),
    ...Object.entries(fieldsOf(migrate)).flatMap(([from, migration]) =>
      migration === 'compatible' || typeof migration === 'function'
        ? []
        : [
            `\`migrate['${from}']\` is no migration. Give \`'compatible'\` or \`({ state, context }) => ({ state, context })\`.`,
          ],
    ),
    ...Object.entries({ input, output, context }).flatMap(([name, schema]) =>
      isSchema(schema)
        ? []
        : [`\`${name}\` is no schema. Give a zod schema, e.g. \`${name}: z.object({ ... })\`.`],
    ),
    ...(typeof fieldsOf(budget)['totalMs'] === 'number'
      ? []
      : [
          '`budget.totalMs` is missing. Give a run its time in milliseconds, e.g. `budget: { totalMs: 8_000 }`.',
        ]),
    ...stepProblems(fieldsOf(steps)),
    ...Object.entries(fieldsOf(signals)).flatMap(([name, schema]) =>
      isSchema(schema)
        ? []
        : [`\`signals.${name}\` is no schema. Give a zod schema, e.g. \`${name}: z.object({ ... })\`.`],
    ),
  ];
}

function stepProblems(steps: Fields): readonly string[] {
  if (Object.keys(steps).length === 0) {
    return [
      '`steps` is missing. Give at least one step, made by `classify`, `reason`, `execute`, `code`, `child` or `map`.',
    ];
  }
  return Object.entries(steps).flatMap(([name, step]) => {
    const { kind, input, output } = fieldsOf(step);
    if (!KINDS.includes(kind)) {
      return [
        `\`steps.${name}\` is no step. Make it with \`classify\`, \`reason\`, \`execute\`, \`code\`, \`child\` or \`map\`.`,
      ];
    }
    return Object.entries({ input, output }).flatMap(([field, schema]) =>
      isSchema(schema) ? [] : [`\`steps.${name}.${field}\` is no schema. Give a zod schema.`],
    );
  });
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function isSchema(value: unknown): boolean {
  return typeof fieldsOf(value)['safeParse'] === 'function';
}
