import type { LanguageModelV4 } from '@ai-sdk/provider';
import { WIRES } from '../wire/wires.ts';
import { anthropic } from './anthropic.ts';
import { google } from './google.ts';
import { KNOWN_HOSTS } from './hosts.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { openai } from './openai.ts';
import type { EndpointConfig, GatewayConfig, ProviderConfig, WireFormat } from '../config.ts';
import type { Wire } from '../wire/wires.ts';
import type { Connect } from './connect.ts';
import type { HostDefaults } from './hosts.ts';
import type { TargetName } from './target-name.ts';

const CONNECT: Readonly<Record<WireFormat, Connect>> = {
  openai,
  anthropic,
  google,
  'openai-compatible': openaiCompatible,
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
  /** The environment variable that should hold its key and does not; `null` when nothing is missing. Read anew each time. */
  missingKey(): string | null;
  /** Values that must never leave the process. */
  secrets(): readonly string[];
  /** Those that are credentials, by variable or header. */
  credentials(): Readonly<Record<string, string>>;
  /** Whether calls on behalf of this tenant may use it. */
  serves(tenant: string | undefined): boolean;
  connect(modelId: string, fetch: typeof globalThis.fetch): LanguageModelV4;
}

/** Headers that hold credentials, by their usual names. */
const CREDENTIAL_HEADER = /auth|key|token|secret|cookie/i;

type Env = Readonly<Record<string, string | undefined>>;

/** @returns undefined when neither the config nor the table says where the provider is */
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
      missingKey: () => null,
      secrets: () => [],
      credentials: () => ({}),
      serves: () => true,
      connect: own.model,
    };
  }
  const host = hostFor(name, own?.wire);
  const wire = own?.wire ?? host?.wire;
  const account = accountOf(own, host, endpoint);
  if (wire === undefined || account === undefined) return undefined;

  const { baseUrl, keyVariable, headers } = account;
  const key = () => (keyVariable === null ? undefined : env[keyVariable]);
  return {
    ...shared,
    wire: WIRES[wire],
    format: wire,
    missingKey: () => (key() ? null : keyVariable),
    secrets: () => [...Object.values(headers), key() ?? ''],
    credentials: () => ({
      ...inHeaders(headers),
      ...(keyVariable !== null && { [keyVariable]: key() ?? '' }),
    }),
    serves: (tenant) => servesTenant(own?.endpoints ?? {}, endpoint, tenant),
    connect: (modelId, fetch) =>
      CONNECT[wire](
        { name, baseUrl, apiKey: key(), headers, fetch, schemas: host?.schemas ?? true },
        modelId,
      ),
  };
}

/** Those that stand in headers, without their scheme. */
function inHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const named = Object.entries(headers).filter(([header]) => CREDENTIAL_HEADER.test(header));
  return Object.fromEntries(
    named.map(([header, value]) => [header, value.slice(value.lastIndexOf(' ') + 1)]),
  );
}

type WireProvider = Extract<ProviderConfig, { wire: WireFormat }>;

/** Where requests go, and as whom. */
interface Account {
  readonly baseUrl: string;
  readonly keyVariable: string | null;
  readonly headers: Record<string, string>;
}

/**
 * Credentials stay with their origin. A default key goes to its default base URL alone, never to one that the config names, and
 * what an entry's key and headers say is passed on to its endpoints at the origin of the entry's own base URL, never to another.
 */
function accountOf(
  own: WireProvider | undefined,
  host: HostDefaults | undefined,
  endpoint: string | null,
): Account | undefined {
  const baseUrl = own?.baseUrl ?? host?.baseUrl;
  const defaultVariable = own?.baseUrl === undefined ? host?.keyVariable : undefined;
  const configured = variableOf(own?.apiKey);
  const particular = endpoint === null ? undefined : own?.endpoints?.[endpoint];
  if (particular?.baseUrl === undefined) {
    if (baseUrl === undefined) return undefined;
    return {
      baseUrl,
      keyVariable: variableOf(particular?.apiKey) ?? configured ?? defaultVariable ?? null,
      headers: { ...own?.headers, ...particular?.headers },
    };
  }
  const atHome = baseUrl !== undefined && sameOrigin(baseUrl, particular.baseUrl);
  return {
    baseUrl: particular.baseUrl,
    keyVariable: variableOf(particular.apiKey) ?? (atHome ? configured : undefined) ?? null,
    headers: { ...(atHome && own?.headers), ...particular.headers },
  };
}

const sameOrigin = (a: string, b: string): boolean => new URL(a).origin === new URL(b).origin;

const variableOf = (reference: string | undefined): string | undefined => reference?.slice('env:'.length);

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
