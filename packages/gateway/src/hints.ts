import { durationMs, instantMs, nowAt, untilMs } from './durations.ts';
import { rateLimitsIn } from './rate-limit-headers.ts';
import type { ProviderError } from './provider-error.ts';

export interface HintSources {
  readonly headers: Headers | null;
  readonly error: ProviderError;
  /** Wall time now, for hints that name a date. */
  readonly epochMs: number;
}

/**
 * How long the provider asks us to stay away, in milliseconds; `null` if it does not say. Where several places disagree
 * the longest counts, because a hint is a minimum. Zero and nonsense (negative, garbage) are no hint. Where nothing asks,
 * a window that its headers call empty does.
 */
export function retryHintMs({ headers, error, epochMs }: HintSources): number | null {
  const nowMs = headers === null ? epochMs : nowAt(headers, epochMs);
  return (
    longest([
      millis(headers?.get('retry-after-ms')),
      millis(headers?.get('x-ms-retry-after-ms')),
      untilMs(headers?.get('retry-after') ?? '', nowMs),
      ...error.waits.map((wait) => untilMs(wait, nowMs)),
      proseHintMs(error.message),
      proseInstantMs(error.message, nowMs),
    ]) ?? emptyWindowMs(headers, epochMs)
  );
}

/** `x-should-retry`, with which OpenAI and Anthropic overrule their own status codes; `null` if absent. */
export function shouldRetry(headers: Headers | null): boolean | null {
  const value = headers?.get('x-should-retry');
  return value === 'true' ? true : value === 'false' ? false : null;
}

/** The first one counts; whoever asks twice asks for the same. */
const PROSE =
  /\b(?:try again|retry|retry your request|resets?|available|wait|wait for)(?: again)?(?: in| after|)(?: about)?:? ((?:\d[\d.]{0,20}\s?[a-zµ]{1,12}[\s,]{0,2}(?:and )?){1,4})/i;

/** Azure, Groq and OpenAI often give the wait in the sentence alone: "Please try again in 374ms." */
function proseHintMs(message: string): number | null {
  const wait = PROSE.exec(message);
  return wait === null ? null : durationMs(wait[1] as string);
}

/** Anthropic's spend limits: "You will regain access on 2026-02-01 at 00:00 UTC." */
const INSTANT =
  /\b(?:on|at|after|until) (\d{4}-\d\d-\d\d)(?: at |[ t])(\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)? ?(utc|gmt|z|[+-]\d\d:?\d\d)/i;

function proseInstantMs(message: string, nowMs: number): number | null {
  const [, day, time, seconds = ':00', zone = 'Z'] = INSTANT.exec(message) ?? [];
  if (day === undefined) return null;
  const atMs = instantMs(`${day}T${time}${seconds}${/^[+-]/.test(zone) ? zone : 'Z'}`);
  return atMs === null ? null : atMs - nowMs;
}

/** OpenRouter and others say only when the spent window is full again. */
function emptyWindowMs(headers: Headers | null, epochMs: number): number | null {
  if (headers === null) return null;
  const { requests, tokens } = rateLimitsIn(headers, epochMs);
  return longest([requests, tokens].map((window) => (window?.remaining === 0 ? window.resetMs : null)));
}

function longest(hints: readonly (number | null)[]): number | null {
  const ms = Math.max(0, ...hints.flatMap((hint) => (hint !== null && Number.isFinite(hint) ? [hint] : [])));
  return ms > 0 ? ms : null;
}

function millis(value: string | null | undefined): number | null {
  return value === null || value === undefined || value.trim() === '' ? null : Number(value);
}
