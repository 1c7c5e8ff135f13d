import type { Json } from '@paceline/gateway';
import type { Failure } from '../define/failure.ts';
import { stepFailure } from './failure.ts';
import { toJson } from './json.ts';
import type { Wait } from './message.ts';
import { isParked } from './parked.ts';
import type { Cost } from './spend.ts';
import { sumOfSpends } from './spend.ts';
import type { StepRun } from './step-run.ts';

/** How a visit ended, with the cost that its recorded progress does not hold. */
export type StepResult = Cost &
  (
    | { readonly ok: true; readonly output: Json }
    | { readonly ok: false; readonly failure: Failure }
    /** It has not ended: the step rests until a person has answered. */
    | { readonly ok: false; readonly wait: Wait }
  );

type Spending = Pick<StepRun, 'pending' | 'attempts' | 'childSpends' | 'stopped'>;

/** Makes a result of however the work ends. Never rejects. Not `async`, as every step passes here. */
export function resultOf(work: () => Promise<unknown>, run: Spending): Promise<StepResult> {
  const failed = (error: unknown): StepResult => failedResult(error, run);
  try {
    return work().then((output) => doneResult(output, run), failed);
  } catch (error) {
    return Promise.resolve(failed(error));
  }
}

function doneResult(output: unknown, run: Spending): StepResult {
  try {
    return { ok: true, output: toJson(output), ...spentBy(run) };
  } catch (error) {
    return failedResult(error, run);
  }
}

function failedResult(error: unknown, run: Spending): StepResult {
  if (isParked(error)) return { ok: false, wait: error.wait, ...spentBy(run) };
  return { ok: false, failure: stepFailure(error, run.pending.step), ...spentBy(run) };
}

function spentBy({ attempts, childSpends, stopped }: Spending): Cost {
  if (childSpends.length === 0 && stopped.length === 0) return { attempts };
  return {
    attempts,
    ...(childSpends.length > 0 && { childSpend: childSpends.reduce(sumOfSpends) }),
    ...(stopped.length > 0 && { stopped }),
  };
}

/** Of a result, what it has cost. */
export function costOf({ attempts, childSpend, stopped }: StepResult): Cost {
  if (childSpend === undefined && stopped === undefined) return { attempts };
  return {
    attempts,
    ...(childSpend !== undefined && { childSpend }),
    ...(stopped !== undefined && { stopped }),
  };
}
