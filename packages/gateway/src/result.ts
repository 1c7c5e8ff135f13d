import type { GatewayErrorCode } from './error-codes.ts';
import type { ToolCall } from './request.ts';
import type { Remedy } from './verdict.ts';
import type { PlanReason } from './route/plan.ts';

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other';

/** Tokens as the provider accounts for them, normalised: `inputTokens` includes the cached ones. */
export interface Usage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  /** Includes reasoning. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** What was counted besides, by the price table's unit names, e.g. `cache_write_1h_tokens`, `input_audio_tokens`, `web_searches`. Absent if nothing was. */
  readonly more?: Readonly<Record<string, number>>;
  /** As answered, which may be another one than was asked for. Absent if the provider did not say. */
  readonly serviceTier?: string;
  /** What the provider says it charges, in dollars. Absent if it does not say. */
  readonly chargedUsd?: number;
  /** `estimated`: the provider did not say, or not all (cut, cancelled or silent), so it was counted from the text. */
  readonly source: 'reported' | 'estimated';
}

/**
 * `reported`: the provider said what it costs. `computed`: the usage it reported, at list price. `estimated`: the same for a usage counted from
 * the text. `unknown`: there is no price.
 */
export type CostSource = 'reported' | 'computed' | 'estimated' | 'unknown';

/**
 * `retry`: the same target again. `failover`: another one, after a failure. `hedge`: another one, beside an attempt that is slow.
 * `continuation`: another one, going on from the text already shown.
 */
export type AttemptKind = 'first' | 'retry' | 'failover' | 'hedge' | 'continuation';

/** One upstream HTTP request, however it ended. */
export interface AttemptRecord {
  /** 1 for the first attempt of the call. */
  readonly attempt: number;
  readonly kind: AttemptKind;
  /** `provider/model`, with `@endpoint` where the provider has several. */
  readonly target: string;
  /** Why this target, of its route's. */
  readonly reason: PlanReason;
  readonly outcome: 'ok' | 'error' | 'cancelled';
  /** Absent when `outcome` is `ok`. */
  readonly code?: GatewayErrorCode;
  /** What would help. Absent when `outcome` is `ok`. */
  readonly remedy?: Remedy;
  /** HTTP status, where one was received. */
  readonly status?: number;
  /** Redacted and shortened. */
  readonly message?: string;
  /** From the start of the call. */
  readonly startedAfterMs: number;
  readonly ms: number;
  /** Until the first content delta; `null` if none came. */
  readonly firstChunkMs: number | null;
  readonly usage: Usage | null;
  /** `null`: the price of this target is unknown, which is not 0. */
  readonly costUsd: number | null;
  /** Whether the provider named the cost, or it was computed from reported or from estimated usage. */
  readonly costSource: CostSource;
  /** Version of the price table used; `null` where none was. */
  readonly priceTable: string | null;
  /**
   * By the provider's prompt cache, against the list price without it. Below 0 where more was paid for writing to it than was saved by reading;
   * `null`: the price is unknown.
   */
  readonly savedUsd: number | null;
}

export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
}

/** A complete answer. A truncated one is never a result: it is an error or another attempt. */
export interface ModelResult {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: FinishReason;
  /** Present only if asked for and delivered. */
  readonly logprobs?: readonly TokenLogprob[];
  /** The target that answered, `provider/model`. */
  readonly servedBy: string;
  /** The answer was given to an equal request before: it cost nothing and made no attempt, and `usage` is what that request used. Absent if not. */
  readonly cached?: true;
  readonly usage: Usage;
  /** Of all attempts; `null` if the price of any of them is unknown. */
  readonly costUsd: number | null;
  /** What the provider's prompt cache has saved on all attempts; `null` if that of any of them is unknown. */
  readonly savedUsd: number | null;
  readonly attempts: readonly AttemptRecord[];
  readonly ms: number;
}

/** What `gateway.stream` yields. `restart` supersedes every delta delivered before it. */
export type ModelStreamEvent =
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'restart'; readonly target: string; readonly code: GatewayErrorCode }
  | { readonly type: 'end'; readonly result: ModelResult };
