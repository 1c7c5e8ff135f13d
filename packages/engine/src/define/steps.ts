import { z } from 'zod';
import type { Classification, ClassifyStep, CodeStep, ExecuteStep, ReasonStep, Tool } from './step.ts';

/** A step without what its constructor fills in. */
type Options<Of, Filled extends keyof Of = never> = Omit<Of, 'kind' | Filled>;

/** What is this? A fast, cheap model picks one of `labels`; the answer is a `Classification`. */
export function classify<Input extends z.ZodType, const Label extends string>(
  options: Options<ClassifyStep<Input, Label>, 'output'>,
): ClassifyStep<Input, Label> {
  return { ...options, kind: 'classify', output: classification(options.labels) };
}

/** What should happen? A strong model answers in the shape of `output`. */
export function reason<Input extends z.ZodType, Output extends z.ZodType>(
  options: Options<ReasonStep<Input, Output>>,
): ReasonStep<Input, Output> {
  return { ...options, kind: 'reason' };
}

/** Do it: a light model calls `tools` until it can answer in the shape of `output`. */
export function execute<Input extends z.ZodType, Output extends z.ZodType>(
  options: Options<ExecuteStep<Input, Output>>,
): ExecuteStep<Input, Output> {
  return { ...options, kind: 'execute' };
}

/** A plain function as a step: a lookup, a write, a message. Its effect decides what a crash may do with it. */
export function code<Input extends z.ZodType, Output extends z.ZodType>(
  options: Options<CodeStep<Input, Output>>,
): CodeStep<Input, Output> {
  return { ...options, kind: 'code' };
}

/** What the model of an `execute` step may call. `input` is validated before `run` sees it. */
export function tool<Input extends z.ZodType, Out>(options: Tool<Input, Out>): Tool<Input, Out> {
  return options;
}

function classification<Label extends string>(labels: readonly Label[]): z.ZodType<Classification<Label>> {
  return z.object({
    label: z.enum(labels),
    confidence: z.number().min(0).max(1).nullable(),
    confidenceSource: z.enum(['logprobs', 'self-reported', 'none']),
  });
}
