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

/** Makes a result of however the work ends. Never rejects. */
export async function resultOf(
  work: () => Promise<unknown>,
  run: Pick<StepRun, 'pending' | 'attempts' | 'childSpends' | 'stopped'>,
): Promise<StepResult> {
  try {
    const output = toJson(await work());
    return { ok: true, output, ...spentBy(run) };
  } catch (error) {
    if (isParked(error)) return { ok: false, wait: error.wait, ...spentBy(run) };
    return { ok: false, failure: stepFailure(error, run.pending.step), ...spentBy(run) };
  }
}

function spentBy({
  attempts,
  childSpends,
  stopped,
}: Pick<StepRun, 'attempts' | 'childSpends' | 'stopped'>): Cost {
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
