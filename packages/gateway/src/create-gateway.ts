import type { GatewayConfig } from './config.ts';
import type { Gateway } from './gateway.ts';
import { GatewayError } from './errors.ts';

/** @throws GatewayError `CONFIG_INVALID`, naming the field and the mend */
export function createGateway(config: GatewayConfig): Gateway {
  throw new GatewayError('CONFIG_INVALID', `Under construction: ${Object.keys(config.roles).join(', ')}`);
}

/** The environment variables the config's targets need and do not find, each once. */
export function missingCredentials(config: GatewayConfig): readonly string[] {
  throw new GatewayError('CONFIG_INVALID', `Under construction: ${Object.keys(config.roles).join(', ')}`);
}
