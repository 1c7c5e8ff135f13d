import type { EngineErrorCode } from '../errors.ts';

/** A failure as plain data: what is recorded and what the machine sees in `event.error`. */
export interface Failure {
  readonly code: EngineErrorCode | (string & {});
  readonly message: string;
  /** The step that failed, where one did. */
  readonly step?: string;
}

/** True for what the engine hands a machine in `event.error`. */
export function isFailure(error: unknown): error is Failure {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string' &&
    'message' in error &&
    typeof error.message === 'string'
  );
}

/**
 * The failure behind an `onError`, whose `event.error` XState leaves unknown. Route on its code:
 * `guard: ({ event }) => failureOf(event.error).code === 'DEADLINE_INFEASIBLE'`. Anything else, such as an exception of a
 * `provide`d actor, is a `STEP_FAILED` with its message.
 */
export function failureOf(error: unknown): Failure {
  if (isFailure(error)) return error;
  return { code: 'STEP_FAILED', message: error instanceof Error ? error.message : String(error) };
}
