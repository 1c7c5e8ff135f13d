import type { Deadline, RetryBudget } from '@paceline/resilience';
import type { PayloadLevel } from './log/contract.ts';
import type { CapRefusal } from './spend/cap.ts';

/** The three model roles of a chain. Each is bound in the config to a route. */
export type Role = 'classify' | 'reason' | 'execute';

/** A JSON value: what travels, is stored and is hashed. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type Message =
  | { readonly role: 'system'; readonly text: string }
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly toolCalls?: readonly ToolCall[] }
  | {
      readonly role: 'tool';
      readonly toolCallId: string;
      readonly toolName: string;
      readonly result: Json;
      readonly isError?: boolean;
    };

/** A tool as the model sees it. Running it is the caller's business. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema (draft-07) of the arguments. */
  readonly inputSchema: JsonSchema;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** Parsed but not yet validated: model output is hostile input. */
  readonly input: Json;
}

export type JsonSchema = { readonly [key: string]: Json };

/** What the answer must look like. `json` asks the provider for structured output; the caller still validates. */
export type AnswerFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json'; readonly schema: JsonSchema; readonly name: string };

/**
 * Limits of one attempt, in milliseconds. Pings and comments satisfy or reset none of them, content does. While the call has
 * a further attempt left, a silent one is given up early enough for it: see each limit's cap.
 */
export interface AttemptLimits {
  /** Until response headers; never above the limit of the first chunk. @default 5_000 */
  readonly connectMs?: number;
  /** Until the first content delta. @default learned per target; 10_000 until 50 samples; never above half of the time left at its start */
  readonly firstChunkMs?: number;
  /** Between content deltas; never above a quarter of the time left at the attempt's start. @default 30_000 */
  readonly chunkMs?: number;
}

/** Who is calling, for events, records and the simulator's fate; never sent to a provider unless configured. */
export interface CallIdentity {
  readonly runId: string;
  /** The workflow's id. Absent if there is none. */
  readonly workflow?: string;
  /** The step's name in the workflow, or any name a direct caller chooses. */
  readonly step: string;
  /** Counts the model calls of one step visit from 0 (tool turns, repair). */
  readonly turn: number;
}

/** What the calls of one run share: its retries and its money. */
export interface CallBudget {
  readonly retries: RetryBudget;
  readonly money: MoneyMeter;
}

/**
 * Keeps what shares it within a cap. Safe under parallel branches of one process: all calls are synchronous, and what an attempt may cost is
 * held before it is made.
 */
export interface MoneyMeter {
  /** `null`: no cap of its own. */
  readonly capUsd: number | null;
  /** A cap holds: its own, or that of a meter around it. */
  readonly isCapped: boolean;
  readonly spentUsd: number;
  /** For attempts in flight. */
  readonly heldUsd: number;
  /** Counts what was spent elsewhere. */
  add(costUsd: number): void;
  /** Holds the most that an attempt can cost, here and on the meters around it, or nowhere. */
  reserve(usd: number): MoneyReserved;
}

export type MoneyReserved =
  | {
      readonly ok: true;
      /** The attempt has ended: counts what it cost instead. Call this or `release`, once. */
      settle(costUsd: number): void;
      /** It was never made. */
      release(): void;
    }
  | { readonly ok: false; readonly refusal: CapRefusal };

/**
 * Who goes first when there is not enough for all (the four levels of Google's SRE book, in falling order). Under pressure the lowest is
 * refused first.
 */
export type Criticality = 'critical-plus' | 'critical' | 'sheddable-plus' | 'sheddable';

export type CacheUse = 'use' | 'refresh' | 'skip';

/**
 * What is asked of the provider's own prompt cache. `auto`: to keep what is likely to come again within five minutes. `ttl`: to keep the system prompt
 * and the tools in any case, for so long where the provider lets one choose. `off`: nothing; some cache by themselves all the same.
 */
export type PromptCacheUse = 'auto' | 'off' | { readonly ttl: '5m' | '1h' };

/** One logical model request. A call makes 1..n attempts. */
export interface ModelRequest {
  /** A role, or the name of a route in the config. */
  readonly route: Role | (string & {});
  readonly messages: readonly Message[];
  readonly answer: AnswerFormat;
  readonly tools?: readonly ToolSpec[];
  /** Asks for per-token log probabilities where the target has them. @default false */
  readonly logprobs?: boolean;
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly limits?: AttemptLimits;
  /**
   * What the gateway's response cache may do, where the config has one. `use`: an equal request's answer will do. `refresh`: make the call and keep its answer.
   * `skip`: make the call and keep nothing. @default `use` at temperature 0, else `skip`
   */
  readonly cache?: CacheUse;
  /** @default that of the route, else of the provider, else `auto` */
  readonly promptCache?: PromptCacheUse;
  /** Absolute. Every attempt, backoff and queue wait is clamped to it. */
  readonly deadline: Deadline;
  readonly signal: AbortSignal;
  readonly budget?: CallBudget;
  readonly call: CallIdentity;
  /** Attribution, e.g. `{ team: 'cx' }`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** On whose behalf: no tenant gets more than its share of a contended target. @default one tenant for all that name none */
  readonly tenant?: string;
  /** @default 'critical' */
  readonly criticality?: Criticality;
  /** What the log may hold of the prompt and the answer, if less than the config allows. @default what it allows */
  readonly logPayload?: PayloadLevel;
  /** What a `sticky` route keeps on one target. @default the run's id */
  readonly conversation?: string;
}
