/** A provider's error body, whichever of the many shapes it came in. Strings are as sent, not yet redacted. */
export interface ProviderError {
  /** Every machine-readable name in the body (type, code, status, reason, quota id), lower case. */
  readonly names: readonly string[];
  /** What the body says to people, from the outside in. */
  readonly message: string;
  /** A number that stands for an HTTP status inside the body, as OpenRouter and Google send; the outermost. */
  readonly statusInBody: number | null;
  /** Values that say how long to wait, e.g. `34.4s` of Google's `RetryInfo`; bare numbers are seconds. */
  readonly waits: readonly string[];
}

/**
 * Reads `{error: {...}}` (OpenAI, Anthropic, Google, Groq), a bare error object (Mistral, Cohere, Bedrock), `{error: "..."}`
 * (xAI), `{detail: ...}` (FastAPI), `{errors: [...]}` (Cloudflare), an array round any of them, and errors inside errors:
 * `innererror` (Azure), `details` (Google), `metadata.raw` (OpenRouter), also where the inner one is JSON in a string.
 * Short plain text is a message. HTML says nothing: it carries addresses and ray ids, and no meaning.
 */
export function readProviderError(body: unknown): ProviderError {
  const found: Found = { names: [], messages: new Set(), statuses: [], waits: [], left: MOST_FIELDS };
  if (typeof body === 'string') readText(body, found, DEEPEST);
  else readValue(body, found, DEEPEST);
  const message = [...found.messages].join('; ');
  const [statusInBody = null] = found.statuses;
  return { names: found.names, message: message.slice(0, LONGEST_MESSAGE), statusInBody, waits: found.waits };
}

interface Found {
  readonly names: string[];
  readonly messages: Set<string>;
  readonly statuses: number[];
  readonly waits: string[];
  /** Fields that may still be looked at. */
  left: number;
}

/** No provider's error is larger or deeper; a hostile one costs no more than this. */
const MOST_FIELDS = 500;
const DEEPEST = 8;
const LONGEST_NAME = 100;
const LONGEST_MESSAGE = 4_096;
const LONGEST_JSON = 64 * 1024;

/** What a field is for. Keys count without case and separators (`retryDelay`, `retry_delay`); none here quotes the request. */
const KEYS = {
  name: 'type code status reason errorcode errortype errorname statuscode rawstatuscode httpstatus quotaid quotametric',
  message: 'message msg detail title error errormessage errormsg statusmsg faultstring raw',
  wait: 'retrydelay retryafter retryafterseconds estimatedtime resetsinseconds resetsat quotaresetdelay xratelimitreset',
  waitMs: 'retryafterms',
  inner:
    'error errors detail details innererror violations metadata raw output response baseresp fault headers',
} as const;

const keysFor = (purpose: keyof typeof KEYS): ReadonlySet<string> => new Set(KEYS[purpose].split(' '));
const NAME = keysFor('name');
const MESSAGE = keysFor('message');
const WAIT = keysFor('wait');
const WAIT_MS = keysFor('waitMs');
const INNER = keysFor('inner');

function readValue(value: unknown, found: Found, depth: number): void {
  if (depth === 0 || typeof value !== 'object' || value === null) return;
  const fields = Object.entries(value).slice(0, found.left);
  found.left -= fields.length;
  const isList = Array.isArray(value);
  for (const [key, each] of fields) {
    const name = isList ? 'message' : key.slice(0, LONGEST_NAME).toLowerCase().replaceAll(/[_-]/g, '');
    if (typeof each === 'string' || typeof each === 'number') readField(name, each, { found, depth });
    else if (isList || INNER.has(name)) readValue(each, found, depth - 1);
  }
}

interface Place {
  readonly found: Found;
  readonly depth: number;
}

function readField(name: string, value: string | number, { found, depth }: Place): void {
  const text = String(value);
  if (NAME.has(name) && text.length <= LONGEST_NAME) {
    found.names.push(text.toLowerCase());
    if (isErrorStatus(Number(text))) found.statuses.push(Number(text));
    // xAI's codes are sentences.
    if (text.includes(' ')) found.messages.add(text);
  }
  if (MESSAGE.has(name) && typeof value === 'string') readText(value, found, depth - 1);
  if (WAIT.has(name)) found.waits.push(text);
  if (WAIT_MS.has(name)) found.waits.push(`${text}ms`);
}

function readText(text: string, found: Found, depth: number): void {
  if (depth === 0) return;
  const trimmed = text.slice(0, LONGEST_JSON).trim();
  if (/^[{[]/.test(trimmed)) {
    const inner = parseBody(trimmed);
    if (typeof inner === 'object') return readValue(inner, found, depth);
  }
  if (trimmed !== '' && !trimmed.startsWith('<')) found.messages.add(trimmed.slice(0, LONGEST_MESSAGE));
}

/** Whether a body that came with status 200 is an error all the same. */
export function saysError(body: unknown): boolean {
  const outer: unknown = Array.isArray(body) ? body[0] : body;
  if (!isRecord(outer)) return false;
  const { error, errors, base_resp: miniMax } = outer;
  if (outer.object === 'error' || outer.type === 'error' || outer.success === false) return true;
  if (isRecord(miniMax) && miniMax.status_code !== 0) return true;
  return (error !== undefined && error !== null) || (Array.isArray(errors) && errors.length > 0);
}

function isErrorStatus(code: number): boolean {
  return Number.isInteger(code) && code >= 400 && code < 600;
}

/** Parses a body as JSON; what is none stays text. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
