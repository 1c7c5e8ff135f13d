import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isGatewayError, resolveConfig } from '@paceline/gateway';
import type { ConfigContext, ConfigFactory, GatewayConfig } from '@paceline/gateway';
import { CliError, isCliError, stackOf } from './errors.ts';
import type { Io } from './io.ts';
import { loadDefaultExport } from './load.ts';

/** Looked for beside the workflow, in this order. */
const NAMES = ['paceline.config.ts', 'paceline.config.mts', 'paceline.config.js', 'paceline.config.mjs'];

export interface ConfigPlace {
  readonly workflowFile: string;
  /** `--config`. @default the first of the known names beside the workflow */
  readonly configFile?: string;
}

/**
 * Loads the config and, if it is a factory, lets it set itself up for this run.
 * @throws CliError `CONFIG_UNUSABLE`
 */
export async function loadConfig(place: ConfigPlace, context: ConfigContext, io: Io): Promise<GatewayConfig> {
  const path = findConfig(place, io);
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
    // A config that refuses explains itself; anything else is the file's own mistake, and its stack shows where.
    const detail = isGatewayError(error) ? error.message : stackOf(error);
    throw new CliError('CONFIG_UNUSABLE', `${path}: ${detail}`, error);
  }
}

function findConfig({ workflowFile, configFile }: ConfigPlace, io: Io): string {
  const folder = dirname(resolve(io.cwd, workflowFile));
  const candidates =
    configFile === undefined ? NAMES.map((name) => join(folder, name)) : [resolve(io.cwd, configFile)];
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new CliError(
    'CONFIG_UNUSABLE',
    configFile === undefined
      ? `There is no ${NAMES[0]} beside ${workflowFile}. Write one that binds the roles to models, or name one with --config.`
      : `${configFile}: there is no such file`,
  );
}

function isConfig(exported: unknown): exported is GatewayConfig | ConfigFactory {
  return (
    typeof exported === 'function' ||
    (typeof exported === 'object' && exported !== null && 'roles' in exported)
  );
}
