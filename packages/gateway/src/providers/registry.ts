import type { LanguageModelV4 } from '@ai-sdk/provider';
import { WIRES } from '../wire/wires.ts';
import { anthropic } from './anthropic.ts';
import { google } from './google.ts';
import { KNOWN_HOSTS } from './hosts.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { openai } from './openai.ts';
import type { GatewayConfig, WireFormat } from '../config.ts';
import type { Wire } from '../wire/wires.ts';
import type { Connect } from './connect.ts';
import type { HostDefaults } from './hosts.ts';

const CONNECT: Readonly<Record<WireFormat, Connect>> = {
  openai,
  anthropic,
  google,
  'openai-compatible': openaiCompatible,
};

/** One provider as the config, or the table of known hosts, describes it. */
export interface Provider {
  readonly name: string;
  /** `null` for a model of the user's own. */
  readonly wire: Wire | null;
  /** Its id in the price table. */
  readonly pricedAs: string;
  readonly identifyCalls: boolean;
  /** The environment variable that should hold its key and does not; `null` when nothing is missing. Read anew each time. */
  missingKey(): string | null;
  /** Values that must never leave the process. */
  secrets(): readonly string[];
  connect(modelId: string, fetch: typeof globalThis.fetch): LanguageModelV4;
}

type Env = Readonly<Record<string, string | undefined>>;

/** @returns undefined when neither the config nor the table says where the provider is */
export function findProvider(name: string, config: GatewayConfig, env: Env): Provider | undefined {
  const own = config.providers?.[name];
  const shared = { name, pricedAs: own?.pricedAs ?? name, identifyCalls: own?.identifyCalls ?? false };
  if (own !== undefined && 'model' in own) {
    return { ...shared, wire: null, missingKey: () => null, secrets: () => [], connect: own.model };
  }
  const host = hostFor(name, own?.wire);
  const wire = own?.wire ?? host?.wire;
  const baseUrl = own?.baseUrl ?? host?.baseUrl;
  if (wire === undefined || baseUrl === undefined) return undefined;

  // A default key belongs to its default origin: it is never sent to a base URL that the config names.
  const defaultVariable = own?.baseUrl === undefined ? (host?.keyVariable ?? null) : null;
  const keyVariable = own?.apiKey?.slice('env:'.length) ?? defaultVariable;
  const key = () => (keyVariable === null ? undefined : env[keyVariable]);
  const headers = { ...own?.headers };
  return {
    ...shared,
    wire: WIRES[wire],
    missingKey: () => (key() ? null : keyVariable),
    secrets: () => [...Object.values(headers), key() ?? ''],
    connect: (modelId, fetch) =>
      CONNECT[wire](
        { name, baseUrl, apiKey: key(), headers, fetch, schemas: host?.schemas ?? true },
        modelId,
      ),
  };
}

/** By the provider's own name, else the public host of its wire format. */
function hostFor(name: string, wire: WireFormat | undefined): HostDefaults | undefined {
  const named = Object.hasOwn(KNOWN_HOSTS, name) ? KNOWN_HOSTS[name] : undefined;
  if (wire === undefined || named?.wire === wire) return named;
  return wire === 'openai-compatible' ? undefined : KNOWN_HOSTS[wire];
}

/** A model's own name may hold further slashes: `openrouter/meta-llama/llama-3.3-70b`. */
export function providerNameOf(target: string): string {
  return target.slice(0, target.indexOf('/'));
}
