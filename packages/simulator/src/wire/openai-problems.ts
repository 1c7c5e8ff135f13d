import type { Allowance, ErrorReply, Problem, ProblemKind } from './wire.ts';
import type { JsonObject } from '../json.ts';

const PROBLEMS: Record<ProblemKind, { status: number; type: string; code: string | null; message: string }> =
  {
    'invalid-request': {
      status: 400,
      type: 'invalid_request_error',
      code: null,
      message: 'Invalid request.',
    },
    auth: {
      status: 401,
      type: 'invalid_request_error',
      code: 'invalid_api_key',
      message: 'Incorrect API key provided.',
    },
    'not-found': { status: 404, type: 'invalid_request_error', code: null, message: 'Unknown request URL.' },
    'model-not-found': {
      status: 404,
      type: 'invalid_request_error',
      code: 'model_not_found',
      message: 'The model does not exist or you do not have access to it.',
    },
    'too-large': {
      status: 413,
      type: 'invalid_request_error',
      code: null,
      message: 'Request body is too large.',
    },
    'context-too-large': {
      status: 400,
      type: 'invalid_request_error',
      code: 'context_length_exceeded',
      message:
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 8227 tokens. Please reduce the length of the messages.",
    },
    'content-filter': {
      status: 400,
      type: 'invalid_request_error',
      code: 'content_policy_violation',
      message: 'Your request was rejected as a result of our safety system.',
    },
    prefill: {
      status: 400,
      type: 'invalid_request_error',
      code: 'invalid_prefill',
      message:
        'This model does not support assistant message prefill. The conversation must end with a user message.',
    },
    'rate-limit': {
      status: 429,
      type: 'requests',
      code: 'rate_limit_exceeded',
      message: 'Rate limit reached for requests per min (RPM).',
    },
    quota: {
      status: 429,
      type: 'insufficient_quota',
      code: 'insufficient_quota',
      message: 'You exceeded your current quota, please check your plan and billing details.',
    },
    internal: {
      status: 500,
      type: 'server_error',
      code: null,
      message: 'The server had an error while processing your request. Sorry about that!',
    },
    overloaded: {
      status: 503,
      type: 'server_error',
      code: null,
      message: 'That model is currently overloaded with other requests. You can retry your request.',
    },
    unavailable: {
      status: 503,
      type: 'server_error',
      code: null,
      message: 'The service is temporarily unavailable.',
    },
  };

export function openaiError(problem: Problem): ErrorReply {
  const { retryAfterMs = 0 } = problem;
  const hints = {
    'retry-after-ms': String(Math.ceil(retryAfterMs)),
    'retry-after': String(Math.ceil(retryAfterMs / 1_000)),
  };
  return {
    status: PROBLEMS[problem.kind].status,
    headers: retryAfterMs > 0 ? hints : {},
    body: JSON.stringify(openaiErrorBody(problem)),
  };
}

export function openaiErrorBody(problem: Problem): JsonObject {
  const { type, code, message } = problem.of === 'tokens' ? TOO_MANY_TOKENS : PROBLEMS[problem.kind];
  return { error: { message: problem.message ?? message, type, param: null, code } };
}

const TOO_MANY_TOKENS = {
  type: 'tokens',
  code: 'rate_limit_exceeded',
  message: 'Rate limit reached for tokens per min (TPM).',
};

export function openaiRateLimitHeaders(allowances: readonly Allowance[]): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const { of, limit, remaining, fullInMs } of allowances) {
    headers[`x-ratelimit-limit-${of}`] = String(limit);
    headers[`x-ratelimit-remaining-${of}`] = String(remaining);
    headers[`x-ratelimit-reset-${of}`] = goDuration(fullInMs);
  }
  return headers;
}

/** As Go writes a duration: `2ms`, `17.4s`, `6m0s`. */
function goDuration(ms: number): string {
  const whole = Math.ceil(ms);
  if (whole < 1_000) return whole === 0 ? '0s' : `${whole}ms`;
  const minutes = Math.floor(whole / 60_000);
  return `${minutes === 0 ? '' : `${minutes}m`}${(whole % 60_000) / 1_000}s`;
}
