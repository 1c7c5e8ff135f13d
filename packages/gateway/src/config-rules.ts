import { createBreaker, systemClock, systemRandom } from '@paceline/resilience';
import { routesIn, targetsIn } from './config-routes.ts';
import { didYouMean } from './did-you-mean.ts';
import { logProblems } from './log/log-schema.ts';
import { keyProblems } from './providers/config-keys.ts';
import { KNOWN_HOSTS } from './providers/hosts.ts';
import { findProvider } from './providers/registry.ts';
import { endpointsOf, parseTarget, targetsNamed } from './providers/target-name.ts';
import { capProblems } from './spend/cap-schema.ts';
import type { GatewayConfig } from './config.ts';
import type { NamedRoute } from './config-routes.ts';

/** What a config of the right shape may still get wrong: one sentence for each problem, with its field and its mend. */
type ConfigRule = (config: GatewayConfig) => readonly string[];

export const CONFIG_RULES: readonly ConfigRule[] = [
  unknownProviders,
  unknownEndpoints,
  endpointProblems,
  keyProblems,
  (config) => routesIn(config).flatMap((route) => [...weightProblems(route), ...repeatedTargets(route)]),
  secondTargetProblems,
  shadowedRoutes,
  breakerProblems,
  logProblems,
  ({ caps }) => capProblems(caps),
];

function unknownProviders(config: GatewayConfig): readonly string[] {
  const { providers = {} } = config;
  return targetsIn(config).flatMap(({ field, target }) => {
    const [named] = targetsNamed(target, config);
    const name = named.provider;
    // An endpoint says for itself what it lacks.
    if (named.endpoint !== null || findProvider(named, config, {}) !== undefined) return [];
    const own = Object.hasOwn(providers, name) ? providers[name] : undefined;
    if (own !== undefined) {
      const lacking = 'wire' in own ? 'a `baseUrl`' : 'a `wire`, the API that it speaks';
      return [`${field}: provider \`${name}\` needs ${lacking}.`];
    }
    const known = [...Object.keys(providers), ...Object.keys(KNOWN_HOSTS)];
    return [
      `${field}: unknown provider \`${name}\`. ${didYouMean(name, known)} Or describe it under \`providers\`.`,
    ];
  });
}

/** Starts with a letter and has no slash: `@eu`, and not a part of a model's name such as `@20250514` or `@cf/meta/llama`. */
const LIKE_AN_ENDPOINT = /@(\p{L}[^/@]*)$/u;

function unknownEndpoints(config: GatewayConfig): readonly string[] {
  return targetsIn(config).flatMap(({ field, target }) => {
    const { provider, endpoint } = parseTarget(target, config);
    const known = endpointsOf(provider, config);
    const [, meant] = LIKE_AN_ENDPOINT.exec(target) ?? [];
    if (endpoint !== null || known.length === 0 || meant === undefined) return [];
    const mend = `If it belongs to the model's name, add the endpoint: \`${target}@${known[0]}\`.`;
    return [
      `${field}: provider \`${provider}\` has no endpoint \`${meant}\`. ${didYouMean(meant, known)} ${mend}`,
    ];
  });
}

function endpointProblems(config: GatewayConfig): readonly string[] {
  return Object.entries(config.providers ?? {}).flatMap(([provider, own]) => {
    if (!('endpoints' in own) || own.endpoints === undefined) return [];
    const names = Object.keys(own.endpoints);
    if (names.length === 0) return [`providers.${provider}.endpoints: Expected at least one.`];
    return names.flatMap((endpoint) => {
      const field = `providers.${provider}.endpoints.${endpoint}`;
      const found = findProvider({ provider, endpoint }, config, {});
      if (found === undefined) return [`${field}: needs a \`baseUrl\`.`];
      // No environment, so a key that it is to have is missing. Without one, every request there would come back refused.
      if (own.apiKey === undefined || found.missingKey() !== null) return [];
      return [`${field}: needs an \`apiKey\`; the provider's own goes to its own origin alone.`];
    });
  });
}

function weightProblems({ field, settings }: NamedRoute): readonly string[] {
  const { targets, strategy, weights } = settings;
  if (strategy !== 'weighted') {
    return weights === undefined
      ? []
      : [`${field}.weights: only a \`weighted\` route has weights. Add \`strategy: 'weighted'\`.`];
  }
  if (weights === undefined) {
    return [`${field}.weights: a \`weighted\` route needs one for each target, e.g. \`[95, 5]\`.`];
  }
  if (weights.length !== targets.length) {
    const count = `${weights.length} for ${targets.length} targets`;
    return [`${field}.weights: Expected one for each target, got ${count}.`];
  }
  return weights.some((weight) => weight > 0) ? [] : [`${field}.weights: Expected at least one above 0.`];
}

function repeatedTargets({ field, settings: { targets } }: NamedRoute): readonly string[] {
  return targets.flatMap((target, at) =>
    targets.indexOf(target) === at ? [] : [`${field}[${at}]: \`${target}\` is listed twice. Leave one out.`],
  );
}

/** Both go to another target, never to the same again. */
function secondTargetProblems(config: GatewayConfig): readonly string[] {
  return routesIn(config).flatMap(({ field, settings }) => {
    const targets = settings.targets.flatMap((target) => targetsNamed(target, config));
    if (targets.length > 1) return [];
    return (['hedge', 'continuation'] as const)
      .filter((setting) => settings[setting] === true)
      .map((setting) => `${field}.${setting}: needs a second target to go to.`);
  });
}

function shadowedRoutes({ roles, routes = {} }: GatewayConfig): readonly string[] {
  return Object.keys(routes).flatMap((name) =>
    Object.hasOwn(roles, name) ? [`routes.${name}: a role has this name already.`] : [],
  );
}

/** The breaker knows its own ranges. */
function breakerProblems({ policy }: GatewayConfig): readonly string[] {
  try {
    createBreaker({ ...policy?.breaker, clock: systemClock, random: systemRandom });
    return [];
  } catch (error) {
    return [`policy.breaker: ${error instanceof Error ? error.message : String(error)}`];
  }
}
