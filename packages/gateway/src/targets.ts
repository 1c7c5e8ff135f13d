import { createBreaker, createBulkhead, createRetryBudget } from '@paceline/resilience';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import type {
  Breaker,
  BreakerOptions,
  BreakerPhase,
  Bulkhead,
  Clock,
  Random,
  RetryBudget,
} from '@paceline/resilience';
import { createPricer } from './price.ts';
import { showTarget } from './providers/target-name.ts';
import type { Pricer } from './price.ts';
import type { Provider } from './providers/registry.ts';
import type { TargetName } from './providers/target-name.ts';

/** One `provider/model` at one endpoint, with one credential: the unit of health, breaker, limits and price. */
export interface Target {
  /** `provider/model`, with `@endpoint` where the provider has several. */
  readonly name: string;
  readonly endpoint: string | null;
  readonly provider: Provider;
  readonly breaker: Breaker;
  readonly bulkhead: Bulkhead;
  /** Retries on this target by all calls. */
  readonly retries: RetryBudget;
  readonly price: Pricer;
  /** The provider's model. Its fetch is the tap of the attempt whose signal comes with the request. */
  model(): LanguageModelV4;
  /** Lets one call through an open breaker, at most every 250 ms. */
  tryForce(): boolean;
}

export interface TargetParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly breaker: BreakerOptions;
  readonly maxInFlight: number;
  readonly fetch: typeof globalThis.fetch;
  readonly onBreakerChange: (target: string, phase: BreakerPhase) => void;
}

/** When every target of a route is shut, one call gets through this often, to find out which comes back first. */
const FORCE_EVERY_MS = 250;

/** Callers that may wait for a place, per place: their deadlines shorten the queue, this bounds its memory. */
const QUEUED_PER_PLACE = 4;

export function createTarget(named: TargetName, provider: Provider, parts: TargetParts): Target {
  const { clock, random, maxInFlight } = parts;
  const name = showTarget(named);
  let model: LanguageModelV4 | undefined;
  let forcedAtMs = Number.NEGATIVE_INFINITY;
  return {
    name,
    endpoint: named.endpoint,
    provider,
    breaker: createBreaker({
      ...parts.breaker,
      clock,
      random,
      onChange: (phase) => parts.onBreakerChange(name, phase),
    }),
    bulkhead: createBulkhead({ maxInFlight, maxQueued: QUEUED_PER_PLACE * maxInFlight, clock }),
    retries: createRetryBudget(),
    price: createPricer(provider.pricedAs, named.model),
    model: () => (model ??= provider.connect(named.model, parts.fetch)),
    tryForce() {
      if (clock.nowMs() - forcedAtMs < FORCE_EVERY_MS) return false;
      forcedAtMs = clock.nowMs();
      return true;
    },
  };
}
