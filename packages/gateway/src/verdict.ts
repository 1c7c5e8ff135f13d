import { RETRY_COST, TIMEOUT_RETRY_COST } from '@paceline/resilience';
import type { BreakerOutcome } from '@paceline/resilience';
import { retryHintMs, shouldRetry } from './hints.ts';
import { isRecord, readProviderError } from './provider-error.ts';
import type { GatewayErrorCode } from './error-codes.ts';
import type { ProviderError } from './provider-error.ts';

/** What an attempt's failure means for the rest of its call. */
export interface Verdict {
  readonly code: GatewayErrorCode;
  /** Whether trying the same target again makes sense: soon, only when no other target is left, or not in this call. */
  readonly sameTarget: 'yes' | 'last-resort' | 'no';
  /** Whether another target may succeed where this one did not. False stops the call. */
  readonly otherTarget: boolean;
  /** What the target's breaker is told. */
  readonly breaker: BreakerOutcome;
  /** What a retry draws from the retry budgets. */
  readonly retryCost: number;
  /** How long the provider asked us to stay away. */
  readonly hintMs: number | null;
}

/** A provider's answer that is an error: an HTTP status, or a body inside an answer of status 200. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Headers | null;
  /** Parsed JSON, or the text where it is none. */
  readonly body: unknown;
  /** Wall time now, for hints that name a date. */
  readonly epochMs: number;
}

type Meaning = Omit<Verdict, 'code' | 'hintMs'>;

const SICK = { otherTarget: true, breaker: 'failed', retryCost: RETRY_COST } as const;
const FINE = { otherTarget: true, breaker: 'ignored', retryCost: RETRY_COST } as const;

/**
 * The one table of consequences. A sick target (`failed`) is one that would fail others too; rate limits, credentials and
 * the request's own faults never open a breaker. Overload and stalls prefer another target: waiting there costs the most.
 */
const MEANINGS = {
  PROVIDER_UNREACHABLE: { ...SICK, sameTarget: 'yes' },
  PROVIDER_ERROR: { ...SICK, sameTarget: 'yes' },
  PROVIDER_OVERLOADED: { ...SICK, sameTarget: 'last-resort' },
  PROVIDER_STALLED: { ...SICK, sameTarget: 'last-resort', retryCost: TIMEOUT_RETRY_COST },
  PROVIDER_INTERRUPTED: { ...SICK, sameTarget: 'last-resort' },
  PROVIDER_MALFORMED: { ...SICK, sameTarget: 'last-resort' },
  RATE_LIMITED: { ...FINE, sameTarget: 'yes' },
  QUOTA_EXHAUSTED: { ...FINE, sameTarget: 'no' },
  AUTH_REJECTED: { ...FINE, sameTarget: 'no' },
  MODEL_NOT_FOUND: { ...FINE, sameTarget: 'no' },
  CONTEXT_TOO_LARGE: { ...FINE, sameTarget: 'no' },
  CONTENT_FILTERED: { ...FINE, sameTarget: 'no', otherTarget: false },
  PROVIDER_REJECTED: { ...FINE, sameTarget: 'no', otherTarget: false },
  DEADLINE_EXCEEDED: { ...FINE, sameTarget: 'no', otherTarget: false },
  CANCELLED: { ...FINE, sameTarget: 'no', otherTarget: false },
} as const satisfies Partial<Record<GatewayErrorCode, Meaning>>;

/** Codes an attempt can end with. */
export type AttemptErrorCode = keyof typeof MEANINGS;

export function verdictOf(code: AttemptErrorCode, hintMs: number | null = null): Verdict {
  return { code, ...MEANINGS[code], hintMs };
}

interface Rule {
  readonly code: AttemptErrorCode;
  /** Tested against the machine-readable names in the body, joined by blanks. */
  readonly names?: RegExp;
  /** Tested against the message, for providers that say it only there. */
  readonly says?: RegExp;
  readonly but?: Partial<Meaning>;
}

