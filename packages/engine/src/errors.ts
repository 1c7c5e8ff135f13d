const brand = Symbol.for('paceline.engine.error');

/** Every way the engine itself ends something badly. Gateway codes (`docs/errors.md`) pass through unchanged. */
export const ENGINE_ERRORS = {
  WORKFLOW_INVALID: { retryable: false },
  INPUT_INVALID: { retryable: false },
  STEP_INPUT_INVALID: { retryable: false },
  STEP_FAILED: { retryable: false },
  ANSWER_INVALID: { retryable: false },
  OUTPUT_INVALID: { retryable: false },
  TOOL_LIMIT_REACHED: { retryable: false },
  UNCERTAIN: { retryable: false },
  DEADLINE_EXCEEDED: { retryable: false },
  DEADLINE_INFEASIBLE: { retryable: false },
  NO_USABLE_TARGET: { retryable: true },
  SPEND_LIMIT_REACHED: { retryable: false },
  RUN_FAILED: { retryable: false },
  MACHINE_FAILED: { retryable: false },
  VISIT_LIMIT_REACHED: { retryable: false },
  COMPENSATION_FAILED: { retryable: false },
  CANCELLED: { retryable: false },
  RUN_UNKNOWN: { retryable: false },
  RUN_EXISTS: { retryable: false },
  FENCED: { retryable: false },
  ENGINE_BUSY: { retryable: true },
  ENGINE_CLOSED: { retryable: true },
  JOURNAL_UNUSABLE: { retryable: false },
  JOURNAL_FAILED: { retryable: true },
  JOURNAL_DAMAGED: { retryable: false },
  CHILD_TOO_DEEP: { retryable: false },
  FORK_INVALID: { retryable: false },
  WORKFLOW_CHANGED: { retryable: false },
  RUN_OWNED: { retryable: true },
  SIGNAL_INVALID: { retryable: false },
  MAILBOX_FULL: { retryable: true },
  RUN_ENDED: { retryable: false },
  NOT_WAITING: { retryable: false },
  SECRET_IN_STATE: { retryable: false },
  VALUE_TOO_LARGE: { retryable: false },
} as const satisfies Record<string, { retryable: boolean }>;

export type EngineErrorCode = keyof typeof ENGINE_ERRORS;

export class EngineError extends Error {
  readonly [brand] = true;
  override readonly name = 'EngineError';
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Works across duplicate installs of this package, unlike `instanceof`. */
export function isEngineError(error: unknown): error is EngineError {
  return typeof error === 'object' && error !== null && brand in error;
}
