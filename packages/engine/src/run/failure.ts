import { createRedactor, isGatewayError } from '@paceline/gateway';
import { isAbortReason, isResilienceError } from '@paceline/resilience';
import type { Failure } from '../define/failure.ts';
import { isEngineError } from '../errors.ts';

/** Carries a failure that has its code from elsewhere: from a child run, from an item. Never leaves the step. */
export class CarriedFailure extends Error {
  readonly kind = 'carried-failure';
  readonly code: Failure['code'];

  constructor({ code, message }: Pick<Failure, 'code' | 'message'>) {
    super(message);
    this.code = code;
  }
}

/** Removes what looks like a secret from the words of authors' code; what is known to be one is refused where it would be recorded. */
const guessing = createRedactor({ secrets: () => [] });

/** What a step threw, as the machine and the journal are to see it. */
export function stepFailure(error: unknown, step: string): Failure {
  return { code: codeOf(error), message: guessing.text(messageOf(error)), step };
}

function codeOf(error: unknown): Failure['code'] {
  if (isEngineError(error) || isGatewayError(error) || isResilienceError(error)) return error.code;
  if (isCarried(error)) return error.code;
  if (isAbortReason(error)) return error.abortCause === 'deadline' ? 'DEADLINE_EXCEEDED' : 'CANCELLED';
  return 'STEP_FAILED';
}

function isCarried(error: unknown): error is CarriedFailure {
  return error instanceof Error && 'kind' in error && error.kind === 'carried-failure';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
