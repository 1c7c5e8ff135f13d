import { deadlineIn, earliest, isResilienceError, retry } from '@paceline/resilience';
import type { BodyArgs, Effect } from '../define/step.ts';
import { EngineError } from '../errors.ts';
import { idempotencyKey } from './idempotency.ts';
import type { StepRun } from './step-run.ts';

/** What a code step and a tool have in common. */
export interface Body {
  readonly name: string;
  readonly effect: Effect;
  readonly attempts?: number | undefined;
  /** Limit for all attempts together, in milliseconds. @default what the step leaves */
  readonly limitMs?: number | undefined;
  /** Which tool call of the visit it is; absent for a code step. */
  readonly toolIndex?: number;
  run(args: BodyArgs<unknown>): unknown;
}

/**
 * Runs an author's function: bounded even if it ignores its signal, tried again only if its effect allows it, every try
 * under the same idempotency key.
 * @throws EngineError `UNCERTAIN` if a `once` body was cut off: whether it took effect is unknown
 */
export async function runBody(body: Body, input: unknown, run: StepRun): Promise<unknown> {
  const { runId, clock, random, signal, budget, pending } = run;
  const { effect, toolIndex } = body;
  const deadline =
    body.limitMs === undefined ? run.deadline : earliest(run.deadline, deadlineIn(clock, body.limitMs));
  const identity = { runId, invokeId: pending.invokeId, visit: pending.visit };
  const key = idempotencyKey(toolIndex === undefined ? identity : { ...identity, toolIndex });
  try {
    return await retry(async (own) => body.run({ input, signal: own, idempotencyKey: key }), {
      attempts: effect === 'once' ? 1 : (body.attempts ?? 1),
      clock,
      random,
      deadline,
      signal,
      budget: budget.retries,
    });
  } catch (error) {
    if (effect !== 'once' || !isResilienceError(error) || error.code !== 'DEADLINE_EXCEEDED') throw error;
    throw new EngineError(
      'UNCERTAIN',
      `\`${body.name}\` gave no result in time. It takes effect once, so it is not tried again; whether it did is unknown.`,
      error,
    );
  }
}
