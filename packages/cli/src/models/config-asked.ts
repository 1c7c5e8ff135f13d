import type { GatewayConfig } from '@paceline/gateway';
import { configFor } from '../config-file.ts';
import type { Io } from '../io.ts';

/** A config, and where it stands. */
export interface AskedConfig {
  readonly config: GatewayConfig;
  readonly path: string;
}

/**
 * The config that was named, else that of this folder, else one of the keys in the environment.
 * @throws CliError `CONFIG_UNUSABLE`
 */
export async function configAsked(configFile: string | undefined, io: Io): Promise<AskedConfig> {
  const { clock, random, env } = io;
  const search = {
    // Configs are looked for beside a file, and messages name it.
    workflowFile: 'the files of this folder',
    needsModels: true,
    ...(configFile !== undefined && { configFile }),
  };
  const context = { clock, random, env, seed: 1, virtual: false, rows: 1 };
  const { config, name: path } = await configFor(search, context, io);
  return { config, path };
}
