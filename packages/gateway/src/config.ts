import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { BreakerOptions, Clock, Random } from '@paceline/resilience';
import type { CacheConfig } from './cache/response-cache.ts';
import type { CustomModel } from './catalog/model-info.ts';
import type { Ledger } from './ledger.ts';
import type { CustomPrice } from './meter/custom-price.ts';
import type { LogConfig, PayloadLevel } from './log/contract.ts';
import type { AttemptLimits, PromptCacheUse, Role } from './request.ts';
import type { CapConfig } from './spend/cap-config.ts';

/** What a `paceline.config.ts` exports, and what `createGateway` takes. */
export interface GatewayConfig {
  /** Each role's targets in order of preference: switching a model is changing one string. */
  readonly roles: Readonly<Partial<Record<Role, RouteConfig>>>;
  /** Further named routes that steps may ask for. */
  readonly routes?: Readonly<Record<string, RouteConfig>>;
  /** Providers by name. `openai`, `anthropic`, `google`, `groq`, `ollama` ... have defaults; an entry overrides them. */
  readonly providers?: Readonly<Record<string, ProviderConfig>>;
  readonly policy?: PolicyConfig;
  /** Gives equal requests the same answer. `{}` takes the defaults. @default no cache */
  readonly cache?: CacheConfig;
  /**
   * What you pay where it is not the list's price: by provider for all its models, by `provider/model`, or by `provider/model@endpoint`; the closest
   * one wins.
   */
  readonly customPrices?: Readonly<Record<string, CustomPrice>>;
  /** What is to be known of models, by `provider/model`, where the catalog does not know it or is wrong. */
  readonly customModels?: Readonly<Record<string, CustomModel>>;
  /** A file that `paceline models update` wrote: what models.dev says of models today. @default what is built in */
  readonly modelsFile?: string;
  /** What may be spent, by whom, in what time. An attempt needs room on all that it counts on. @default no caps */
  readonly caps?: readonly CapConfig[];
  /** What is written down of calls, and where. `{}` takes the defaults. @default no log */
  readonly log?: LogConfig;
  /** What is removed from logs, errors, events and records, beside the config's own credentials. */
  readonly redact?: RedactConfig;
  /** True when the providers are simulated; every summary then says so. @default false */
  readonly simulated?: boolean;
  /** Who answers upstream requests. @default a fetch on a pool of kept-alive connections (undici) */
  readonly fetch?: typeof globalThis.fetch;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly ledger?: Ledger;
  /** Where `env:NAME` credentials are looked up. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called once by `gateway.close()`, e.g. to stop a simulator that the config started. */
  readonly onClose?: () => void | Promise<void>;
}

export interface RedactConfig {
  /** Further secrets, as references: `['env:MAIL_KEY']`. No run records one either. Those of fewer than 8 characters are left out. */
  readonly secrets?: readonly `env:${string}`[];
  /**
   * What looks like a secret. A match is removed as a whole, but for a group named `kept`. Give patterns that take time linear in the text:
   * texts may be hostile. @default SECRET_PATTERNS
   */
  readonly patterns?: readonly RegExp[];
}

/** `['groq/openai/gpt-oss-20b', 'openai/gpt-5-mini']`, or the same with settings of its own. */
export type RouteConfig = readonly string[] | RouteSettings;

export interface RouteSettings {
  /** `provider/model`, or `provider/model@endpoint` for one endpoint of a provider that has several. */
  readonly targets: readonly string[];
  /** Which target goes first; the others follow as fallbacks. @default 'ordered' */
  readonly strategy?: RouteStrategy;
  /** Shares of the calls for `weighted`, one per target in their order, e.g. `[95, 5]` for a canary. */
  readonly weights?: readonly number[];
  /** Of one call over all its targets, the first included. Minimum 1. @default that of the policy */
  readonly attempts?: number;
  readonly limits?: AttemptLimits;
  /**
   * A second attempt, on another target, while the first has not brought any content by the time that 95 % of its completed calls
   * had. Costs up to 5 % more attempts; both are paid for. @default false
   */
  readonly hedge?: boolean;
  /**
   * Goes on from the text already shown, on another target, instead of starting over with a `restart`; only where the target's model is
   * known to accept an answer to go on from, at most once a call, and never after a tool call. @default false
   */
  readonly continuation?: boolean;
  /** What the log may hold of its prompts and answers. @default that of the log */
  readonly logPayload?: PayloadLevel;
  /** What is asked of the providers' own prompt caches. @default that of the provider */
  readonly promptCache?: PromptCacheUse;
}

/**
 * - `ordered`: as listed.
 * - `weighted`: drawn by `weights`.
 * - `cheapest`: by price for this prompt; unknown prices last.
 * - `fastest`: by the learned time to an answer of usual length; unknown targets are tried now and then.
 * - `sticky`: the same target for the same conversation (or run), which keeps the provider's prompt cache warm.
 */
export type RouteStrategy = 'ordered' | 'weighted' | 'cheapest' | 'fastest' | 'sticky';

