import type { Usage } from '../../index.ts';

type Piece = string | Uint8Array;

/** How one provider is called and answers: in its own format, with its own accounting. */
export interface ProviderCase {
  readonly provider: string;
  readonly model: string;
  /** What the operator has exported. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the request goes. */
  readonly url: string;
  /** The header that carries the key, with its value. */
  readonly auth: readonly [string, string | RegExp];
  readonly contentType: string;
  /** `Hello` in two pieces, up to the event that says why the model stopped; then the rest. */
  readonly text: { readonly head: readonly Piece[]; readonly tail: readonly Piece[] };
  /** A call of `lookup` with `{"order":"A-1"}`; `null` where its models take no tools. */
  readonly tool: readonly Piece[] | null;
  readonly usage: Partial<Usage>;
  /** Its answer to a bad key: status, body. */
  readonly badKey: readonly [number, unknown];
  /** Its answer to too many requests, with status 429. */
  readonly tooMany: unknown;
}

/** What `lookup` is called with. */
export const ARGUMENTS = '{"order":"A-1"}';
/** Server-sent events with the given data. */
export const sse = (...events: unknown[]): string =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
