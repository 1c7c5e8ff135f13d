import { checkConfig } from './config-check.ts';
import { GatewayError } from './errors.ts';
import { KNOWN_HOSTS } from './providers/hosts.ts';
import { exportOf, whatIsMissing } from './providers/missing.ts';
import { findProvider } from './providers/registry.ts';
import type { GatewayConfig, ProviderConfig } from './config.ts';
import type { Env } from './providers/account.ts';
import type { Role } from './request.ts';

/**
 * A provider's models for each role: a quick and cheap one to classify, a strong one to reason, a light one that takes tools to execute. In order of
 * preference: whose key is found first answers, the others are its fallbacks. Not among them are providers whose models are named by the
 * operator (Azure's deployments, Bedrock's inference profiles, gateways), servers of one's own, Perplexity, whose models search the web, and makers of
 * models whose abilities nobody tells us.
 */
const MODELS: Readonly<Record<string, Readonly<Record<Role, string>>>> = {
  anthropic: { classify: 'claude-haiku-4-5', reason: 'claude-sonnet-5', execute: 'claude-haiku-4-5' },
  openai: { classify: 'gpt-4.1-mini', reason: 'gpt-5.2', execute: 'gpt-5-mini' },
  google: { classify: 'gemini-3.5-flash-lite', reason: 'gemini-3.8-flash', execute: 'gemini-3.5-flash' },
  vertex: { classify: 'gemini-3.5-flash-lite', reason: 'gemini-3.8-flash', execute: 'gemini-3.5-flash' },
  mistral: {
    classify: 'mistral-small-latest',
    reason: 'mistral-medium-latest',
    execute: 'mistral-small-latest',
  },
  xai: {
    classify: 'grok-4-fast-non-reasoning',
    reason: 'grok-4.20',
    execute: 'grok-4-fast-non-reasoning',
  },
  deepseek: { classify: 'deepseek-v4-flash', reason: 'deepseek-v4-pro', execute: 'deepseek-v4-flash' },
  groq: { classify: 'openai/gpt-oss-20b', reason: 'openai/gpt-oss-120b', execute: 'openai/gpt-oss-20b' },
  cerebras: { classify: 'gpt-oss-120b', reason: 'gpt-oss-120b', execute: 'gpt-oss-120b' },
  together: {
    classify: 'meta-llama/Llama-3.3-70B-Instruct-Turbo',
    reason: 'meta-llama/Llama-3.3-70B-Instruct-Turbo',
    execute: 'meta-llama/Llama-3.3-70B-Instruct-Turbo',
  },
  fireworks: {
    classify: 'accounts/fireworks/models/gpt-oss-20b',
    reason: 'accounts/fireworks/models/deepseek-v4-pro',
    execute: 'accounts/fireworks/models/gpt-oss-120b',
  },
  cohere: {
    classify: 'command-r7b-12-2024',
    reason: 'command-a-03-2025',
    execute: 'command-r7b-12-2024',
  },
  openrouter: {
    classify: 'google/gemini-2.5-flash-lite',
    reason: 'anthropic/claude-sonnet-5',
    execute: 'openai/gpt-5-mini',
  },
  cloudflare: {
    classify: '@cf/openai/gpt-oss-20b',
    reason: '@cf/openai/gpt-oss-120b',
    execute: '@cf/openai/gpt-oss-20b',
  },
};

const ROLES = ['classify', 'reason', 'execute'] as const;

/** A config made of what the environment holds, and how it came about. */
export interface DefaultConfig {
  readonly config: GatewayConfig;
  /** The variables whose keys are used, each provider's in order of preference. */
  readonly keys: readonly string[];
  /** Why other providers are not used although their keys are there: a sentence each, with the command that mends it. */
  readonly passedOver: readonly string[];
}

/**
 * The config of whoever has written none: models of the providers whose keys are in the environment. Where the environment names a base URL
 * beside the key (`OPENAI_BASE_URL` beside `OPENAI_API_KEY`), the requests and the key go there; one without a path gets the provider's own.
 * @throws GatewayError `CONFIG_INVALID` if there is nothing to go by, with the commands that mend it, or if such a base URL is none
 */
export function defaultConfig({ env }: { readonly env: Env }): DefaultConfig {
  const passedOver: string[] = [];
  const keys: string[] = [];
  const chosen: string[] = [];
  const providers: Record<string, ProviderConfig> = {};
  for (const [name, keyVariable] of knownKeys()) {
    if (!env[keyVariable]) continue;
    const missing = missingFor(name, env);
    if (missing !== null) {
      passedOver.push(`${keyVariable} is set, but ${missing}.`);
      continue;
    }
    keys.push(keyVariable);
    chosen.push(name);
    const baseUrl = baseUrlFor(name, keyVariable, env);
    if (baseUrl !== undefined) providers[name] = { baseUrl, apiKey: `env:${keyVariable}` };
  }
  if (chosen.length === 0) throw nothingToGoBy(passedOver);
  const roles = Object.fromEntries(
    ROLES.map((role) => [role, chosen.map((name) => `${name}/${MODELS[name]?.[role]}`)]),
  );
  const config = { roles, ...(Object.keys(providers).length > 0 && { providers }), env };
  checkConfig(config);
  return { config, keys, passedOver };
}

/** Each provider with the variable of its key. */
function knownKeys(): readonly (readonly [string, string])[] {
  return Object.keys(MODELS).flatMap((name) => {
    const variable = KNOWN_HOSTS[name]?.keyVariable;
    return variable ? [[name, variable] as const] : [];
  });
}

function missingFor(provider: string, env: Env): string | null {
  const found = findProvider({ provider, endpoint: null }, { roles: {} }, env);
  return found === undefined ? null : whatIsMissing(found);
}

/** `OPENAI_API_KEY` has `OPENAI_BASE_URL` beside it. */
function baseUrlFor(name: string, keyVariable: string, env: Env): string | undefined {
  const given = env[keyVariable.replace(/_API_(?:KEY|TOKEN)$/, '_BASE_URL')];
  if (!given) return undefined;
  // Some clients take it without the version that ours needs (`https://api.anthropic.com`); both shall mean the same.
  const isBare = URL.canParse(given) && new URL(given).pathname === '/';
  const path = KNOWN_HOSTS[name]?.baseUrl.replace(/^https:\/\/[^/]+/, '') ?? '';
  return isBare ? `${new URL(given).origin}${path}` : given;
}

function nothingToGoBy(passedOver: readonly string[]): GatewayError {
  if (passedOver.length > 0) {
    return new GatewayError('CONFIG_INVALID', `No provider can be used.\n${indented(passedOver)}`);
  }
  const commands = knownKeys().map(([, variable]) => exportOf(variable));
  return new GatewayError(
    'CONFIG_INVALID',
    `No provider's key is in the environment. One is enough:\n${indented(commands)}`,
  );
}

const indented = (lines: readonly string[]): string => lines.map((line) => `  ${line}`).join('\n');
