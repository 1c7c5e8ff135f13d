import type { EventEmitter } from 'eventemitter3';
import type { GatewayEvents } from './events.ts';
import type { Denial } from './denials.ts';
import type { LatencyView, Ledger } from './ledger.ts';
import type { Log } from './log/contract.ts';
import type { Parked } from './parking.ts';
import type { ModelRequest } from './request.ts';
import type { ModelResult, ModelStreamEvent } from './result.ts';
import type { Redactor } from './redact.ts';
import type { SecretFinder } from './secrets.ts';
import type { TenantLoad } from './tenants.ts';
import type { RouteUse, UsableOptions } from './usable.ts';

/** Picks a model, survives its failure, pays for it and keeps the time. One per process serves any number of runs. */
export interface Gateway {
  /**
   * Resolves with a complete answer, never a truncated one.
   * @throws GatewayError with one of `GATEWAY_ERRORS`; it carries the attempts made
   */
  generate(request: ModelRequest): Promise<ModelResult>;
  /**
   * Yields text as it arrives; the last event is `end`. Leaving the loop early cancels the call upstream at once.
   * @throws GatewayError as `generate` does
   */
  stream(request: ModelRequest): AsyncIterable<ModelStreamEvent>;
  readonly events: EventEmitter<GatewayEvents>;
  readonly ledger: Ledger;
  /** True when the config says its providers are simulated. */
  readonly simulated: boolean;
  /**
   * Which of the config's credentials a text holds, by the name of its variable or header; plain, in base64 or URL-encoded. Absent where there are
   * none to look for.
   */
  readonly secretIn?: SecretFinder;
  /** Where the gateway logs, so that the engine's lines go there too. Absent without a log. */
  readonly log?: Log;
  /** What is to leave the process goes through it. Absent where nothing is known of secrets: in a stand-in for tests. */
  readonly redactor?: Redactor;
  /**
   * Whether a route has a target that could take a call in time: its key is there, it is not put aside for longer, its breaker lets a
   * call through by then. Reading it changes nothing, asks nobody and costs a few microseconds.
   */
  usable(route: string, options: UsableOptions): RouteUse;
  /**
   * What a call to a target costs at today's list price, in US dollars; `null` where the price table does not know its model, or the gateway
   * not the target.
   */
  priceUsd(target: string, tokens: ExpectedTokens): number | null;
  /** Every target of every route, in order of first mention, as it stands now. */
  targets(): readonly TargetView[];
  /** The same and all else that decides who is let in and who is asked, for a dashboard. Reading it changes nothing. */
  health(): GatewayHealth;
  /** Closes the connections and calls the config's `onClose`. Calls still in flight end with `PROVIDER_UNREACHABLE`. */
  close(): Promise<void>;
}

/** About how long a prompt and its answer are. */
export interface ExpectedTokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The state of one target, for a live view or a health page. */
export interface TargetView {
  /** `provider/model`, with `@endpoint` where the provider has several. */
  readonly name: string;
  /** The roles and routes that use it. */
  readonly routes: readonly string[];
  readonly breaker: 'closed' | 'open' | 'probing';
  readonly inFlight: number;
  /** Calls that wait for a place. */
  readonly queued: number;
}

/** All that the gateway goes by when it lets calls in and chooses targets, as plain data. */
export interface GatewayHealth {
  /** In order of first mention. */
  readonly targets: readonly TargetHealthView[];
  /** Retries and failovers that all calls together may still make. */
  readonly retryBudget: number;
  /** Hedges that they may still make. */
  readonly hedgeBudget: number;
  /** How late this process's timers come: the p99 of the last second, in milliseconds; 0 while no call is in flight. */
  readonly loopDelayMs: number;
  /** Calls in flight, by tenant. */
  readonly tenants: readonly TenantLoad[];
}

export interface TargetHealthView {
  /** `provider/model`, with `@endpoint` where the provider has several. */
  readonly name: string;
  readonly endpoint: string | null;
  /** The roles and routes that use it. */
  readonly routes: readonly string[];
  /** `retryInMs`: until it lets a call through; 0 if it does now. */
  readonly breaker: { readonly phase: TargetView['breaker']; readonly retryInMs: number };
  /** Tenants for whom it is passed over, because it has refused their credential, their quota or the model. */
  readonly denied: readonly Denial[];
  /** Nobody asks it for so long: its rate limit or its quota is used up, or its key was refused. `null`: it may be asked. */
  readonly parked: Parked | null;
  /** Calls at once: as many as it is trusted with now and at most, and as there are. */
  readonly limit: { readonly now: number; readonly max: number; readonly inFlight: number };
  /** Attempts that wait for a place, and for how long the first of them has. */
  readonly queue: { readonly length: number; readonly oldestMs: number };
  /**
   * What the provider has said of its rate limits: the share that is left of each, 1 if it has said nothing, and when the next call fits;
   * 0: now.
   */
  readonly rate: { readonly requestsLeft: number; readonly tokensLeft: number; readonly retryInMs: number };
  /** The share of calls held back because it refuses most for overload, from 0 to 1. */
  readonly throttle: number;
  /** Retries that it may still get. */
  readonly retryBudget: number;
  /** Times to the first content; `null` before the first answer. */
  readonly firstChunk: LatencyView | null;
  /** `null` until it has written an answer long enough to tell. */
  readonly tokensPerSecond: number | null;
}
