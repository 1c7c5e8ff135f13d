import { parseEpochMs } from '@paceline/resilience';

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Longer texts are no duration; it also bounds what a hostile text can cost. */
const LONGEST_TEXT = 100;

const PART =
  /(\d{1,12}(?:\.\d{1,12})?)\s?(ns|[uµ]s|ms|msecs?|milliseconds?|[smhd]|secs?|seconds?|mins?|minutes?|hrs?|hours?|days?)(?![a-z])/gi;

/** `374ms`, `34.4s`, `9m38.016s`, `114h18m0s`, `1 minute and 30 seconds`, in milliseconds; `null` for anything else. */
export function durationMs(text: string): number | null {
  const parts = [...text.slice(0, LONGEST_TEXT).matchAll(PART)];
  if (parts.length === 0) return null;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * unitMs(unit as string), 0);
}

function unitMs(unit: string): number {
  const name = unit.toLowerCase();
  if (name.startsWith('ms') || name.startsWith('mil')) return 1;
  return UNIT_MS[name] ?? UNIT_MS[name.charAt(0)] ?? 0;
}

/** RFC 9110 has three forms of a date: `Sun, 06 Nov 1994 08:49:37 GMT`, and two that servers must no longer send. */
const HTTP_DATE =
  /^[a-z]{3,9}, ?(?:\d\d [a-z]{3} \d{4}|\d\d-[a-z]{3}-\d\d) \d\d:\d\d:\d\d gmt$|^[a-z]{3} [a-z]{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/i;
const RFC_3339 = /^\d{4}-\d\d-\d\d[t ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:z|[+-]\d\d:?\d\d)$/i;

/** Milliseconds since 1970 of an HTTP date or an RFC 3339 timestamp; `null` for anything else. */
export function instantMs(text: string): number | null {
  const isDate = HTTP_DATE.test(text);
  if (!isDate && !RFC_3339.test(text)) return null;
  // The third form (`asctime`) names no zone and means UTC, where JavaScript would read local time.
  const ms = parseEpochMs(isDate && !/gmt$/i.test(text) ? `${text} GMT` : text);
  return Number.isNaN(ms) ? null : ms;
}

/** Numbers from here on are seconds since 1970 (as seconds to wait: 31 years), from there on milliseconds. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MILLIS = 1e11;

/**
 * How long until what a header names, in milliseconds: `31`, `1.5` (seconds), `6m0s`, an HTTP date, an RFC 3339 timestamp,
 * seconds or milliseconds since 1970. 0 for the past, `null` for what is none of these.
 */
export function untilMs(value: string, epochMs: number): number | null {
  const text = value.slice(0, LONGEST_TEXT).trim();
  if (/^\d{1,15}(?:\.\d{1,12})?$/.test(text)) {
    const number = Number(text);
    if (number < EPOCH_SECONDS) return number * 1_000;
    return Math.max(0, (number < EPOCH_MILLIS ? number * 1_000 : number) - epochMs);
  }
  const atMs = instantMs(text);
  if (atMs !== null) return Math.max(0, atMs - epochMs);
  return /^(?:\d[\d.]*[a-zµ]{1,2}){1,6}$/i.test(text) ? durationMs(text) : null;
}

/** The provider's time now: its `date` header, so that a wrong clock on this machine does no harm, else `epochMs`. */
export function nowAt(headers: Headers, epochMs: number): number {
  return instantMs(headers.get('date') ?? '') ?? epochMs;
}
