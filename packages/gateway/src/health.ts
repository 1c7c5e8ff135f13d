import type { Gate } from './gate.ts';
import type { GatewayHealth, TargetHealthView } from './gateway.ts';
import type { Target } from './targets.ts';

/** All that the gateway goes by when it lets calls in and chooses targets, as it is now. */
export function healthOf(gate: Gate): GatewayHealth {
  return {
    targets: [...gate.targets.values()].map((target) => targetHealth(target, gate)),
    retryBudget: gate.retries.level,
    hedgeBudget: gate.hedges.level,
    loopDelayMs: gate.loop.p99Ms,
    tenants: gate.tenants.list(),
  };
}

function targetHealth(target: Target, gate: Gate): TargetHealthView {
  const { name, breaker, bulkhead, limit, rates } = target;
  return {
    name,
    endpoint: target.endpoint,
    routes: routesOf(target, gate),
    breaker: { phase: breaker.phase, retryInMs: breaker.retryInMs },
    denied: target.denials.list(),
    parked: target.parking.now,
    limit: { now: limit.limit, max: target.maxInFlight, inFlight: bulkhead.inFlight },
    queue: { length: bulkhead.queued, oldestMs: bulkhead.oldestMs },
    rate: {
      requestsLeft: rates.requests.share,
      tokensLeft: rates.tokens.share,
      retryInMs: Math.max(rates.requests.retryInMs(), rates.tokens.retryInMs()),
    },
    throttle: target.throttle().rejectShare,
    retryBudget: target.retries.level,
    firstChunk: gate.latencies.firstChunk(name),
    tokensPerSecond: gate.latencies.tokensPerSecond(name),
  };
}

/** The roles and routes that use a target. */
export function routesOf(target: Target, { routes }: Gate): readonly string[] {
  return [...routes.values()].filter((route) => route.targets.includes(target)).map((route) => route.name);
}
