import { defineConfig, GatewayError } from '@paceline/gateway';
import type { GatewayConfig, RouteConfig } from '@paceline/gateway';
import { roles } from './paceline.config.ts';

/** Where each provider's key is looked for. */
const KEYS: Readonly<Record<string, string>> = {
  openai: 'OPENAI_API_KEY',
  anthropic: 'ANTHROPIC_API_KEY',
  google: 'GOOGLE_GENERATIVE_AI_API_KEY',
};

/** The same roles on the real providers whose keys are in the environment. This costs money. */
export default defineConfig(({ env }) => {
  const usable = Object.keys(KEYS).filter((provider) => (env[KEYS[provider] ?? ''] ?? '') !== '');
  if (usable.length === 0) {
    const names = Object.values(KEYS).join(', ');
    throw new GatewayError(
      'CONFIG_INVALID',
      `No key in the environment. Looked for ${names}; one is enough.`,
    );
  }
  return { roles: onlyOn(usable) };
});

function onlyOn(providers: readonly string[]): GatewayConfig['roles'] {
  return Object.fromEntries(
    Object.entries(roles).map(([role, route]) => [
      role,
      targetsOf(route).filter((target) => providers.includes(target.split('/', 1)[0] ?? '')),
    ]),
  );
}

function targetsOf(route: RouteConfig): readonly string[] {
  return 'targets' in route ? route.targets : route;
}