/** First match wins, so what looks like a rate limit but can never succeed comes before the rate limits. */
const RULES: readonly Rule[] = [
  {
    code: 'CONTEXT_TOO_LARGE',
    names: /\b(context_length_exceeded|context_window_exceeded|string_above_max_length)\b/,
    says: /maximum context length|prompt is too long|request too large for|input token count.{0,40}exceeds/i,
  },
  // A limit in bytes, not tokens: no other model takes the request either.
  { code: 'PROVIDER_REJECTED', names: /\brequest_too_large\b/ },
  {
    code: 'CONTENT_FILTERED',
    names: /\b(content_filter|content_policy_violation|responsibleaipolicyviolation)\b/,
  },
  {
    code: 'AUTH_REJECTED',
    names:
      /\b(authentication_error|permission_error|invalid_api_key|api_key_invalid|unauthenticated|permission_denied)\b/,
  },
  {
    code: 'MODEL_NOT_FOUND',
    names: /\b(model_not_found|not_found_error|not_found|deploymentnotfound)\b/,
    says: /model identifier is invalid/i,
  },
  {
    code: 'QUOTA_EXHAUSTED',
    names:
      /\b(insufficient_quota|credit_balance_exhausted|billing_error|enforced_spend_limit_reached|\w+_(spend|usage)_limit_exceeded)\b|perday/,
    says: /credit balance is too low|requires more credits|usage limits?\. please go to plans/i,
  },
  // Gemini uses one sentence for a spent quota and for a rate; a rate comes with the wait.
  { code: 'RATE_LIMITED', names: /\bretryinfo\b/ },
  { code: 'QUOTA_EXHAUSTED', says: /exceeded your current quota/i },
  {
    code: 'PROVIDER_OVERLOADED',
    names:
      /\b(overloaded_error|server_is_overloaded|overloaded|unavailable|throttlingexception|modelnotreadyexception)\b/,
    says: /\boverloaded\b/i,
  },
  {
    code: 'RATE_LIMITED',
    names: /\b(rate_limit_exceeded|rate_limit_error|rate_limited|slow_down|resource_exhausted)\b/,
  },
  // Groq: the model wrote a tool call that does not parse. Another sample may; the target is healthy.
  { code: 'PROVIDER_ERROR', names: /\btool_use_failed\b/, but: { breaker: 'ignored' } },
];

/** A longer wait is no wait: whatever the rule says, the target is out for this call. */
const LONGEST_HINT_MS = 60_000;

/**
 * What a provider's error means. The body's type or code decides first, because statuses lie (a 400 can be a spent budget,
 * a 429 a request that never fits, a 200 an overload); then `x-should-retry`; then the status.
 */
export function judgeAnswer(answer: ErrorAnswer): Verdict & { readonly message: string } {
  const { headers } = answer;
  const error = readProviderError(answer.body);
  const hintMs = retryHintMs({ headers, error, epochMs: answer.epochMs });
  const verdict = byBody(error, headers) ?? byStatus(statusOf(answer, error), headers);
  const barred = shouldRetry(headers) === false || (hintMs ?? 0) > LONGEST_HINT_MS;
  return {
    ...verdict,
    hintMs,
    sameTarget: barred ? 'no' : verdict.sameTarget,
    message: error.message || emptyMessage(answer),
  };
}

function byBody(error: ProviderError, headers: Headers | null): Verdict | null {
  // Bedrock names the error in a header: `ThrottlingException:http://...`.
  const awsName = headers?.get('x-amzn-errortype')?.split(':')[0]?.toLowerCase() ?? '';
  const names = `${error.names.join(' ')} ${awsName}`;
  const rule = RULES.find((each) => each.names?.test(names) || each.says?.test(error.message));
  return rule === undefined ? null : { ...verdictOf(rule.code), ...rule.but };
}

function byStatus(status: number, headers: Headers | null): Verdict {
  if (status === 401 || status === 403) return verdictOf('AUTH_REJECTED');
  if (status === 402) return verdictOf('QUOTA_EXHAUSTED');
  if (status === 404) return verdictOf('MODEL_NOT_FOUND');
  if (status === 413) return verdictOf('CONTEXT_TOO_LARGE');
  if (status === 429) return verdictOf('RATE_LIMITED');
  if (status === 503 || status === 529) return verdictOf('PROVIDER_OVERLOADED');
  if (status === 408 || (status >= 500 && status < 600)) return verdictOf('PROVIDER_ERROR');
  // A conflict, a request that came too early, or one the provider says to send again: not the target's health.
  if (status === 409 || status === 425 || (isClientError(status) && shouldRetry(headers) === true)) {
    return { ...verdictOf('PROVIDER_ERROR'), breaker: 'ignored' };
  }
  if (isClientError(status)) return verdictOf('PROVIDER_REJECTED');
  // A redirect, which is never followed, or a status that does not exist: this base URL is no model API.
  return { ...verdictOf('PROVIDER_ERROR'), sameTarget: 'no', breaker: 'ignored' };
}

const isClientError = (status: number): boolean => status >= 400 && status < 500;

/** An error inside an answer of status 200 counts as the status it names, else as the provider's own fault. */
function statusOf({ status }: ErrorAnswer, error: ProviderError): number {
  if (status < 200 || status > 299) return status;
  return error.statusInBody ?? (error.names.includes('invalid_request_error') ? 400 : 500);
}

/** HTML pages are not quoted: they carry addresses and ray ids, and no meaning. */
function emptyMessage({ status, body }: ErrorAnswer): string {
  return `Answered with status ${status} and ${isRecord(body) ? 'an unknown error body' : 'no readable error'}.`;
}
