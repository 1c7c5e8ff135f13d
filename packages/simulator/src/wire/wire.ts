import type { Json, JsonObject } from '../json.ts';

export type WireFormat = 'openai' | 'anthropic' | 'google';

/** A model request, whatever format it came in. */
export interface SimRequest {
  readonly model: string;
  readonly stream: boolean;
  readonly messages: readonly SimMessage[];
  readonly tools: readonly SimTool[];
  readonly toolChoice: 'auto' | 'none' | 'required' | { readonly name: string };
  /** Whether one answer may call several. */
  readonly parallelTools: boolean;
  /** `schema: null`: JSON of any shape. `tool`: the answer must travel as the input of this tool (a client's fallback). */
  readonly answer:
    | { readonly type: 'text' }
    | { readonly type: 'json'; readonly schema: JsonObject | null; readonly tool?: string };
  readonly logprobs: boolean;
  /** OpenAI sends usage in a stream only when asked to. */
  readonly includeUsage: boolean;
  /** `null`: no limit. */
  readonly maxTokens: number | null;
}

export interface SimMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly text: string;
  /** For how long the provider is asked to keep the prompt up to here. Absent: it is not asked. */
  readonly keepFor?: '5m' | '1h';
}

export interface SimTool {
  readonly name: string;
  readonly description: string;
  readonly schema: JsonObject;
}

export type Finish = 'stop' | 'tool-calls' | 'length' | 'content-filter';

/**
 * - `open`: what precedes content (role delta, `message_start`)
 * - `content`: text or tool input, and the block marks round it
 * - `finish`: the stop reason and the usage
 * - `end`: the end marker (`[DONE]`, `message_stop`)
 * - `noise`: what a client must skip (pings, comments, broken events)
 */
export type FrameKind = 'open' | 'content' | 'finish' | 'end' | 'noise';

/** One piece of a response body. */
export interface Frame {
  readonly kind: FrameKind;
  readonly text: string;
  /** Output tokens in this piece. */
  readonly tokens: number;
}

/** One output token and the probability the simulated model gives it. */
export interface Token {
  readonly text: string;
  readonly logprob: number;
}

/** A part of an answer, split into what each stream delta carries. */
export type Part =
  | { readonly type: 'text'; readonly deltas: readonly (readonly Token[])[] }
  | {
      readonly type: 'tool-call';
      readonly id: string;
      readonly name: string;
      readonly input: Json;
      readonly deltas: readonly (readonly Token[])[];
    };

/** How many tokens of a prompt were read from the provider's cache, and how many written to it. */
export interface CachedTokens {
  readonly cachedTokens: number;
  /** Those kept for an hour included. */
  readonly cacheWriteTokens: number;
  readonly hourWriteTokens: number;
}

export const NOTHING_CACHED: CachedTokens = { cachedTokens: 0, cacheWriteTokens: 0, hourWriteTokens: 0 };

/** What one rate limit still allows. */
export interface Allowance {
  readonly of: 'requests' | 'tokens';
  /** Per minute. */
  readonly limit: number;
  readonly remaining: number;
  /** Until the whole limit is there again, if nothing more is used. */
  readonly fullInMs: number;
}

/** What a wire format writes down. */
export interface Answer {
  /** Unique per call, letters and digits; each format adds its prefix. */
  readonly id: string;
  readonly request: SimRequest;
  readonly parts: readonly Part[];
  readonly finish: Finish;
  /** `inputTokens` includes those read from a cache and those written to one. */
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number } & CachedTokens;
}

export type ProblemKind =
  | 'invalid-request'
  | 'auth'
  | 'not-found'
  | 'model-not-found'
  | 'too-large'
  | 'context-too-large'
  | 'content-filter'
  | 'prefill'
  | 'rate-limit'
  | 'quota'
  | 'internal'
  | 'overloaded'
  | 'unavailable';

/**
 * What a provider may send while its answer does not move on.
 *
 * - `ping`: its own keep-alive
 * - `comment`: a line that every event-stream parser skips
 * - `empty-delta`: an event of the answer with nothing in it
 * - `reasoning`: thoughts, and never an answer (OpenAI's chat completions hide them: an empty delta)
 */
export type Filler = 'ping' | 'comment' | 'empty-delta' | 'reasoning';

export interface Problem {
  readonly kind: ProblemKind;
  /** Replaces the provider's usual message. */
  readonly message?: string;
  /** Only with `rate-limit` and `quota`. 0: the provider gives no hint. */
  readonly retryAfterMs?: number;
  /** Only with `rate-limit`: what there was too much of. @default 'requests' */
  readonly of?: Allowance['of'];
}

/** An error response in the provider's own shape. */
export interface ErrorReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the URL alone says about a request. */
export interface Route {
  /** Google names the model and the mode in the path; the others in the body. */
  readonly model?: string;
  readonly stream?: boolean;
}

export type Parsed = { readonly request: SimRequest } | { readonly invalid: string };

/** One provider's format: the only place that knows its field names. */
export interface WireCodec {
  readonly format: WireFormat;
  /** What `baseUrl` ends in, after the provider's name. */
  readonly basePath: string;
  /** `path` starts after the provider's name. `undefined`: there is nothing at this address. */
  route(path: string, query: URLSearchParams): Route | undefined;
  /** The credential sent, if any, without the word `Bearer`. */
  credential(headers: Readonly<Record<string, string>>, query: URLSearchParams): string | undefined;
  parse(body: JsonObject, route: Route): Parsed;
  /** The events of a streamed answer, in order. */
  stream(answer: Answer): readonly Frame[];
  /** The body of an answer that is not streamed. */
  whole(answer: Answer): JsonObject;
  error(problem: Problem): ErrorReply;
  /** The event that tells of a failure after a 200. */
  errorEvent(problem: Problem): string;
  /** What this provider sends instead of going on. `nth` counts from 0; some need an opening. */
  filler(kind: Filler, nth: number): string;
  /** How this provider refuses content: with an error status, or inside a 200. */
  readonly refusal: 'status' | 'answer';
  /** Whether it keeps the beginnings of prompts by itself, or those it is asked to. */
  readonly promptCaching: 'automatic' | 'asked';
  /** What this provider tells about its rate limits with every answer, and with a refusal for their sake. */
  rateLimitHeaders(allowances: readonly Allowance[], epochMs: number): Readonly<Record<string, string>>;
  /** Response headers of every answer, such as its request id. */
  headers(id: string): Readonly<Record<string, string>>;
}

export const textOf = (tokens: readonly Token[]): string => tokens.map((token) => token.text).join('');

/** Skipped by every parser of event streams. */
export const COMMENT = ': keep-alive\n\n';

/** The whole text of a part. */
export const partText = (part: Part): string => part.deltas.map(textOf).join('');

/** The token of an `authorization` header. */
export const bearer = (header: string | undefined): string | undefined => header?.replace(/^bearer\s+/i, '');

/** One server-sent event; Anthropic's have names, the others' do not. */
export function sse(data: Json, event?: string): string {
  const name = event === undefined ? '' : `event: ${event}\n`;
  return `${name}data: ${JSON.stringify(data)}\n\n`;
}
