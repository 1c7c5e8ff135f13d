import type { LanguageModelV4 } from '@ai-sdk/provider';
import { WIRES } from '../wire/wires.ts';
import { accountOf, connectionTo, credentialsOf, keyOf, missingVariable, secretsOf } from './account.ts';
import { anthropic } from './anthropic.ts';
import { google } from './google.ts';
import { KNOWN_HOSTS } from './hosts.ts';
import { isInstalled } from './installed.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { openai } from './openai.ts';
import { bedrock, cohere } from './own-adapters.ts';
import type { EndpointConfig, GatewayConfig, WireFormat } from '../config.ts';
import type { PromptCacheUse } from '../request.ts';
import type { Wire } from '../wire/wires.ts';
import type { Described, Env } from './account.ts';
import type { Adapter } from './connect.ts';
import type { HostDefaults } from './hosts.ts';
import type { TargetName } from './target-name.ts';

const ADAPTERS: Readonly<Record<WireFormat, Adapter>> = {
  openai,
  anthropic,
  google,
  'openai-compatible': openaiCompatible,
  cohere,
  bedrock,
};

/** One provider, or one endpoint of it, as the config or the table of known hosts describes it. */
export interface Provider {
  readonly name: string;
  /** `null` for a model of the user's own. */
  readonly wire: Wire | null;
  /** The name of `wire`. */
  readonly format: WireFormat | null;
  /** Its id in the price table. */
  readonly pricedAs: string;
  readonly identifyCalls: boolean;
  readonly promptCache: PromptCacheUse;
  /** Of one key of several: its share of their calls. `null`: it is no such key. */
  readonly share: number | null;
  /** The environment variable of its key; `null`: it has none. */
  readonly keyVariable: string | null;
  /** The environment variable that should hold its key, or a part of its address, and does not; `null` when nothing is missing. Read anew each time. */
  missingKey(): string | null;
  /** The npm package that it needs and that is not installed; `null` if none. */
  missingPackage(): string | null;
  /** Values that must never leave the process. */
  secrets(): readonly string[];
  /** Those that are credentials, by variable or header. */
  credentials(): Readonly<Record<string, string>>;
  /** Whether calls on behalf of this tenant may use it. */
  serves(tenant: string | undefined): boolean;
  /** Loads the adapter, if it is not built in, and makes its model. */
  connect(modelId: string, fetch: typeof globalThis.fetch): Promise<LanguageModelV4>;
}

/** @returns undefined when neither the config nor the table says where the provider is, and what it speaks */
export function findProvider(
  { provider: name, endpoint }: Pick<TargetName, 'provider' | 'endpoint'>,
  config: GatewayConfig,
  env: Env,
): Provider | undefined {
  const own = config.providers?.[name];
  const shared = { name, pricedAs: own?.pricedAs ?? name, identifyCalls: own?.identifyCalls ?? false };
  if (own !== undefined && 'model' in own) {
    return {
      ...shared,
      wire: null,
      format: null,
      promptCache: 'off',
      share: null,
      keyVariable: null,
      missingKey: () => null,
      missingPackage: () => null,
      secrets: () => [],
      credentials: () => ({}),
      serves: () => true,
      connect: async (modelId, fetch) => own.model(modelId, fetch),
    };
  }
  const host = hostFor(name, own?.wire);
  const format = own?.wire ?? host?.wire;
  const account = accountOf({ own, host }, endpoint);
  if (format === undefined || account === undefined) return undefined;

  const adapter = adapterFor({ own, host }, format);
  const key = keyOf(own, endpoint);
  return {
    ...shared,
    wire: WIRES[format],
    format,
    promptCache: own?.promptCache ?? 'auto',
    share: key === undefined ? null : (key.weight ?? 1),
    keyVariable: account.keyVariable,
    missingKey: () => missingVariable(account, env),
    missingPackage: () => (isUsable(adapter) ? null : adapter.package),
    secrets: secretsOf(account, env),
    credentials: () => credentialsOf(account, env),
    serves: (tenant) => servesTenant(own?.endpoints ?? {}, endpoint, tenant),
    connect: async (modelId, fetch) =>
      adapter.connect(
        { name, ...connectionTo(account, env), fetch, schemas: host?.schemas ?? true },
        modelId,
      ),
  };
}

/** The provider's own where it is needed, or installed and not overruled by a `wire`; else that of the wire format. */
function adapterFor({ own, host }: Described, format: WireFormat): Adapter {
  const ours = ADAPTERS[format];
  if (!host?.adapter) return ours;
  const chosen = host.needsAdapter || (own?.wire === undefined && isUsable(host.adapter));
  return chosen ? host.adapter : ours;
}

const isUsable = ({ package: name }: Adapter): boolean => name === null || isInstalled(name);

/** A tenant with endpoints of its own uses them alone, and nobody else does. */
function servesTenant(
  endpoints: Readonly<Record<string, EndpointConfig>>,
  endpoint: string | null,
  tenant: string | undefined,
): boolean {
  if (endpoint === null) return true;
  const lists = (name: string): boolean =>
    tenant !== undefined && endpoints[name]?.tenants?.includes(tenant) === true;
  return (
    lists(endpoint) || (endpoints[endpoint]?.tenants === undefined && !Object.keys(endpoints).some(lists))
  );
}

/** By the provider's own name, else the public host of its wire format. */
function hostFor(name: string, wire: WireFormat | undefined): HostDefaults | undefined {
  const named = Object.hasOwn(KNOWN_HOSTS, name) ? KNOWN_HOSTS[name] : undefined;
  if (wire === undefined || named?.wire === wire) return named;
  return wire === 'openai-compatible' ? undefined : KNOWN_HOSTS[wire];
}
