import type { Json } from '@paceline/gateway';
import type { Failure } from '../define/failure.ts';
import { stepFailure } from './failure.ts';
import { toJson } from './json.ts';
import type { Wait } from './message.ts';
import { isParked } from './parked.ts';
import type { Cost, Spend } from './spend.ts';
import { sumOfSpends } from './spend.ts';
import type { StepRun } from './step-run.ts';

/** How a visit ended, with the cost that its recorded progress does not hold. */
export type StepResult = Cost & {
  /** What child runs still spend that were stopped and have not come to rest. Does not reject. */
  readonly rest?: Promise<readonly Spend[]>;
} & (
    | { readonly ok: true; readonly output: Json }
    | { readonly ok: false; readonly failure: Failure }
    /** It has not ended: the step rests until a person has answered. */
    | { readonly ok: false; readonly wait: Wait }
  );

/** Makes a result of however the work ends. Never rejects. */
export async function resultOf(
  work: () => Promise<unknown>,
  run: Pick<StepRun, 'pending' | 'attempts' | 'childSpends' | 'rests'>,
): Promise<StepResult> {
  try {
    const output = toJson(await work());
    return { ok: true, output, ...costOf(run), ...restOf(run) };
  } catch (error) {
    if (isParked(error)) return { ok: false, wait: error.wait, ...costOf(run) };
    return { ok: false, failure: stepFailure(error, run.pending.step), ...costOf(run), ...restOf(run) };
  }
}

function restOf({ rests }: Pick<StepRun, 'rests'>): Pick<StepResult, 'rest'> {
  return rests.length === 0 ? {} : { rest: Promise.all(rests) };
}

function costOf({ attempts, childSpends }: Pick<StepRun, 'attempts' | 'childSpends'>): Cost {
  if (childSpends.length === 0) return { attempts };
  return { attempts, childSpend: childSpends.reduce(sumOfSpends) };
}
