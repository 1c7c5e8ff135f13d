/**
 * Every way a gateway call can end badly: the HTTP status a server should send for it, and whether the same request
 * may succeed later. `docs/errors.md` has a section for each.
 */
export const GATEWAY_ERRORS = {
  CONFIG_INVALID: { status: 500, retryable: false },
  REQUEST_INVALID: { status: 400, retryable: false },
  CANCELLED: { status: 499, retryable: false },
  DEADLINE_EXCEEDED: { status: 504, retryable: false },
  SPEND_LIMIT_REACHED: { status: 402, retryable: false },
  LEDGER_FAILED: { status: 503, retryable: true },
  RETRY_BUDGET_SPENT: { status: 503, retryable: true },
  QUEUE_FULL: { status: 503, retryable: true },
  SHED: { status: 503, retryable: true },
  BREAKER_OPEN: { status: 503, retryable: true },
  NO_TARGET_LEFT: { status: 502, retryable: true },
  PROVIDER_UNREACHABLE: { status: 502, retryable: true },
  PROVIDER_STALLED: { status: 504, retryable: true },
  PROVIDER_INTERRUPTED: { status: 502, retryable: true },
  PROVIDER_MALFORMED: { status: 502, retryable: true },
  PROVIDER_ERROR: { status: 502, retryable: true },
  PROVIDER_OVERLOADED: { status: 503, retryable: true },
  RATE_LIMITED: { status: 429, retryable: true },
  QUOTA_EXHAUSTED: { status: 402, retryable: false },
  AUTH_REJECTED: { status: 401, retryable: false },
  MODEL_NOT_FOUND: { status: 404, retryable: false },
  CONTEXT_TOO_LARGE: { status: 413, retryable: false },
  CAPABILITY_MISSING: { status: 422, retryable: false },
  CONTENT_FILTERED: { status: 422, retryable: false },
  PROVIDER_REJECTED: { status: 422, retryable: false },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type GatewayErrorCode = keyof typeof GATEWAY_ERRORS;
