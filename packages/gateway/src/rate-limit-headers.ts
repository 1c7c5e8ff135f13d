import { nowAt, untilMs } from './durations.ts';

/** What is left of one of a provider's windows. */
export interface WindowView {
  /** What a full window holds; `null` if the provider does not say. */
  readonly limit: number | null;
  /** Minimum 0. */
  readonly remaining: number;
  /** How long until the window is full again, in milliseconds from now; `null` if the provider does not say. */
  readonly resetMs: number | null;
}

/** What a response says about the limits of its credential: of each kind the window with the least left. */
export interface RateLimits {
  readonly requests: WindowView | null;
  readonly tokens: WindowView | null;
}

/**
 * Reads the rate-limit headers of any response, good or bad: those of OpenAI (and of Azure, Groq, xAI, Fireworks,
 * Cerebras and others after its model), Anthropic, Mistral, Cohere, Together and OpenRouter, and the IETF's in all drafts.
 * What makes no sense is left out. Never throws.
 * @param epochMs wall time now; a `date` header overrules it
 */
export function rateLimitsIn(headers: Headers, epochMs: number): RateLimits {
  const nowMs = nowAt(headers, epochMs);
  const windows = [...namedWindows(headers), ...listedWindows(headers)];
  return { requests: tightest(windows, 'requests', nowMs), tokens: tightest(windows, 'tokens', nowMs) };
}

/** One window as its headers describe it. */
interface RawWindow {
  readonly unit: 'requests' | 'tokens';
  /** Of the model's own tokens: nobody knows before how many an answer takes, so only an empty window says something. */
  readonly ofAnswers: boolean;
  limit?: string;
  remaining?: string;
  reset?: string;
  renewalperiod?: string;
}

const FAMILY = /^(?:x-|anthropic-)?(?:ratelimit(?:bysize)?|tokenlimit|trial-endpoint-call)(?=-)/;
const FIELD = /-(limit|remaining|reset|renewalperiod)(?=-|$)/;

/** Longer names and values are none of these. */
const LONGEST = 200;

/** One header for each field of a window, as `x-ratelimit-remaining-tokens-minute`; the field may stand anywhere in the name. */
function namedWindows(headers: Headers): Iterable<RawWindow> {
  const windows = new Map<string, RawWindow>();
  for (const [header, value] of headers) {
    if (header.length > LONGEST || value.length > LONGEST) continue;
    const name = header.replace('rate-limit', 'ratelimit');
    const field = FAMILY.test(name) ? FIELD.exec(name) : null;
    if (field === null) continue;
    const key = name.replace(field[0], '');
    const window = windows.get(key) ?? openWindow(key);
    if (window === null) continue;
    window[field[1] as 'limit' | 'remaining' | 'reset' | 'renewalperiod'] = value;
    windows.set(key, window);
  }
  return windows.values();
}

/** `null` for windows of images, bytes, places at a time and whatever else is neither requests nor tokens. */
function openWindow(key: string): RawWindow | null {
  if (/concurren/.test(key)) return null;
  if (/token|bysize/.test(key)) {
    return { unit: 'tokens', ofAnswers: /output|generated|completion/.test(key), ...periodIn(key) };
  }
  const isBare = /^(?:x-)?ratelimit(?:-(?:\d{1,4}|per|second|minute|hour|day|month))*$/.test(key);
  return isBare || /req|call/.test(key) ? { unit: 'requests', ofAnswers: false, ...periodIn(key) } : null;
}

/** Mistral names a window's length and not its end: `req-10-second`. Of a day or a month that says too little. */
function periodIn(key: string): { readonly renewalperiod?: string } {
  const [, length = '1', unit] = /(?:-(\d{1,4}))?-(second|minute)$/.exec(key) ?? [];
  return unit === undefined ? {} : { renewalperiod: `${length}${unit.charAt(0)}` };
}

/**
 * The IETF's `ratelimit: "api";r=999;t=295`, whose quota `q` stands in `ratelimit-policy`; or, in its seventh draft,
 * `limit=1000, remaining=999, reset=295`. Drafts before that have a header for each field.
 */
function listedWindows(headers: Headers): readonly RawWindow[] {
  const list = (headers.get('ratelimit') ?? '').slice(0, LONGEST);
  const policies = (headers.get('ratelimit-policy') ?? '').slice(0, LONGEST).split(',');
  const items = list.includes('remaining=') ? [list] : list.split(',');
  return items.flatMap((item) => {
    const name = /"[^"]{0,50}"/.exec(item)?.[0] ?? '';
    const policy = policies.find((each) => each.includes(name)) ?? '';
    if (/\bqu="(?!requests")/.test(policy)) return [];
    const window: RawWindow = { unit: /token/i.test(name) ? 'tokens' : 'requests', ofAnswers: false };
    window.limit = /\b(?:limit|q)=(\d{1,15})/.exec(`${item};${policy}`)?.[1] ?? '';
    window.remaining = /\b(?:remaining|r)=(\d{1,15})/.exec(item)?.[1] ?? '';
    window.reset = /\b(?:reset|t)=(\d{1,15})/.exec(item)?.[1] ?? '';
    return [window];
  });
}

/** Whatever fits into the window with the least left fits into all of them. */
function tightest(windows: readonly RawWindow[], unit: RawWindow['unit'], nowMs: number): WindowView | null {
  const views = windows.flatMap((window) => {
    const view = window.unit === unit ? viewOf(window, nowMs) : null;
    return view === null || (window.ofAnswers && view.remaining > 0) ? [] : [view];
  });
  const [first = null] = views.toSorted(
    (a, b) => a.remaining - b.remaining || (b.resetMs ?? 0) - (a.resetMs ?? 0),
  );
  return first;
}

/** A longer wait is a mistake of somebody: no provider's window is longer than a month. */
const LONGEST_RESET_MS = 31 * 86_400_000;

function viewOf({ limit, remaining, reset, renewalperiod }: RawWindow, nowMs: number): WindowView | null {
  const left = count(remaining);
  const full = count(limit);
  // A window that never holds anything would have refused the very request that this answers.
  if (left === null || full === 0) return null;
  const resetMs = untilMs(reset ?? '', nowMs) ?? untilMs(renewalperiod ?? '', nowMs);
  return {
    limit: full !== null && full >= left ? full : null,
    remaining: left,
    resetMs: resetMs !== null && resetMs <= LONGEST_RESET_MS ? resetMs : null,
  };
}

/** The first of several values: gateways repeat headers, and an old draft of the IETF's appends its policy. */
function count(value: string | undefined): number | null {
  const [, digits] = /^\s*(\d{1,15})(?:\.\d{1,6})?\s*(?:[,;]|$)/.exec(value ?? '') ?? [];
  return digits === undefined ? null : Number(digits);
}