/** The API a provider speaks. `cohere` and `bedrock` (Converse) need the AI SDK's package for them installed. */
export type WireFormat = 'openai' | 'anthropic' | 'google' | 'openai-compatible' | 'cohere' | 'bedrock';

export type ProviderConfig =
  | {
      /**
       * Required for providers that are not known by name. Given for one that is, it takes the gateway's own adapter even where
       * the provider's package is installed. @default the known provider's
       */
      readonly wire?: WireFormat;
      /** Operator's word only; never taken from a request. Required for `openai-compatible`. @default the known provider's */
      readonly baseUrl?: string;
      /** A reference, `env:OPENAI_API_KEY`. A literal key is refused. Omit for servers without keys. */
      readonly apiKey?: `env:${string}`;
      readonly headers?: Readonly<Record<string, string>>;
      /** What is asked of its own prompt cache. @default 'auto' */
      readonly promptCache?: PromptCacheUse;
      /** Sends `x-paceline-call: <runId>/<step>/<turn>/<attempt>` upstream; the simulator draws fates from it. @default false */
      readonly identifyCalls?: boolean;
      /**
       * Several ways to the same models, by name: regions, deployments, spare credentials. Each is a target of its own,
       * `provider/model@endpoint`; `provider/model` stands for all of them, the nearest healthy one first, by measured latency.
       */
      readonly endpoints?: Readonly<Record<string, EndpointConfig>>;
      /**
       * Several credentials for the provider's one address, by name. Each is a target of its own, `provider/model@key`; `provider/model` stands for
       * all of them, drawn by weight. Instead of `apiKey` and `endpoints`.
       */
      readonly keys?: Readonly<Record<string, KeyConfig>>;
      /** Provider id in the price table, where the name does not say it, e.g. `openai` for a proxy. @default the provider's name */
      readonly pricedAs?: string;
    }
  | {
      /**
       * Any AI SDK model; made once per target. Give it the `fetch` handed in, for pooled connections, statuses and hints. Its
       * format is unknown to the gateway, so its own `finish` part is believed about whether an answer is complete.
       */
      readonly model: (modelId: string, fetch: typeof globalThis.fetch) => LanguageModelV4;
      readonly identifyCalls?: boolean;
      readonly pricedAs?: string;
    };

/** One credential of several. */
export interface KeyConfig {
  /** A reference, `env:OPENAI_KEY_A`. */
  readonly apiKey: `env:${string}`;
  /** Its share of the calls. 0: for when no other is left. @default 1 */
  readonly weight?: number;
}

/**
 * What differs from the provider's own settings. An endpoint at another origin (scheme, host, port) than the provider's base URL inherits
 * neither its key nor its headers, which may hold one.
 */
export interface EndpointConfig {
  /** Operator's word only; never taken from a request. @default the provider's */
  readonly baseUrl?: string;
  /** @default the provider's, at its own origin */
  readonly apiKey?: `env:${string}`;
  /** Added to the provider's, at its own origin. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Serves these tenants alone, and they use no other endpoint of this provider: their own account, say. @default everybody */
  readonly tenants?: readonly string[];
}

export interface PolicyConfig {
  /** Attempts of one call over all its targets, the first included. Minimum 1. @default 3 */
  readonly attempts?: number;
  /** False: only the route's first target is ever tried, once. The control that shows what failover saves. @default true */
  readonly failover?: boolean;
  readonly limits?: AttemptLimits;
  readonly breaker?: BreakerOptions;
  /** The most calls in flight per target; the adaptive limit works below it. @default 64 */
  readonly maxInFlightPerTarget?: number;
  /** The most calls of one tenant in flight, over all targets. @default no limit of its own, but a fair share of each target's places */
  readonly maxInFlightPerTenant?: number;
  /** Shares of a contended target's places, by tenant. @default 1 each */
  readonly tenantWeights?: Readonly<Record<string, number>>;
  /**
   * False: no retry budgets, breakers, limiters, throttles or shedding, and queues without end. The control that shows what they save.
   * @default true
   */
  readonly guards?: boolean;
  /** False: targets are asked whatever the catalog says of their window, tools and the like. @default true */
  readonly checkModels?: boolean;
  /**
   * What an attempt counts as on caps and on its run's budget where its price is unknown, in US dollars. Without it, such targets are passed
   * over by calls on a hard cap. @default none
   */
  readonly unpricedUsd?: number;
}

/** Gives a `paceline.config.ts` its types. */
export function defineConfig(config: GatewayConfig | ConfigFactory): GatewayConfig | ConfigFactory {
  return config;
}

/** A config that needs to know how it is run: it starts a simulator, say, or reads the environment. */
export type ConfigFactory = (context: ConfigContext) => GatewayConfig | Promise<GatewayConfig>;

export interface ConfigContext {
  readonly clock: Clock;
  readonly random: Random;
  /** `--seed`; simulated providers draw every call's fate from it. */
  readonly seed: number;
  /** `--virtual`: answer in process under the virtual clock instead of over sockets. */
  readonly virtual: boolean;
  /** Rows of input about to run; 1 for a single input. */
  readonly rows: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}
