import { judgeAnswer } from './judge.ts';
import { isRecord, parseBody, saysError } from './provider-error.ts';
import { verdictOf } from './verdict.ts';
import type { Collected } from './collect.ts';
import type { ErrorAnswer } from './judge.ts';
import type { AttemptErrorCode, Verdict } from './verdict.ts';
import type { Evidence } from './wire/evidence.ts';

/** How an attempt went wrong: what it means, and what to say about it (not yet redacted). */
export interface Diagnosis {
  readonly verdict: Verdict;
  readonly message: string;
}

export interface Symptoms {
  /** What the adapter threw; undefined if its stream ended by itself. */
  readonly error: unknown;
  readonly evidence: Readonly<Evidence>;
  readonly collected: Collected;
  /** False for a model of the user's own: its stream passed unread, so its `finish` part has to be believed. */
  readonly tapped: boolean;
  readonly epochMs: number;
}

/**
 * `null` when the answer is complete: the provider's own stop reason was seen in the bytes, whatever the adapter made of
 * them. Otherwise what went wrong, by the best evidence there is: what the provider said, then what the connection did,
 * then what the adapter thought of it.
 */
export function diagnose(symptoms: Symptoms): Diagnosis | null {
  return said(symptoms) ?? broke(symptoms) ?? unreadable(symptoms) ?? unfinished(symptoms);
}

/** The provider answered with an error: by status, or in a body or an event of status 200. */
function said({ error, evidence, epochMs }: Symptoms): Diagnosis | null {
  const { status, headers, inBandError } = evidence;
  if (inBandError !== undefined) return answered({ status: 200, headers, body: inBandError, epochMs });
  if (status !== null) {
    const body = evidence.body === null ? null : parseBody(evidence.body);
    const isError = status < 200 || status > 299 || saysError(body);
    return isError ? answered({ status, headers, body, epochMs }) : null;
  }
  // A model of the user's own, on a connection of its own: the AI SDK's errors carry the answer.
  if (!isRecord(error) || typeof error.statusCode !== 'number') return null;
  const body = parseBody(typeof error.responseBody === 'string' ? error.responseBody : '');
  return answered({ status: error.statusCode, headers: headersOf(error.responseHeaders), body, epochMs });
}

/** Headers of an object that may be no such thing. */
function headersOf(value: unknown): Headers | null {
  try {
    return isRecord(value) ? new Headers(value as Record<string, string>) : null;
  } catch {
    return null;
  }
}

function answered(answer: ErrorAnswer): Diagnosis {
  const { message, ...verdict } = judgeAnswer(answer);
  return { verdict, message };
}

function broke({ error, evidence, tapped }: Symptoms): Diagnosis | null {
  if (evidence.broken) return found('PROVIDER_INTERRUPTED', 'The connection broke mid-answer.');
  if (evidence.overrun !== null) return found('PROVIDER_MALFORMED', evidence.overrun);
  if (!evidence.sent && tapped && error !== undefined) {
    // The adapter cannot express this request for its provider; another one may.
    const refused = found('PROVIDER_REJECTED', messageOf(error));
    return { ...refused, verdict: { ...refused.verdict, otherTarget: true } };
  }
  if (evidence.sent && evidence.status === null) return found('PROVIDER_UNREACHABLE', messageOf(error));
  return null;
}

function unreadable({ error, evidence, tapped }: Symptoms): Diagnosis | null {
  if (evidence.body !== null) return found('PROVIDER_MALFORMED', 'Answered without a stream of events.');
  if (error === undefined) return null;
  if (!tapped) return found('PROVIDER_ERROR', messageOf(error));
  const cutShort = evidence.ended && evidence.stopReason === null && !isParseError(error);
  return cutShort
    ? null
    : found('PROVIDER_MALFORMED', `The answer is not what its format promises (${nameOf(error)}).`);
}

function unfinished({ evidence, collected: { finish }, tapped }: Symptoms): Diagnosis | null {
  const stopped = tapped
    ? evidence.stopReason !== null
    : finish?.unified !== 'other' || finish.raw !== undefined;
  if (!stopped || finish === null || finish.unified === 'interrupted') {
    return found('PROVIDER_INTERRUPTED', 'The answer ended before the model had finished.');
  }
  if (finish.unified === 'content-filter')
    return found('CONTENT_FILTERED', `Stopped by a filter: ${finish.raw ?? ''}`);
  if (finish.unified === 'error') {
    // E.g. Gemini's MALFORMED_FUNCTION_CALL: another sample may do, and the target is healthy.
    const failed = found('PROVIDER_ERROR', `The model stopped with an error: ${finish.raw ?? 'unknown'}`);
    return { ...failed, verdict: { ...failed.verdict, breaker: 'ignored' } };
  }
  return null;
}

function found(code: AttemptErrorCode, message: string): Diagnosis {
  return { verdict: verdictOf(code), message };
}

/** The AI SDK's names for an event that is not JSON, or not the JSON the format promises. */
function isParseError(error: unknown): boolean {
  return isRecord(error) && (error.name === 'AI_JSONParseError' || error.name === 'AI_TypeValidationError');
}

/** Not its message: those of the AI SDK quote the answer. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'The adapter failed without saying why.';
}
