import { checkConfig } from './config-check.ts';
import { targetsIn } from './config-routes.ts';
import { configSecretFinder } from './config-secrets.ts';
import { generate } from './generate.ts';
import { healthOf, routesOf } from './health.ts';
import { openGate } from './open-gate.ts';
import { createPoolFetch } from './providers/pool-fetch.ts';
import { expectedUsage } from './meter/usage.ts';
import { findProvider } from './providers/registry.ts';
import { targetsNamed } from './providers/target-name.ts';
import { stream } from './stream.ts';
import { routeUse } from './usable.ts';
import type { GatewayConfig } from './config.ts';
import type { Gate } from './gate.ts';
import type { Gateway, TargetView } from './gateway.ts';
import type { Provider } from './providers/registry.ts';
import type { Target } from './targets.ts';

/** @throws GatewayError `CONFIG_INVALID`, naming each wrong field and its mend */
export function createGateway(config: GatewayConfig): Gateway {
  checkConfig(config);
  const pool =
    config.fetch === undefined ? createPoolFetch() : { fetch: config.fetch, close: async () => {} };
  const gate = openGate(config, pool.fetch);
  const close = async (): Promise<void> => {
    await pool.close();
    await config.onClose?.();
    await gate.log?.lines.close();
  };
  const secretIn = configSecretFinder(config);
  let closed: Promise<void> | undefined;
  return {
    generate: (request) => generate(request, gate),
    stream: (request) => stream(request, gate),
    events: gate.events,
    ledger: gate.ledger,
    simulated: config.simulated ?? false,
    ...(secretIn !== undefined && { secretIn }),
    redactor: gate.redactor,
    ...(gate.log !== null && { log: gate.log.lines }),
    usable: (route, options) => routeUse(route, options, gate),
    priceUsd: (target, tokens) =>
      gate.targets.get(target)?.price(expectedUsage(tokens), gate.clock.epochMs()).usd ?? null,
    targets: () => [...gate.targets.values()].map((target) => viewOf(target, gate)),
    health: () => healthOf(gate),
    close: () => (closed ??= close()),
  };
}

function viewOf(target: Target, gate: Gate): TargetView {
  return {
    name: target.name,
    routes: routesOf(target, gate),
    breaker: target.breaker.phase,
    inFlight: target.bulkhead.inFlight,
    queued: target.bulkhead.queued,
  };
}

/**
 * The environment variables that the config's targets need and do not find, each once: for a message before the first
 * call. Without it, a call passes over such targets and fails when no other is left.
 * @throws GatewayError `CONFIG_INVALID` as `createGateway` does
 */
export function missingCredentials(config: GatewayConfig): readonly string[] {
  return eachOnce(config, (provider) => provider.missingKey());
}

/**
 * The npm packages that the config's targets need and that are not installed, each once.
 * @throws GatewayError `CONFIG_INVALID` as `createGateway` does
 */
export function missingPackages(config: GatewayConfig): readonly string[] {
  return eachOnce(config, (provider) => provider.missingPackage());
}

function eachOnce(config: GatewayConfig, lack: (provider: Provider) => string | null): readonly string[] {
  checkConfig(config);
  const env = config.env ?? process.env;
  const missing = targetsIn(config)
    .flatMap(({ target }) => targetsNamed(target, config))
    .flatMap((named) => findProvider(named, config, env) ?? [])
    .flatMap((provider) => lack(provider) ?? []);
  return [...new Set(missing)];
}
