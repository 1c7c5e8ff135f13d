import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isGatewayError, resolveConfig } from '@paceline/gateway';
import type { ConfigContext, ConfigFactory, GatewayConfig } from '@paceline/gateway';
import { configWithout } from './default-config.ts';
import { CliError, isCliError, mistakeOf } from './errors.ts';
import type { Io } from './io.ts';
import { loadDefaultExport } from './load.ts';

/** Looked for beside the workflow, in this order. */
const NAMES = [
  'paceline.config.ts',
  'paceline.config.mts',
  'paceline.config.js',
  'paceline.config.mjs',
] as const;

export interface ConfigPlace {
  readonly workflowFile: string;
  /** `--config`. @default the first of the known names beside the workflow */
  readonly configFile?: string;
}

/** Where the config of a workflow is, if it has one. @throws CliError `CONFIG_UNUSABLE` if one was named and is not there */
export function findConfigIfAny({ workflowFile, configFile }: ConfigPlace, io: Io): string | undefined {
  const folder = dirname(resolve(io.cwd, workflowFile));
  const candidates =
    configFile === undefined ? NAMES.map((name) => join(folder, name)) : [resolve(io.cwd, configFile)];
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined && configFile !== undefined) {
    throw new CliError('CONFIG_UNUSABLE', `${configFile}: there is no such file`);
  }
  return found;
}

/** A config, and what messages call it. */
export interface NamedConfig {
  readonly config: GatewayConfig;
  readonly name: string;
}

export interface ConfigSearch extends ConfigPlace {
  /** The workflow's steps ask for models. */
  readonly needsModels: boolean;
}

/**
 * The config that was named, else the one beside the workflow, else one of the keys in the environment.
 * @throws CliError `CONFIG_UNUSABLE` if one was named and is not there, if it is no good, or if there is neither a file nor a key
 */
export async function configFor(search: ConfigSearch, context: ConfigContext, io: Io): Promise<NamedConfig> {
  const path = findConfigIfAny(search, io);
  if (path !== undefined) return { config: await loadConfig(path, context), name: path };
  const config = configWithout({ ...search, configName: NAMES[0] }, io);
  return { config, name: 'The keys in the environment' };
}

/**
 * Loads the config and, if it is a factory, lets it set itself up for this run.
 * @throws CliError `CONFIG_UNUSABLE`
 */
export async function loadConfig(path: string, context: ConfigContext): Promise<GatewayConfig> {
  try {
    const exported = await loadDefaultExport(path);
    if (!isConfig(exported)) {
      throw new CliError(
        'CONFIG_UNUSABLE',
        `${path}: expected \`export default defineConfig({ roles: ... })\``,
      );
    }
    return await resolveConfig(exported, context);
  } catch (error) {
    if (isCliError(error)) throw error;
    // A config that refuses explains itself; anything else is the file's own mistake, told with its place.
    const detail = isGatewayError(error) ? error.message : mistakeOf(error);
    throw new CliError('CONFIG_UNUSABLE', `${path}: ${detail}`, error);
  }
}

function isConfig(exported: unknown): exported is GatewayConfig | ConfigFactory {
  return (
    typeof exported === 'function' ||
    (typeof exported === 'object' && exported !== null && 'roles' in exported)
  );
}
