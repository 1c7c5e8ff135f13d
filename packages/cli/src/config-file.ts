import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isGatewayError, resolveConfig } from '@paceline/gateway';
import type { ConfigContext, ConfigFactory, GatewayConfig } from '@paceline/gateway';
import { CliError, isCliError, mistakeOf } from './errors.ts';
import type { Io } from './io.ts';
import { loadDefaultExport } from './load.ts';

/** Looked for beside the workflow, in this order. */
const NAMES = ['paceline.config.ts', 'paceline.config.mts', 'paceline.config.js', 'paceline.config.mjs'];

export interface ConfigPlace {
  readonly workflowFile: string;
  /** `--config`. @default the first of the known names beside the workflow */
  readonly configFile?: string;
}

function lookForConfig({ workflowFile, configFile }: ConfigPlace, io: Io): string | undefined {
  const folder = dirname(resolve(io.cwd, workflowFile));
  const candidates =
    configFile === undefined ? NAMES.map((name) => join(folder, name)) : [resolve(io.cwd, configFile)];
  return candidates.find((path) => existsSync(path));
}

/** The same where a workflow can do without one. @throws CliError `CONFIG_UNUSABLE` if one was named and is not there */
export function findConfigIfAny(place: ConfigPlace, io: Io): string | undefined {
  return place.configFile === undefined ? lookForConfig(place, io) : findConfig(place, io);
}

/** Where the config of a workflow is. @throws CliError `CONFIG_UNUSABLE` if there is none */
export function findConfig(place: ConfigPlace, io: Io): string {
  const { workflowFile, configFile } = place;
  const found = lookForConfig(place, io);
  if (found !== undefined) return found;
  throw new CliError(
    'CONFIG_UNUSABLE',
    configFile === undefined
      ? `There is no ${NAMES[0]} beside ${workflowFile}. Write one that binds the roles to models, or name one with --config.`
      : `${configFile}: there is no such file`,
  );
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
