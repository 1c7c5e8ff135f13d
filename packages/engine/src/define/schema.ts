import type { AnswerFormat, Json, JsonSchema, ToolSpec } from '@paceline/gateway';
import { z } from 'zod';
import type { Classification, ClassifyStep, ExecuteStep, ModelStep } from './step.ts';

/** A value that fits its schema, or what is wrong with it in one line: fit to show to a model or a person. */
export type Checked<T = unknown> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string };

/**
 * Validates `value`. Never throws: a schema that does (it is asynchronous, or a refinement of it trips over the value) is
 * a problem too.
 */
export function check<Out>(schema: z.ZodType<Out>, value: unknown): Checked<Out> {
  try {
    const parsed = schema.safeParse(value);
    if (parsed.success) return { ok: true, value: parsed.data };
    return { ok: false, problem: findings(parsed.error) };
  } catch (error) {
    return { ok: false, problem: `The schema threw: ${reasonOf(error)}` };
  }
}

/** A value can be wrong in a thousand places; the first few are enough to mend it, and a repair turn pays for each. */
const MOST_FINDINGS = 5;

/** `item.amount: expected number, received string; reply: ...` */
function findings({ issues }: z.ZodError): string {
  const told = issues.slice(0, MOST_FINDINGS).map(({ path, message }) => {
    const place = path.length === 0 ? '' : `${z.core.toDotPath(path)}: `;
    return `${place}${message.replace(/^Invalid (?:input|option): /, '')}`;
  });
  const more = issues.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

/** How the model of a step is asked to answer, and how its text becomes the step's output. */
export interface AnswerSchema {
  readonly format: AnswerFormat;
  /** Reads a whole answer. Model output is hostile input: everything is validated, nothing is trusted. */
  parse(text: string): Checked;
}

const answerSchemas = new WeakMap<ModelStep, AnswerSchema>();

/**
 * The answer schema of a step, built once (when the workflow is defined). Prose is asked for as text, every other shape
 * as JSON. Providers insist on an object at the root, so any other root travels as `{ "answer": … }`.
 * @throws Error if the output has no JSON Schema (dates, maps, custom types); the definition lint reports it.
 */
export function answerSchema(step: ModelStep): AnswerSchema {
  const known = answerSchemas.get(step);
  if (known) return known;
  const made = step.kind === 'classify' ? classificationAnswer(step) : shapedAnswer(step.output);
  answerSchemas.set(step, made);
  return made;
}

const toolSpecs = new WeakMap<ExecuteStep, readonly ToolSpec[]>();

/** The tools of a step as a model sees them, built once. @throws Error if an input has no JSON Schema */
export function toolSpecsOf(step: ExecuteStep): readonly ToolSpec[] {
  const known = toolSpecs.get(step);
  if (known) return known;
  const made = Object.entries(step.tools).map(([name, tool]) => ({
    name,
    description: tool.description,
    inputSchema: jsonSchema(tool.input),
  }));
  toolSpecs.set(step, made);
  return made;
}

function classificationAnswer(step: ClassifyStep): AnswerSchema {
  // No range on `confidence`: a label with an odd confidence is still an answer, and some providers refuse ranges.
  const answer = z.object({
    label: z.enum(step.labels),
    confidence: z.number().describe('How sure you are, from 0 to 1'),
  });
  const lenient = answer.extend({ confidence: z.unknown().optional() });
  return {
    format: { type: 'json', name: 'classification', schema: jsonSchema(answer) },
    parse: (text) => {
      const checked = checkJson(lenient, text);
      if (!checked.ok) return checked;
      return { ok: true, value: toClassification(checked.value.label, checked.value.confidence) };
    },
  };
}

function toClassification(label: string, confidence: unknown): Classification {
  const usable = typeof confidence === 'number' && confidence >= 0 && confidence <= 1;
  return usable
    ? { label, confidence, confidenceSource: 'self-reported' }
    : { label, confidence: null, confidenceSource: 'none' };
}

function shapedAnswer(output: z.ZodType): AnswerSchema {
  const schema = jsonSchema(output);
  if (schema.type === 'object') {
    return {
      format: { type: 'json', name: 'answer', schema },
      parse: (text) => checkJson(output, text),
    };
  }
  if (isProse(schema)) {
    return { format: { type: 'text' }, parse: (text) => check(output, text) };
  }
  const wrapped = z.object({ answer: output });
  return {
    format: { type: 'json', name: 'answer', schema: jsonSchema(wrapped) },
    parse: (text) => {
      const checked = checkJson(wrapped, text);
      return checked.ok ? { ok: true, value: checked.value.answer } : checked;
    },
  };
}

/** Text of any kind. A text of a certain form (one of a list, a date) is asked for as JSON, where the form can be told. */
function isProse(schema: JsonSchema): boolean {
  return schema.type === 'string' && !['enum', 'const', 'format', 'pattern'].some((form) => form in schema);
}

function checkJson<Out>(schema: z.ZodType<Out>, text: string): Checked<Out> {
  let value: Json;
  try {
    value = JSON.parse(withoutFence(text));
  } catch (error) {
    return { ok: false, problem: `The answer is not JSON: ${reasonOf(error)}` };
  }
  return check(schema, value);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Models without structured output like to wrap JSON in a Markdown code fence. */
function withoutFence(text: string): string {
  const trimmed = text.trim();
  const opening = trimmed.indexOf('\n');
  const fenced = trimmed.startsWith('```') && trimmed.endsWith('```') && opening !== -1;
  return fenced ? trimmed.slice(opening + 1, -'```'.length) : text;
}

/** JSON Schema (draft-07) of what a model must write, before defaults and transforms. Objects are closed: OpenAI insists on it. */
function jsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema: node }) => {
      if (node.type === 'object' && node.properties) node.additionalProperties ??= false;
    },
  });
  return json as JsonSchema;
}
