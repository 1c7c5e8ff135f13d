import type { FaultName, FaultParameters } from '../faults.ts';
import type { LatencyModel } from '../latency.ts';
import type { WireFormat } from '../wire/wire.ts';

/** Which providers there are, how fast they are and what goes wrong. Plain data: it may come from a JSON file. */
export interface Scenario {
  /** By name: the first part of every address. */
  readonly providers: Readonly<Record<string, SimulatedProvider>>;
}

export interface SimulatedProvider {
  readonly wire: WireFormat;
  /** Of every model of this provider. @default by the model's name: small models are fast */
  readonly latency?: LatencyModel;
  /** Of single models, by name. */
  readonly models?: Readonly<Record<string, LatencyModel>>;
  /** What it says where plain text is asked for. @default one sentence, which says that it is simulated */
  readonly answer?: string;
  /** Whether a request may end in an assistant message, for the model to go on from; else it is answered 400. @default true */
  readonly prefill?: boolean;
  /** The first rule that matches a call and draws it decides its fate. @default none */
  readonly faults?: readonly FaultRule[];
  /** Answers 401 to requests without a credential; any credential will do. @default false */
  readonly requireKey?: boolean;
  /** Tools that an answer calls at once, the best fitting first; again from the first where fewer are offered. Minimum 1. @default 1 */
  readonly toolCallsAtOnce?: number;
  /** What each credential may use; more is answered 429. @default no limit, and no headers about one */
  readonly rateLimit?: RateLimit;
  /** How much all callers together may get done. @default no limit */
  readonly capacity?: Capacity;
  /** Whether prompts that begin alike are read from a cache, for the usage only: it makes nothing faster. @default none */
  readonly promptCache?: PromptCache;
}

/** At least one of the two. A limit refills evenly, so after a pause a whole minute's worth may be used at once. */
export interface RateLimit {
  readonly requestsPerMinute?: number;
  /** Of prompts and answers together. */
  readonly tokensPerMinute?: number;
}

/**
 * All calls that reach the model wait in one queue, first come, first served. Whoever leaves it keeps his turn: nobody looks
 * before the work is done. So work that no one waits for any more keeps an overloaded provider overloaded.
 */
export interface Capacity {
  /** Calls begun per second, at even distances. Above 0. */
  readonly perSecond: number;
  /** Calls that may wait; the next is told at once that the provider is overloaded. @default no limit */
  readonly maxQueued?: number;
  /** When it is another, by this factor; 0: nothing moves at all. Where two changes overlap the first counts. @default never */
  readonly changes?: readonly CapacityChange[];
}

export interface CapacityChange {
  /** Milliseconds since the simulator was created, [from, to). */
  readonly betweenMs: readonly [from: number, to: number];
  readonly factor: number;
}

export interface PromptCache {
  /** Shorter prompts are not kept. @default 1_024 */
  readonly minTokens?: number;
  /** How long a prompt is kept after its last use. @default 300_000 */
  readonly keepMs?: number;
}

/** When a fault strikes. All conditions given have to hold. Ranges are [from, to): `to` is not included. */
export interface FaultRule extends FaultParameters {
  readonly fault: FaultName;
  /** Share of the matching calls that it strikes, 0 to 1. @default 1 */
  readonly probability?: number;
  /** Rows of a batch (from the run id); without `x-paceline-call` the provider's requests, counted from 0. */
  readonly rows?: readonly [from: number, to: number];
  readonly models?: readonly string[];
  /** Credentials, without the word `Bearer`: one tenant's key, say. */
  readonly keys?: readonly string[];
  /** The step's name in the workflow. */
  readonly step?: string;
  /** Counted from 1 within a call. */
  readonly attempts?: readonly number[];
  /** Counted from 0 within a step. */
  readonly turns?: readonly number[];
  /** At most so many calls, in order of arrival. */
  readonly times?: number;
  /** Milliseconds since the simulator was created. */
  readonly betweenMs?: readonly [from: number, to: number];
}
