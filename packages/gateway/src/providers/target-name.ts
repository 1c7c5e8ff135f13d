import type { GatewayConfig } from '../config.ts';

/** What a target string of the config means. */
export interface TargetName {
  readonly provider: string;
  readonly model: string;
  /** The name of an endpoint or a key. `null`: the provider as such, or all of them. */
  readonly endpoint: string | null;
}

/**
 * Reads `provider/model` and `provider/model@endpoint`. Models may have slashes and `@` in their names
 * (`openrouter/meta-llama/llama-3.3-70b`, `vertex/claude-sonnet-4@20250514`), so what follows the last `@` is an endpoint only if
 * the provider declares one of that name.
 */
export function parseTarget(target: string, config: GatewayConfig): TargetName {
  const slash = target.indexOf('/');
  const provider = target.slice(0, slash);
  const at = target.lastIndexOf('@');
  const endpoint = at > slash ? target.slice(at + 1) : '';
  return endpointsOf(provider, config).includes(endpoint)
    ? { provider, model: target.slice(slash + 1, at), endpoint }
    : { provider, model: target.slice(slash + 1), endpoint: null };
}

/** The names of the endpoints, or of the keys, that the config declares for a provider. */
export function endpointsOf(provider: string, { providers = {} }: GatewayConfig): readonly string[] {
  const own = Object.hasOwn(providers, provider) ? providers[provider] : undefined;
  return own === undefined || 'model' in own ? [] : Object.keys({ ...own.endpoints, ...own.keys });
}

/** What a target string stands for: itself, or each endpoint of its provider. */
export function targetsNamed(target: string, config: GatewayConfig): readonly [TargetName, ...TargetName[]] {
  const name = parseTarget(target, config);
  if (name.endpoint !== null) return [name];
  const [first, ...others] = endpointsOf(name.provider, config).map((endpoint) => ({ ...name, endpoint }));
  return first === undefined ? [name] : [first, ...others];
}

/** As events, records and health show it. */
export function showTarget({ provider, model, endpoint }: TargetName): string {
  return endpoint === null ? `${provider}/${model}` : `${provider}/${model}@${endpoint}`;
}
