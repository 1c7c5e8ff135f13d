import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { Diagnosis } from './diagnose.ts';
import type { GatewayErrorCode } from './error-codes.ts';
import type { Gate, Route } from './gate.ts';
import type { ModelRequest, MoneyMeter } from './request.ts';
import type { AttemptRecord } from './result.ts';
import type { Lineup } from './route/lineup.ts';
import type { Plan } from './route/plan.ts';
import type { CapRefusal } from './spend/cap.ts';

/** One logical model request on its way through its route. */
export interface Call {
  readonly request: ModelRequest;
  /** The request in the AI SDK's terms. */
  readonly options: LanguageModelV4CallOptions;
  /** About how long the prompt is. */
  readonly promptTokens: number;
  readonly route: Route;
  readonly plan: Plan;
  /** Of this call, in that of its run. Undefined: neither has one. */
  readonly money: MoneyMeter | undefined;
  readonly startedMs: number;
  readonly onText: TextListener | undefined;
}

/** Hears the text of every attempt as it arrives, those included that fail later. */
export type TextListener = (text: string, from: TextSource) => void;

export interface TextSource {
  /** 1 for the first attempt of the call. */
  readonly attempt: number;
  readonly target: string;
  /** What ended the attempt before this one; `null` for the first. */
  readonly after: GatewayErrorCode | null;
}

/** What a call has been through, and what is left to it. */
export interface Journey {
  lineup: Lineup;
  readonly attempts: AttemptRecord[];
  /** Targets that did not take an attempt (any more): shut when the call was planned or when it came to them, or over their budget. */
  readonly refusals: Refusal[];
  /** Why the latest attempt failed. */
  last: Diagnosis | null;
  /** The text that was shown last, of an attempt that failed; empty if there was none. */
  cutText: string;
}

/** Attempts made one after the other: what a route's `attempts` bounds. A hedge stands beside one of them and has a budget of its own. */
export function rounds({ attempts }: Journey): number {
  return attempts.filter(({ kind }) => kind !== 'hedge').length;
}

/** What each part of the loop goes by. */
export interface Scope {
  readonly call: Call;
  readonly gate: Gate;
}

export interface Refusal {
  readonly target: string;
  readonly code: RefusalCode;
  /** When asking again makes sense; `null` if nobody knows. */
  readonly retryInMs: number | null;
  /** The cap without room; `null`: it has no price, which the caps ask for. Absent for other codes. */
  readonly cap?: CapRefusal | null;
}

/** Its own guards, or what the provider has said before about its load, its limits or the credential. */
export type RefusalCode = Extract<
  GatewayErrorCode,
  | 'QUEUE_FULL'
  | 'SPEND_LIMIT_REACHED'
  | 'BREAKER_OPEN'
  | 'RETRY_BUDGET_SPENT'
  | 'PROVIDER_OVERLOADED'
  | 'RATE_LIMITED'
  | 'AUTH_REJECTED'
  | 'QUOTA_EXHAUSTED'
  | 'MODEL_NOT_FOUND'
>;
