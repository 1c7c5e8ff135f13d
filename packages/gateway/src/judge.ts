import { TIMEOUT_RETRY_COST } from '@paceline/resilience';
import { ERROR_RULES } from './error-rules.ts';
import { retryHintMs, shouldRetry } from './hints.ts';
import { isRecord, readProviderError } from './provider-error.ts';
import { verdictOf } from './verdict.ts';
import type { ErrorRule, ErrorSigns } from './error-rules.ts';
import type { ProviderError } from './provider-error.ts';
import type { Verdict } from './verdict.ts';

/** A provider's answer that is an error: an HTTP status, or a body inside an answer of status 200. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Headers | null;
  /** Parsed JSON, or the text where it is none. */
  readonly body: unknown;
  /** Wall time now, for hints that name a date. */
  readonly epochMs: number;
}

/** A longer wait is no wait: whatever the rule says, the target is out for this call. */
const LONGEST_HINT_MS = 60_000;

/** After this long a target is tried again, whatever its provider said: one failed attempt an hour costs next to nothing. */
const LONGEST_ASIDE_MS = 3_600_000;

/**
 * What a provider's error means. The body's type or code decides first, because statuses lie (a 400 can be a spent budget,
 * a 429 a request that never fits, a 200 an overload); then `x-should-retry`; then the status.
 */
export function judgeAnswer(answer: ErrorAnswer): Verdict & { readonly message: string } {
  const { headers } = answer;
  const error = readProviderError(answer.body);
  const status = statusOf(answer, error);
  const askedMs = retryHintMs({ headers, error, epochMs: answer.epochMs });
  const signs: ErrorSigns = {
    names: [...error.names, ...namesInHeaders(headers)].join(' '),
    message: error.message,
    status,
    hinted: askedMs !== null,
  };
  const verdict = byBody(signs) ?? byStatus(status, headers);
  const message = error.message || emptyMessage(answer);
  return { ...heeding(verdict, askedMs, shouldRetry(headers) === false), message };
}

/** What the provider's own words about waiting and trying again change. */
function heeding(verdict: Verdict, askedMs: number | null, denied: boolean): Verdict {
  const waitingHelps = verdict.sameTarget !== 'no' || verdict.code === 'QUOTA_EXHAUSTED';
  const hintMs = waitingHelps ? askedMs : null;
  const isLong = (hintMs ?? 0) > LONGEST_HINT_MS;
  const barred = verdict.sameTarget !== 'no' && (denied || isLong);
  return {
    ...verdict,
    hintMs,
    asideMs: Math.min(LONGEST_ASIDE_MS, Math.max(verdict.asideMs, isLong ? (hintMs ?? 0) : 0)),
    ...(barred && { sameTarget: 'no', remedy: 'other-target' }),
  };
}

function byBody(signs: ErrorSigns): Verdict | null {
  const rule = ERROR_RULES.find((each) => applies(each, signs));
  return rule === undefined ? null : { ...verdictOf(rule.code), ...rule.but };
}

function applies(rule: ErrorRule, { names, message, status, hinted }: ErrorSigns): boolean {
  if (rule.hinted !== undefined && rule.hinted !== hinted) return false;
  if (rule.at?.(status) === false) return false;
  return rule.names?.test(names) === true || rule.says?.test(message) === true;
}

/** Bedrock names the error in a header: `ThrottlingException:http://...`. */
function namesInHeaders(headers: Headers | null): readonly string[] {
  const name = headers?.get('x-amzn-errortype')?.split(':')[0];
  return name === undefined ? [] : [name.toLowerCase()];
}

function byStatus(status: number, headers: Headers | null): Verdict {
  // Account suspended (Fireworks), or closed to where we are for legal reasons.
  if (status === 401 || status === 403 || status === 412) return verdictOf('AUTH_REJECTED');
  if (status === 451) return { ...verdictOf('AUTH_REJECTED'), remedy: 'other-target' };
  if (status === 402) return verdictOf('QUOTA_EXHAUSTED');
  if (status === 404 || status === 410) return verdictOf('MODEL_NOT_FOUND');
  if (status === 413) return verdictOf('CONTEXT_TOO_LARGE');
  if (status === 429) return verdictOf('RATE_LIMITED');
  if (status === 498 || status === 503 || status === 529) return verdictOf('PROVIDER_OVERLOADED');
  // The model may have worked all that time, and may be paid for it.
  if (status === 408 || status === 504 || status === 524) {
    return { ...verdictOf('PROVIDER_ERROR'), retryCost: TIMEOUT_RETRY_COST };
  }
  if (status === 424 || (status >= 500 && status < 600 && status !== 501)) return verdictOf('PROVIDER_ERROR');
  // A conflict, a lock, a request that came too early or was dropped, or one to send again: not the target's health.
  if (isPassing(status) || (isClientError(status) && shouldRetry(headers) === true)) {
    return { ...verdictOf('PROVIDER_ERROR'), breaker: 'ignored' };
  }
  if (isClientError(status) && !isNoModelApi(status)) return verdictOf('PROVIDER_REJECTED');
  // A redirect, which is never followed, or a status that does not exist: this base URL is no model API.
  return { ...verdictOf('PROVIDER_ERROR'), sameTarget: 'no', remedy: 'other-target', breaker: 'ignored' };
}

const isClientError = (status: number): boolean => status >= 400 && status < 500;
const isPassing = (status: number): boolean => [409, 421, 423, 425, 444, 460, 499].includes(status);
const isNoModelApi = (status: number): boolean => [405, 407, 426].includes(status);

/**
 * The status that an answer means: of an error inside an answer of status 200, or in the answer of a proxy that failed over
 * it, the one its body names. An error that names none is the provider's own fault.
 */
function statusOf({ status }: ErrorAnswer, { statusInBody, names }: ProviderError): number {
  const isOk = status >= 200 && status < 300;
  if (!isOk && !(status >= 500 && status < 600)) return status;
  if (statusInBody !== null) return statusInBody;
  if (!isOk) return status;
  return names.some((name) => /^(?:invalid_request_error|invalid_argument|bad_?request\w*)$/.test(name))
    ? 400
    : 500;
}

/** HTML pages are not quoted: they carry addresses and ray ids, and no meaning. */
function emptyMessage({ status, body }: ErrorAnswer): string {
  return `Answered with status ${status} and ${isRecord(body) ? 'an unknown error body' : 'no readable error'}.`;
}
