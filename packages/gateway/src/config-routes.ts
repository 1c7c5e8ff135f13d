import type { GatewayConfig, RouteConfig, RouteSettings } from './config.ts';

/** One role or named route of a config. */
export interface NamedRoute {
  /** Where it stands: `roles.classify`, `routes.cheap`. */
  readonly field: string;
  readonly name: string;
  readonly settings: RouteSettings;
}

/** Every role and route, roles first. */
export function routesIn({ roles, routes = {} }: GatewayConfig): readonly NamedRoute[] {
  return [...routesUnder('roles', roles), ...routesUnder('routes', routes)];
}

function routesUnder(table: string, routes: Readonly<Record<string, RouteConfig>>): readonly NamedRoute[] {
  return Object.entries(routes).map(([name, route]) => ({
    field: `${table}.${name}`,
    name,
    settings: 'targets' in route ? route : { targets: route },
  }));
}

/** Every target string of the config, with the field it stands in. */
export function targetsIn(
  config: GatewayConfig,
): readonly { readonly field: string; readonly target: string }[] {
  return routesIn(config).flatMap(({ field, settings }) =>
    settings.targets.map((target, at) => ({ field: `${field}[${at}]`, target })),
  );
}
