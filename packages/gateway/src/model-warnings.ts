import { dateAt, systemClock } from '@paceline/resilience';
import { checkConfig } from './config-check.ts';
import { targetsIn } from './config-routes.ts';
import { parseTarget } from './providers/target-name.ts';
import { catalogFor } from './target-models.ts';
import type { Catalog } from './catalog/catalog.ts';
import type { ModelInfo } from './catalog/model-info.ts';
import type { GatewayConfig } from './config.ts';

/**
 * What is odd about the config's models, a sentence for each: a name that looks like a typing mistake, a model that its provider has announced the
 * end of. They are warnings, because the catalog is never complete: such targets are asked all the same. Providers at an address of
 * one's own are left out.
 * @throws GatewayError `CONFIG_INVALID` as `createGateway` does
 */
export function modelWarnings(config: GatewayConfig): readonly string[] {
  checkConfig(config);
  const { clock = systemClock } = config;
  const catalog = catalogFor(config, clock);
  const today = dateAt(clock.epochMs()).toISOString().slice(0, 10);
  const warnings = targetsIn(config).flatMap(({ target }) => {
    const { provider, model } = parseTarget(target, config);
    if (isElsewhere(provider, config)) return [];
    return warningFor(`${provider}/${model}`, catalog, today) ?? [];
  });
  return [...new Set(warnings)];
}

function isElsewhere(provider: string, { providers = {} }: GatewayConfig): boolean {
  const own = Object.hasOwn(providers, provider) ? providers[provider] : undefined;
  return own !== undefined && ('model' in own || own.baseUrl !== undefined);
}

function warningFor(name: string, catalog: Catalog, today: string): string | null {
  const info = catalog.find(name);
  if (info !== null) return ending(name, info, today);
  const meant = catalog.meant(name);
  return meant === null ? null : `${name} is not in the catalog. Did you mean ${meant}?`;
}

function ending(
  name: string,
  { provider, deprecated, endsOn, successor }: ModelInfo,
  today: string,
): string | null {
  if (deprecated?.value !== true) return null;
  const instead = successor === null ? '' : ` Its provider recommends ${provider}/${successor.value}.`;
  if (endsOn === null) return `${name} is deprecated (${deprecated.source}).${instead}`;
  const when = endsOn.value > today ? `ends on ${endsOn.value}` : `has ended on ${endsOn.value}`;
  return `${name} ${when} (${endsOn.source}).${instead}`;
}
