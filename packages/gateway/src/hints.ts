import { parseEpochMs } from '@paceline/resilience';
import type { ProviderError } from './provider-error.ts';

export interface HintSources {
  readonly headers: Headers | null;
  readonly error: ProviderError;
  /** Wall time now, for hints that name a date. */
  readonly epochMs: number;
}

/**
 * How long the provider asks us to stay away, in milliseconds; `null` if it does not say. Where several places disagree
 * the longest counts, because a hint is a minimum. Zero and nonsense (negative, garbage) are no hint.
 */
export function retryHintMs({ headers, error, epochMs }: HintSources): number | null {
  const hints = [
    millis(headers?.get('retry-after-ms')),
    millis(headers?.get('x-ms-retry-after-ms')),
    retryAfter(headers?.get('retry-after'), epochMs),
    error.retryDelay === null ? null : durationMs(error.retryDelay),
    proseHintMs(error.message),
  ];
  const longest = Math.max(...hints.map((hint) => (hint !== null && hint > 0 ? hint : 0)));
  return longest > 0 && Number.isFinite(longest) ? longest : null;
}

/** `x-should-retry`, with which OpenAI and Anthropic overrule their own status codes; `null` if absent. */
export function shouldRetry(headers: Headers | null): boolean | null {
  const value = headers?.get('x-should-retry');
  return value === 'true' ? true : value === 'false' ? false : null;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `374ms`, `34.4s`, `9m38.016s`, `114h18m0s`, `86400 seconds`; `null` for anything else. */
export function durationMs(text: string): number | null {
  const parts = [
    ...text.matchAll(
      /(\d{1,12}(?:\.\d{1,12})?)\s?(ms|milliseconds?|[smhd]|seconds?|minutes?|hours?|days?)(?![a-z])/gi,
    ),
  ];
  if (parts.length === 0) return null;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * unitMs(unit as string), 0);
}

function unitMs(unit: string): number {
  const name = unit.toLowerCase();
  return (name.startsWith('mill') ? UNIT_MS.ms : (UNIT_MS[name] ?? UNIT_MS[name.charAt(0)])) ?? 0;
}

/** Azure, Groq and OpenAI often give the wait in the sentence alone: "Please try again in 374ms." */
function proseHintMs(message: string): number | null {
  const wait = /\b(?:try again|retry)(?: your request)? (?:in|after) ((?:\d[\d.]*\s?[a-z]+\s?){1,4})/i.exec(
    message,
  );
  return wait === null ? null : durationMs(wait[1] as string);
}

function millis(value: string | null | undefined): number | null {
  return value === null || value === undefined || value.trim() === '' ? null : Number(value);
}

/** RFC 9110: seconds, or an HTTP date. */
function retryAfter(value: string | null | undefined, epochMs: number): number | null {
  const seconds = millis(value);
  if (seconds === null) return null;
  return Number.isNaN(seconds) ? parseEpochMs(value as string) - epochMs : seconds * 1_000;
}
