import type { GatewayConfig } from '@paceline/gateway';
import { findConfigIfAny, loadConfig } from '../config-file.ts';
import { CliError } from '../errors.ts';
import type { Io } from '../io.ts';

/** A config, and where it stands. */
export interface AskedConfig {
  readonly config: GatewayConfig;
  readonly path: string;
}

/**
 * The config that was named, or that of this folder.
 * @throws CliError `CONFIG_UNUSABLE`
 */
export async function configAsked(configFile: string | undefined, io: Io): Promise<AskedConfig> {
  const place = { workflowFile: 'paceline.config.ts', ...(configFile !== undefined && { configFile }) };
  const path = findConfigIfAny(place, io);
  if (path === undefined) {
    throw new CliError(
      'CONFIG_UNUSABLE',
      'There is no paceline.config.ts in this folder. Name one with --config.',
    );
  }
  const { clock, random, env } = io;
  return { path, config: await loadConfig(path, { clock, random, env, seed: 1, virtual: false, rows: 1 }) };
}
