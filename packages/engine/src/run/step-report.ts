import type { AttemptRecord, Json } from '@paceline/gateway';
import type { Failure } from '../define/failure.ts';
import type { StepReport } from './outcome.ts';
import type { PendingStep } from './record.ts';
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
  /** Known cost of the child runs that it started. @default 0 */
  readonly childUsd?: number;
  /** The run that it was. */
  readonly childRunId?: string;
}

/** Tells that a visit ended, and reports on it. */
export function reportEnd(ended: EndedVisit, tell: Tell): StepReport {
  const { pending, result, ms, attempts, childUsd = 0, childRunId } = ended;
  const { step, visit } = pending;
  const costUsd = knownUsd(attempts) + childUsd;
  const report = { step, visit, ms, attempts, ...(childRunId !== undefined && { childRunId }) };
  if ('failure' in result) {
    tell({ type: 'step-error', step, visit, failure: result.failure, ms, costUsd });
    return { ...report, ok: false, failure: result.failure };
  }
  tell({ type: 'step-end', step, visit, output: result.output, ms, costUsd });
  return { ...report, ok: true };
}
