import { defaultConfig, isGatewayError } from '@paceline/gateway';
import type { DefaultConfig, GatewayConfig, RouteConfig } from '@paceline/gateway';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';

/** Who has no config, and what it would be called. */
export interface Without {
  readonly workflowFile: string;
  readonly configName: string;
  /** Whether its steps ask for any model. */
  readonly needsModels: boolean;
}

/**
 * What a workflow without a config runs on: models of the providers whose keys are in the environment. Says which, why, and how to write it
 * down.
 * @throws CliError `CONFIG_UNUSABLE` if no key is there, with the commands that set one
 */
export function configWithout({ workflowFile, configName, needsModels }: Without, io: Io): GatewayConfig {
  const { env } = io;
  if (!needsModels) return { roles: {}, env };
  const none = `There is no ${configName} beside ${workflowFile}`;
  try {
    const chosen = defaultConfig({ env });
    const keys = chosen.keys.join(', ');
    const lines = [
      `${none}, so the models are those of the keys in the environment: ${keys}.`,
      ...chosen.passedOver,
      `To keep or change this choice, write it into a ${configName} there:`,
      '',
      ...asFile(chosen).map((line) => (line === '' ? '' : `  ${line}`)),
      '',
    ];
    io.stderr.write(`${lines.join('\n')}\n`);
    return chosen.config;
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    const mend = `Or write one that binds the roles to models, or name one with --config.`;
    throw new CliError('CONFIG_UNUSABLE', `${none}. ${error.message}\n${mend}`, error);
  }
}

function asFile({ config: { roles, providers } }: DefaultConfig): readonly string[] {
  return [
    `import { defineConfig } from '@paceline/gateway';`,
    '',
    'export default defineConfig({',
    '  roles: {',
    ...Object.entries(roles).map(([role, route]) => `    ${role}: ${listOf(route)},`),
    '  },',
    ...(providers === undefined ? [] : providerLines(providers)),
    '});',
  ];
}

function providerLines(providers: NonNullable<GatewayConfig['providers']>): readonly string[] {
  const lines = Object.entries(providers).map(([name, own]) => `    ${name}: ${objectOf(own)},`);
  return ['  providers: {', ...lines, '  },'];
}

function listOf(route: RouteConfig): string {
  const targets = 'targets' in route ? route.targets : route;
  return `[${targets.map(quoted).join(', ')}]`;
}

function objectOf(fields: object): string {
  return `{ ${Object.entries(fields)
    .map(([name, value]) => `${name}: ${quoted(String(value))}`)
    .join(', ')} }`;
}

const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
