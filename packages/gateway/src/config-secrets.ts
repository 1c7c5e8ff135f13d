import { targetsIn } from './config-routes.ts';
import { findProvider } from './providers/registry.ts';
import { targetsNamed } from './providers/target-name.ts';
import { secretFinder } from './secrets.ts';
import type { GatewayConfig } from './config.ts';
import type { SecretFinder } from './secrets.ts';

/** The secrets that the config refers to by variable, as they are now; keys that no route uses included. */
export function namedSecrets(config: GatewayConfig): Readonly<Record<string, string>> {
  const { redact, log, env = process.env } = config;
  const references = [
    ...keysNamed(config),
    ...(redact?.secrets ?? []),
    ...(log?.hashKey === undefined ? [] : [log.hashKey]),
  ];
  const names = references.map((reference) => reference.slice('env:'.length));
  return Object.fromEntries(names.map((name) => [name, env[name] ?? '']));
}

function keysNamed({ providers = {} }: GatewayConfig): readonly string[] {
  return Object.values(providers).flatMap((own) => {
    if ('model' in own) return [];
    const keys = [own, ...Object.values({ ...own.endpoints, ...own.keys })];
    return keys.flatMap(({ apiKey }) => apiKey ?? []);
  });
}

/** Looks for the config's credentials and the secrets that it names, as they are now. */
export function configSecretFinder(config: GatewayConfig): SecretFinder | undefined {
  const env = config.env ?? process.env;
  const providers = targetsIn(config)
    .flatMap(({ target }) => targetsNamed(target, config))
    .flatMap((named) => findProvider(named, config, env) ?? []);
  const credentials = providers.map((provider) => provider.credentials());
  return secretFinder(
    Object.assign({}, ...credentials, namedSecrets(config)) as Readonly<Record<string, string>>,
  );
}
