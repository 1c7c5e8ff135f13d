import { targetsIn, targetsOf } from './config-check.ts';
import { findProvider, providerNameOf } from './providers/registry.ts';
import { createTarget } from './targets.ts';
import type { GatewayConfig, RouteConfig } from './config.ts';
import type { Route } from './gate.ts';
import type { Provider } from './providers/registry.ts';
import type { Target, TargetParts } from './targets.ts';

const DEFAULT_ATTEMPTS = 3;

export interface OpenRoutes {
  /** By name, `provider/model`. */
  readonly targets: ReadonlyMap<string, Target>;
  readonly routes: ReadonlyMap<string, Route>;
  /** Values that must never leave the process. Read anew each time. */
  readonly secrets: () => readonly string[];
}

/** Builds each target of a checked config once, and the routes over them. */
export function openRoutes(config: GatewayConfig, parts: TargetParts): OpenRoutes {
  const providers = providersOf(config);
  const targets = new Map<string, Target>();
  for (const { target } of targetsIn(config)) {
    const provider = providers.get(providerNameOf(target)) as Provider;
    if (!targets.has(target)) targets.set(target, createTarget(target, provider, parts));
  }
  return {
    targets,
    routes: routesOf(config, targets),
    secrets: () => [...providers.values()].flatMap((provider) => provider.secrets()),
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
