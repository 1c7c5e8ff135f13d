import type { GatewayErrorCode } from './error-codes.ts';
import type { AttemptRecord } from './result.ts';
import type { CapRefusal } from './spend/cap.ts';

const brand = Symbol.for('paceline.gateway.error');

export interface GatewayErrorDetails {
  readonly cause?: unknown;
  readonly attempts?: readonly AttemptRecord[];
  /** HTTP status of the provider's answer, where one was received. */
  readonly status?: number;
  /** When a new try may succeed, in milliseconds from the throw. */
  readonly retryInMs?: number;
  /** The cap that had no room. */
  readonly cap?: CapRefusal;
}

export class GatewayError extends Error {
  readonly [brand] = true;
  override readonly name = 'GatewayError';
  readonly code: GatewayErrorCode;
  readonly attempts: readonly AttemptRecord[];
  readonly status?: number;
  readonly retryInMs?: number;
  /** Which cap was reached, whose it is, what stands on it and when it resets. Only with `SPEND_LIMIT_REACHED`. */
  readonly cap?: CapRefusal;

  constructor(code: GatewayErrorCode, message: string, details: GatewayErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.attempts = details.attempts ?? [];
    if (details.status !== undefined) this.status = details.status;
    if (details.retryInMs !== undefined) this.retryInMs = details.retryInMs;
    if (details.cap !== undefined) this.cap = details.cap;
  }
}

/** Works across duplicate installs of this package, unlike `instanceof`. */
export function isGatewayError(error: unknown): error is GatewayError {
  return typeof error === 'object' && error !== null && brand in error;
}
