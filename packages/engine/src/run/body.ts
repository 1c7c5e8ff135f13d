import {
  abortable,
  AbortReason,
  deadlineIn,
  earliest,
  isAbortReason,
  isResilienceError,
  remainingMs,
  retry,
} from '@paceline/resilience';
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
  readonly toolIndex?: number | undefined;
  run(args: BodyArgs<unknown>): unknown;
}

/**
 * Runs an author's function: bounded even if it ignores its signal, tried again only if its effect allows it, every try
 * under the same idempotency key.
 * @throws EngineError `UNCERTAIN` if a `once` body was cut off: whether it took effect is unknown
 */
export async function runBody(body: Body, input: unknown, run: StepRun): Promise<unknown> {
  const call = async (signal: AbortSignal) => body.run(argsFor(body, { input, signal }, run));
  const attempts = body.effect === 'once' ? 1 : (body.attempts ?? 1);
  try {
    return attempts === 1 && body.limitMs === undefined
      ? await runOnce(call, run)
      : await runOften(call, { attempts, limitMs: body.limitMs }, run);
  } catch (error) {
    if (body.effect === 'once' && isTimeout(error)) throw uncertain(body.name, error);
    throw error;
  }
}

type Call = (signal: AbortSignal) => Promise<unknown>;

/**
 * One try, under the visit's own controller, which is over with it. Each further controller would cost a tenth of what a
 * step costs.
 */
async function runOnce(call: Call, { controller, deadline, context }: StepRun): Promise<unknown> {
  const { signal } = controller;
  signal.throwIfAborted();
  const leftMs = remainingMs(deadline, context.clock);
  const timer = context.clock.setTimer(leftMs, () => {
    controller.abort(new AbortReason('deadline', `No result within ${Math.round(leftMs)} ms.`));
  });
  try {
    return await abortable(call(signal), signal);
  } finally {
    timer.cancel();
  }
}

function runOften(
  call: Call,
  { attempts, limitMs = Number.POSITIVE_INFINITY }: { attempts: number; limitMs?: number | undefined },
  { controller, deadline, context }: StepRun,
): Promise<unknown> {
  const { clock, random, budget } = context;
  return retry(call, {
    attempts,
    clock,
    random,
    deadline: earliest(deadline, deadlineIn(clock, limitMs)),
    signal: controller.signal,
    budget: budget.retries,
  });
}

function argsFor(
  { toolIndex }: Body,
  { input, signal }: Pick<BodyArgs<unknown>, 'input' | 'signal'>,
  { context, pending }: StepRun,
): BodyArgs<unknown> {
  const { invokeId, visit } = pending;
  return {
    input,
    signal,
    // Hashed only for a body that reads it.
    get idempotencyKey() {
      return idempotencyKey({ runId: context.runId, invokeId, visit, toolIndex });
    },
  };
}

function isTimeout(error: unknown): boolean {
  if (isAbortReason(error)) return error.abortCause === 'deadline';
  return isResilienceError(error) && error.code === 'DEADLINE_EXCEEDED';
}

function uncertain(name: string, cause: unknown): EngineError {
  const message = `\`${name}\` takes effect once and gave no result in time: whether it took effect is unknown, so it is not tried again.`;
  return new EngineError('UNCERTAIN', message, cause);
}
