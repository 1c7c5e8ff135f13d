import type { EventEmitter } from 'eventemitter3';
import type { GatewayEvents } from './events.ts';
import type { Ledger } from './ledger.ts';
import type { ModelRequest } from './request.ts';
import type { ModelResult, ModelStreamEvent } from './result.ts';

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
  /** Every target of every route, in order of first mention, as it stands now. */
  targets(): readonly TargetView[];
  /** Closes the connections and calls the config's `onClose`. Calls still in flight end with `PROVIDER_UNREACHABLE`. */
  close(): Promise<void>;
}

/** The state of one target, for a live view or a health page. */
export interface TargetView {
  /** `provider/model`. */
  readonly name: string;
  /** The roles and routes that use it. */
  readonly routes: readonly string[];
  readonly breaker: 'closed' | 'open' | 'probing';
  readonly inFlight: number;
  /** Calls that wait for a place. */
  readonly queued: number;
}
