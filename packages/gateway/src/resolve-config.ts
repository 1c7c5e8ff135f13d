import type { ConfigContext, ConfigFactory, GatewayConfig } from './config.ts';

/**
 * What a `paceline.config.ts` exports, made into a config for this run: a factory is called with the context, and
 * the clock, chance and environment of the context fill in what the config leaves out.
 */
export async function resolveConfig(
  exported: GatewayConfig | ConfigFactory,
  context: ConfigContext,
): Promise<GatewayConfig> {
  const config = typeof exported === 'function' ? await exported(context) : exported;
  const { clock, random, env } = context;
  return { clock, random, env, ...config };
}
