import { createRetryBudget, systemClock, systemRandom } from '@paceline/resilience';
import type { BreakerPhase } from '@paceline/resilience';
import { EventEmitter } from 'eventemitter3';
import { targetsIn, targetsOf } from './config-check.ts';
import { memoryLedger } from './memory-ledger.ts';
import { findProvider, providerNameOf } from './providers/registry.ts';
import { createRedact } from './redact.ts';
import { createTarget } from './targets.ts';
import type { GatewayConfig, RouteConfig } from './config.ts';
import type { GatewayEvents } from './events.ts';
import type { Gate, Route } from './gate.ts';
import type { Provider } from './providers/registry.ts';
import type { Target } from './targets.ts';

const DEFAULT_ATTEMPTS = 3;
const DEFAULT_MAX_IN_FLIGHT = 64;

/** Retries and failovers of the whole gateway: ten times what one target may have of its own. */
const SHARED_RETRIES = { capacity: 100 };

/** Makes a checked config complete: every default filled in, every target built. */
export function openGate(config: GatewayConfig, fetch: typeof globalThis.fetch): Gate {
  const { clock = systemClock, random = systemRandom, policy = {} } = config;
  const events = new EventEmitter<GatewayEvents>();
  const emit: Gate['emit'] = (name, event) => {
    try {
      events.emit(name, ...([event] as never));
    } catch (error) {
      // A listener's fault is not the call's. It surfaces where faults of callbacks do: as an uncaught exception.
      queueMicrotask(() => {
        throw error;
      });
    }
  };
  const taps: Gate['taps'] = new WeakMap();
  const parts = {
    clock,
    random,
    breaker: policy.breaker ?? {},
    maxInFlight: policy.maxInFlightPerTarget ?? DEFAULT_MAX_IN_FLIGHT,
    fetch: fetchThroughTaps(taps, fetch),
    onBreakerChange: (target: string, phase: BreakerPhase) => emit('breaker-change', { target, phase }),
  };
  const providers = providersOf(config);
  const targets = new Map<string, Target>();
  for (const { target } of targetsIn(config)) {
    const provider = providers.get(providerNameOf(target)) as Provider;
    if (!targets.has(target)) targets.set(target, createTarget(target, provider, parts));
  }
  return {
    clock,
    random,
    fetch,
    ledger: config.ledger ?? memoryLedger(),
    events,
    emit,
    targets,
    routes: routesOf(config, targets),
    failover: policy.failover ?? true,
    retries: createRetryBudget(SHARED_RETRIES),
    redact: createRedact(() => [...providers.values()].flatMap((provider) => provider.secrets())),
    taps,
  };
}

/** A model that passes the signal on reaches its attempt's tap; one that does not still reaches the network. */
function fetchThroughTaps(taps: Gate['taps'], fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return (input, init) => {
    const tap = init?.signal ? taps.get(init.signal) : undefined;
    return (tap?.fetch ?? fetch)(input, init);
  };
}

function providersOf(config: GatewayConfig): ReadonlyMap<string, Provider> {
  const env = config.env ?? process.env;
  const names = new Set(targetsIn(config).map(({ target }) => providerNameOf(target)));
  return new Map([...names].map((name) => [name, findProvider(name, config, env) as Provider]));
}

/** Roles first: a route of the same name would be shadowed, so the config check refuses it. */
function routesOf({ roles, routes, policy = {} }: GatewayConfig, targets: ReadonlyMap<string, Target>) {
  const open = (name: string, each: RouteConfig): Route => {
    const own = 'targets' in each ? each : { attempts: undefined, limits: undefined };
    return {
      name,
      targets: targetsOf(each).map((target) => targets.get(target) as Target),
      attempts: policy.failover === false ? 1 : (own.attempts ?? policy.attempts ?? DEFAULT_ATTEMPTS),
      limits: { ...policy.limits, ...own.limits },
    };
  };
  const all = Object.entries({ ...routes, ...roles });
  return new Map(all.map(([name, each]) => [name, open(name, each)]));
}
