import type { AttemptRecord, Json } from '@paceline/gateway';
import type { StepReport } from './outcome.ts';
import type { Failure, PendingStep } from './record.ts';
import { knownUsd } from './spend.ts';
import type { Tell } from './tell.ts';

/** How a visit ended. */
export interface EndedVisit {
  readonly pending: PendingStep;
  readonly result: { readonly output: Json } | { readonly failure: Failure };
  /** How long it worked, in milliseconds; not how long it rested. */
  readonly ms: number;
  /** All of the visit. */
  readonly attempts: readonly AttemptRecord[];
}

/** Tells that a visit ended, and reports on it. */
export function reportEnd({ pending, result, ms, attempts }: EndedVisit, tell: Tell): StepReport {
  const { step, visit } = pending;
  const costUsd = knownUsd(attempts);
  if ('failure' in result) {
    tell({ type: 'step-error', step, visit, failure: result.failure, ms, costUsd });
    return { step, visit, ok: false, ms, attempts, failure: result.failure };
  }
  tell({ type: 'step-end', step, visit, output: result.output, ms, costUsd });
  return { step, visit, ok: true, ms, attempts };
}
