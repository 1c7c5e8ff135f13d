import { z } from 'zod';
import { EngineError } from '../errors.ts';
import type { InnerStep, ItemResult, MapFailure, MapStep, StepPolicy } from './step.ts';

export interface MapOptions<F extends MapFailure = MapFailure> extends StepPolicy {
  /** Items at work at the same time, 1 to 64. @default 4 */
  readonly concurrency?: number;
  /** What becomes of it when items fail. @default 'fail' */
  readonly failure?: F;
}

/** Outputs where a failure fails the step, otherwise how each item ended. */
type MapOutput<Output extends z.ZodType, F extends MapFailure> = F extends 'fail'
  ? z.ZodArray<Output>
  : z.ZodType<ItemResult<z.output<Output>>[]>;

/**
 * Does one step with every item of a list, several at a time. Each item is recorded as it ends: after a restart only those that had not ended run
 * again. The items share the step's time, and the run's retries and money.
 * @throws EngineError `WORKFLOW_INVALID` if that is no step, or a `map` itself
 */
export function map<S extends InnerStep, const F extends MapFailure = 'fail'>(
  step: S,
  options: MapOptions<F> = {},
): MapStep<z.ZodArray<S['input']>, MapOutput<S['output'], F>> {
  assertInner(step);
  const { concurrency = 4, failure = 'fail', ...policy } = options;
  // Which of the two it is hangs on an option's value; the types say so.
  const output = (failure === 'fail' ? z.array(step.output) : z.array(itemResult(step.output))) as unknown;
  return {
    ...policy,
    kind: 'map',
    input: z.array(step.input),
    output: output as MapOutput<S['output'], F>,
    step,
    concurrency,
    failure,
  };
}

const INNER: readonly unknown[] = ['classify', 'reason', 'execute', 'code', 'child'];

function assertInner(step: unknown): void {
  const isStep = typeof step === 'object' && step !== null && 'kind' in step;
  if (isStep && INNER.includes(step.kind)) return;
  throw new EngineError(
    'WORKFLOW_INVALID',
    '`map` takes a step made by `classify`, `reason`, `execute`, `code` or `child`. For a list of lists, give it a `child` with a `map`.',
  );
}

function itemResult(output: z.ZodType): z.ZodType {
  return z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), output }),
    z.object({ ok: z.literal(false), failure: z.object({ code: z.string(), message: z.string() }) }),
  ]);
}
