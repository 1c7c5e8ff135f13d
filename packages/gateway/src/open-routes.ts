import { routesIn } from './config-routes.ts';
import { findProvider } from './providers/registry.ts';
import { showTarget, targetsNamed } from './providers/target-name.ts';
import { openTargetModels } from './target-models.ts';
import { createTarget } from './targets.ts';
import type { GatewayConfig, RouteSettings } from './config.ts';
import type { NamedRoute } from './config-routes.ts';
import type { Route, TargetGroup } from './gate.ts';
import type { Provider } from './providers/registry.ts';
import type { TargetName } from './providers/target-name.ts';
import type { Ledger } from './ledger.ts';
import type { TargetModels } from './target-models.ts';
import type { Target, TargetParts } from './targets.ts';

const DEFAULT_ATTEMPTS = 3;

export interface OpenRoutes extends Pick<TargetModels, 'catalog' | 'monthly'> {
  /** By name, `provider/model` or `provider/model@endpoint`. */
  readonly targets: ReadonlyMap<string, Target>;
  readonly routes: ReadonlyMap<string, Route>;
  /** Values that must never leave the process. Read anew each time. */
  readonly secrets: () => readonly string[];
}

/** Builds each target of a checked config once, and the routes over them. */
export function openRoutes(
  config: GatewayConfig,
  parts: Omit<TargetParts, 'models'> & { readonly ledger: Ledger },
): OpenRoutes {
  const models = openTargetModels(config, parts);
  const providers = new Map<string, Provider>();
  const targets = new Map<string, Target>();
  const env = config.env ?? process.env;
  const open = (named: TargetName): Target =>
    once(targets, showTarget(named), (): Target => {
      const account = `${named.provider}@${named.endpoint ?? ''}`;
      // The config check has found it already.
      const provider = once(providers, account, () => findProvider(named, config, env) as Provider);
      return createTarget(named, provider, { ...parts, models });
    });
  const routes = routesIn(config).map((each) => {
    const groups = groupsOf(each.settings, (target) => targetsNamed(target, config).map(open));
    return [each.name, routeOf(each, groups, config)] as const;
  });
  return {
    targets,
    routes: new Map(routes),
    catalog: models.catalog,
    monthly: models.monthly,
    secrets: () => [...providers.values()].flatMap((provider) => provider.secrets()),
  };
}

function once<Value>(made: Map<string, Value>, key: string, make: () => Value): Value {
  const known = made.get(key);
  if (known !== undefined) return known;
  const value = make();
  made.set(key, value);
  return value;
}

/** `provider/model` after `provider/model@eu` stands for the other endpoints: a target has its place where it is named first. */
function groupsOf(
  { targets, weights }: RouteSettings,
  open: (target: string) => readonly Target[],
): readonly TargetGroup[] {
  const placed = new Set<Target>();
  return targets.flatMap((target, at) => {
    const others = open(target).filter((each) => !placed.has(each));
    for (const each of others) placed.add(each);
    return others.length === 0 ? [] : [{ targets: others, weight: weights?.[at] ?? 1 }];
  });
}

function routeOf(
  { name, settings }: NamedRoute,
  groups: readonly TargetGroup[],
  { policy = {} }: GatewayConfig,
): Route {
  return {
    name,
    targets: groups.flatMap(({ targets }) => targets),
    groups,
    strategy: settings.strategy ?? 'ordered',
    attempts: policy.failover === false ? 1 : (settings.attempts ?? policy.attempts ?? DEFAULT_ATTEMPTS),
    limits: { ...policy.limits, ...settings.limits },
    hedge: settings.hedge ?? false,
    continuation: settings.continuation ?? false,
    promptCache: settings.promptCache ?? null,
  };
}
