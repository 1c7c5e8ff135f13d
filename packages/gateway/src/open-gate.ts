import { createLoopMonitor, createRetryBudget, systemClock, systemRandom } from '@paceline/resilience';
import type { BreakerOptions, BreakerPhase } from '@paceline/resilience';
import { createResponseCache } from './cache/response-cache.ts';
import { NO_BUDGET } from './guards.ts';
import { createLatencyBook } from './latency-book.ts';
import { memoryLedger } from './memory-ledger.ts';
import { openRoutes } from './open-routes.ts';
import { openOutlets } from './outlets.ts';
import { createPromptMemory } from './prompt-cache/memory.ts';
import { createContests } from './route/contest.ts';
import { createShedder } from './shedding.ts';
import { openCaps } from './spend/caps.ts';
import { createTenants } from './tenants.ts';
import type { GatewayConfig, PolicyConfig } from './config.ts';
import type { Gate } from './gate.ts';

const DEFAULT_MAX_IN_FLIGHT = 64;

/** Retries and failovers of the whole gateway: ten times what one target may have of its own. */
const SHARED_RETRIES = { capacity: 100 };

/** How long a target that stays down is left alone at most: one attempt in 5 s costs little, and one that is back is soon used again. */
const LONGEST_OPEN_MS = 5_000;

/** 5 % of the calls that may be hedged. Nothing to begin with: what has not been learned yet need not be hedged. */
const HEDGES = { capacity: 5, perCall: 0.05, initial: 0 };

/** Makes a checked config complete: every default filled in, every target built. */
export function openGate(config: GatewayConfig, fetch: typeof globalThis.fetch): Gate {
  const { clock = systemClock, random = systemRandom, policy = {} } = config;
  const taps: Gate['taps'] = new WeakMap();
  const guards = policy.guards ?? true;
  const loop = createLoopMonitor({ clock });
  const parts = {
    clock,
    random,
    breaker: breakerOptions(policy.breaker),
    maxInFlight: policy.maxInFlightPerTarget ?? DEFAULT_MAX_IN_FLIGHT,
    tenantWeight: weightIn(policy.tenantWeights),
    guards,
    fetch: fetchThroughTaps(taps, fetch),
    onBreakerChange: (target: string, phase: BreakerPhase) =>
      outlets.emit('breaker-change', { target, phase }),
  };
  const ledger = config.ledger ?? memoryLedger();
  const { secrets, ...opened } = openRoutes(config, { ...parts, ledger });
  const outlets = openOutlets(config, { clock, credentials: secrets });
  return {
    clock,
    random,
    fetch,
    ledger,
    caps: openCaps(config.caps, policy.unpricedUsd),
    latencies: createLatencyBook(ledger),
    contests: createContests(random),
    ...outlets,
    ...opened,
    checksModels: policy.checkModels ?? true,
    failover: policy.failover ?? true,
    guards,
    loop,
    shedder: createShedder(loop, clock),
    tenants: createTenants({ clock, maxInFlight: policy.maxInFlightPerTenant ?? Infinity }),
    retries: createRetryBudget(guards ? SHARED_RETRIES : NO_BUDGET),
    hedges: createRetryBudget(HEDGES),
    cache: config.cache === undefined ? null : createResponseCache(config.cache, clock),
    prompts: createPromptMemory(clock),
    taps,
  };
}

function breakerOptions(breaker: BreakerOptions = {}): BreakerOptions {
  return { openForMaxMs: Math.max(LONGEST_OPEN_MS, breaker.openForMs ?? 0), ...breaker };
}

/** Names of tenants come from outside: one called `constructor` weighs no more than any other. */
function weightIn(weights: PolicyConfig['tenantWeights'] = {}): (tenant: string) => number {
  return (tenant) => (Object.hasOwn(weights, tenant) ? weights[tenant] : undefined) ?? 1;
}

/** A model that passes the signal on reaches its attempt's tap; one that does not still reaches the network. */
function fetchThroughTaps(taps: Gate['taps'], fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return (input, init) => {
    const tap = init?.signal ? taps.get(init.signal) : undefined;
    return (tap?.fetch ?? fetch)(input, init);
  };
}
