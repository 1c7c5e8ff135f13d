import { deadlineIn, earliest, isAbortReason, isResilienceError, retry } from '@paceline/resilience';
import type { BodyArgs, Effect } from '../define/step.ts';
import { EngineError } from '../errors.ts';
import { idempotencyKey } from './idempotency.ts';
import type { PendingStep } from './record.ts';
import { stopAtDeadline } from './stop-at-deadline.ts';
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

/** What a body is bounded by and known as. */
export type BodyRun = Pick<StepRun, 'context' | 'deadline' | 'stop' | 'item'> & {
  readonly pending: Pick<PendingStep, 'invokeId' | 'visit'>;
};

/**
 * Runs an author's function: bounded even if it ignores its signal, tried again only if its effect allows it, every try
 * under the same idempotency key.
 * @throws EngineError `UNCERTAIN` if a `once` body was cut off: whether it took effect is unknown
 */
export function runBody(body: Body, input: unknown, run: BodyRun): Promise<unknown> {
  const { name, effect, limitMs, toolIndex } = body;
  const attempts = effect === 'once' ? 1 : (body.attempts ?? 1);
  const call: Call = (signal) => body.run(new Args({ input, signal, toolIndex, run }));
  const result =
    attempts === 1 && limitMs === undefined ? runOnce(call, run) : runOften(call, { attempts, limitMs }, run);
  return effect === 'once' ? result.catch((error) => throwUncertain(name, error)) : result;
}

/** The signal of a try that has one of its own. */
type Call = (signal?: AbortSignal) => unknown;

/** One try, stopped together with its visit. A promise by hand, since every step passes here: `async` with `finally` makes three. */
function runOnce(call: Call, run: BodyRun): Promise<unknown> {
  const { stop } = run;
  return new Promise((resolve, reject) => {
    if (stop.reason !== undefined) return reject(stop.reason);
    const timer = stopAtDeadline(run);
    const answered = (answer: unknown): void => {
      timer.cancel();
      resolve(answer);
    };
    const failed = (error: unknown): void => {
      timer.cancel();
      reject(error);
    };
    try {
      Promise.resolve(call()).then(answered, failed);
    } catch (error) {
      return failed(error);
    }
    stop.whenStopped(failed);
  });
}

function runOften(
  call: Call,
  { attempts, limitMs = Number.POSITIVE_INFINITY }: { attempts: number; limitMs?: number | undefined },
  { stop, deadline, context }: BodyRun,
): Promise<unknown> {
  const { clock, random, budget } = context;
  return retry(async (signal) => call(signal), {
    attempts,
    clock,
    random,
    deadline: earliest(deadline, deadlineIn(clock, limitMs)),
    signal: stop.signal,
    budget: budget.retries,
  });
}

interface Try {
  readonly input: unknown;
  /** @default the visit's */
  readonly signal: AbortSignal | undefined;
  readonly toolIndex: number | undefined;
  readonly run: BodyRun;
}

/** A class, so that the signal is made and the key hashed only for a body that reads them. */
class Args implements BodyArgs<unknown> {
  readonly #try: Try;

  constructor(given: Try) {
    this.#try = given;
  }

  get input(): unknown {
    return this.#try.input;
  }

  get signal(): AbortSignal {
    return this.#try.signal ?? this.#try.run.stop.signal;
  }

  get idempotencyKey(): string {
    const { run, toolIndex } = this.#try;
    const { invokeId, visit } = run.pending;
    return idempotencyKey({ runId: run.context.runId, invokeId, visit, toolIndex, item: run.item });
  }
}

/** Passes on what a `once` body threw, unless it was cut off. */
function throwUncertain(name: string, error: unknown): never {
  if (!isTimeout(error)) throw error;
  const message = `\`${name}\` takes effect once and gave no result in time: whether it took effect is unknown, so it is not tried again.`;
  throw new EngineError('UNCERTAIN', message, error);
}

function isTimeout(error: unknown): boolean {
  if (isAbortReason(error)) return error.abortCause === 'deadline';
  return isResilienceError(error) && error.code === 'DEADLINE_EXCEEDED';
}
