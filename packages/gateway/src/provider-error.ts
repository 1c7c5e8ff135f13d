/** A provider's error body, whichever of the many shapes it came in. Strings are as sent, not yet redacted. */
export interface ProviderError {
  /** Every machine-readable name in the body (type, code, status, reason, quota id, `retryinfo`), lower case. */
  readonly names: readonly string[];
  readonly message: string;
  /** A number that stands for an HTTP status inside the body, as OpenRouter and Google send. */
  readonly statusInBody: number | null;
  /** `retryDelay` of Google's `RetryInfo`, e.g. `34.4s`. */
  readonly retryDelay: string | null;
}

const NO_ERROR: ProviderError = { names: [], message: '', statusInBody: null, retryDelay: null };

/**
 * Reads `{error: {...}}` (OpenAI, Anthropic, Google, Groq, OpenRouter), a bare error object (Mistral, Cohere, Bedrock),
 * `{error: "..."}` and an array round any of them. Anything else (HTML, nothing) says nothing.
 */
export function readProviderError(body: unknown): ProviderError {
  const outer = Array.isArray(body) ? (body as readonly unknown[])[0] : body;
  if (!isRecord(outer)) return NO_ERROR;
  if (typeof outer.error === 'string') return { ...NO_ERROR, message: outer.error, names: namesIn(outer) };
  const error = isRecord(outer.error) ? outer.error : outer;
  const details = Array.isArray(error.details) ? error.details.filter(isRecord) : [];
  const retryDelay = details.map((detail) => detail.retryDelay).find((delay) => typeof delay === 'string');
  // A hostile body may hold an object here, which `Number` would ask for its `toString`.
  const code = typeof error.code === 'string' ? Number(error.code) : error.code;
  return {
    names: [
      ...namesIn(error),
      ...details.flatMap(detailNames),
      ...(retryDelay === undefined ? [] : ['retryinfo']),
    ],
    message: typeof error.message === 'string' ? error.message : '',
    statusInBody: isErrorStatus(code) ? code : null,
    retryDelay: retryDelay ?? null,
  };
}

function isErrorStatus(code: unknown): code is number {
  return typeof code === 'number' && Number.isInteger(code) && code >= 400 && code < 600;
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

function namesIn(error: Record<string, unknown>): string[] {
  const inner = isRecord(error.innererror) ? error.innererror.code : undefined;
  return [error.type, error.code, error.status, error.reason, inner].flatMap((name) =>
    typeof name === 'string' ? [name.toLowerCase()] : [],
  );
}

/** Google tells a daily quota from a rate only in `details[].violations[].quotaId`, and a bad key only in `details[].reason`. */
function detailNames(detail: Record<string, unknown>): string[] {
  const violations = Array.isArray(detail.violations) ? detail.violations.filter(isRecord) : [];
  return [detail.reason, ...violations.map((violation) => violation.quotaId)].flatMap((name) =>
    typeof name === 'string' ? [name.toLowerCase()] : [],
  );
}
