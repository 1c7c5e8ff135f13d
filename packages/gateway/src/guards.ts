import {
  createAdaptiveLimit,
  createBreaker,
  createBulkhead,
  createRateWindow,
  createRetryBudget,
  createThrottle,
} from '@paceline/resilience';
import type {
  AdaptiveLimit,
  Breaker,
  BreakerOptions,
  BreakerPhase,
  Bulkhead,
  Clock,
  Random,
  RateWindow,
  RetryBudget,
  Throttle,
} from '@paceline/resilience';
import { createDenials } from './denials.ts';
import { createParking } from './parking.ts';
import type { Denials } from './denials.ts';
import type { Parking } from './parking.ts';

/** What stands between the calls and one target, and remembers how it has behaved. `admit.ts` has the order. */
export interface Guards {
  readonly breaker: Breaker;
  /** Places, shared fairly between tenants; as many as `limit` says. */
  readonly bulkhead: Bulkhead;
  /** How many calls at once the target takes, found out by what it does. */
  readonly limit: AdaptiveLimit;
  /** What `limit` never exceeds. */
  readonly maxInFlight: number;
  /** Holds back calls that the target would refuse as overloaded. A new one after each recovery. */
  readonly throttle: () => Throttle;
  /** What the provider has said about its rate limits. */
  readonly rates: Rates;
  /** Whom it has refused for the sake of a credential, a quota or a model's name. */
  readonly denials: Denials;
  /** Whether its credential is of use now. */
  readonly parking: Parking;
  /** Retries on this target by all calls. */
  readonly retries: RetryBudget;
  /** Lets one call through whatever stands in its way, at most every 250 ms. */
  tryForce(): boolean;
}

export interface Rates {
  readonly requests: RateWindow;
  readonly tokens: RateWindow;
}

export interface GuardParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly breaker: BreakerOptions;
  /** What a target's limit never exceeds. */
  readonly maxInFlight: number;
  readonly tenantWeight: (tenant: string) => number;
  /** False: retries without end. */
  readonly guards: boolean;
}

/** As many as the breaker needs before it goes by a share: model calls are too few to judge by the first. */
const THROTTLE = { minimumCalls: 10 };

/** When every target of a route is shut, one call gets through this often, to find out which comes back first. */
const FORCE_EVERY_MS = 250;

/** Callers that may wait for a place, per place: their deadlines shorten the queue, this bounds its memory. */
const QUEUED_PER_PLACE = 4;

/** More than it holds at first: a burst of calls brings the retries of a tenth of them along, and does not find the bucket full. */
const TARGET_RETRIES = { capacity: 20, initial: 10 };

/** Retries without end: the control that shows what a budget saves. */
export const NO_BUDGET = { capacity: Infinity };

/** @param pooled the target is one key of several */
export function createGuards(
  parts: GuardParts,
  pooled: boolean,
  onBreakerChange: (phase: BreakerPhase) => void,
): Guards {
  const { clock, random, maxInFlight, tenantWeight } = parts;
  const limit = createAdaptiveLimit({ clock, max: maxInFlight });
  let throttle = createThrottle({ ...THROTTLE, clock, random });
  let forcedAtMs = Number.NEGATIVE_INFINITY;
  return {
    limit,
    maxInFlight,
    throttle: () => throttle,
    breaker: createBreaker({
      ...parts.breaker,
      clock,
      random,
      onChange(phase) {
        if (phase === 'closed') {
          // What it refused while it was down says nothing about it now. The ramp spares it instead.
          throttle = createThrottle({ ...THROTTLE, clock, random });
          limit.ramp();
        }
        onBreakerChange(phase);
      },
    }),
    bulkhead: createBulkhead({
      maxInFlight: () => limit.limit,
      maxQueued: QUEUED_PER_PLACE * maxInFlight,
      clock,
      tenantWeight,
    }),
    // Providers' windows are token buckets: units come back bit by bit.
    rates: {
      requests: createRateWindow({ clock, steady: true }),
      tokens: createRateWindow({ clock, steady: true }),
    },
    denials: createDenials(clock),
    parking: createParking(clock, pooled),
    retries: createRetryBudget(parts.guards ? TARGET_RETRIES : NO_BUDGET),
    tryForce() {
      if (clock.nowMs() - forcedAtMs < FORCE_EVERY_MS) return false;
      forcedAtMs = clock.nowMs();
      return true;
    },
  };
}
