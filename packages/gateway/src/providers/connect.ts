import type { LanguageModelV4 } from '@ai-sdk/provider';

/** Where and as whom to call a provider. All of it is given, so that no adapter falls back on the environment by itself. */
export interface Connection {
  /** The provider's name in the config. */
  readonly name: string;
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly headers: Record<string, string>;
  readonly fetch: typeof globalThis.fetch;
  /** Whether it takes a JSON schema for the answer. */
  readonly schemas: boolean;
  /** What else its own adapter needs, by environment variable: a region, say. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Sent where no key is configured: the adapters would otherwise look for one in the environment by themselves. */
export const NO_KEY = 'none';

/** Makes the AI SDK's model of one provider. */
export type Connect = (
  connection: Connection,
  modelId: string,
) => LanguageModelV4 | PromiseLike<LanguageModelV4>;

/** One way to reach a provider. */
export interface Adapter {
  /** The npm package that whoever uses it installs beside the gateway; `null` for those that are built in. */
  readonly package: string | null;
  readonly connect: Connect;
}
