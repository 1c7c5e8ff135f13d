import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { BreakerPhase } from '@paceline/resilience';
import { createGuards } from './guards.ts';
import { hearRates } from './limit-feed.ts';
import { createPricer } from './meter/price.ts';
import { createUnitReader } from './meter/units.ts';
import { showTarget } from './providers/target-name.ts';
import type { GuardParts, Guards } from './guards.ts';
import type { Pricer } from './meter/price.ts';
import type { ReadUnits } from './meter/units.ts';
import type { Usage } from './result.ts';
import type { Provider } from './providers/registry.ts';
import type { ModelInfo } from './catalog/model-info.ts';
import type { TargetModels } from './target-models.ts';
import type { TargetName } from './providers/target-name.ts';

/** One `provider/model` at one endpoint, with one credential: the unit of health, breaker, limits and price. */
export interface Target extends Guards {
  /** `provider/model`, with `@endpoint` where the provider has several. */
  readonly name: string;
  readonly endpoint: string | null;
  /** `provider/model`, where it is reached with one key of several; else `null`. */
  readonly pool: string | null;
  readonly named: TargetName;
  readonly provider: Provider;
  readonly price: Pricer;
  /** What the catalog knows of its model; `null`: nothing. Looked up once. */
  info(): ModelInfo | null;
  /** Counts what an attempt has used, for prices that depend on it. */
  used(usage: Usage): void;
  /** `null`: a format that nobody reads. */
  readonly readUnits: ReadUnits | null;
  /** The provider's model, made once. Its fetch is the tap of the attempt whose signal comes with the request. */
  model(): Promise<LanguageModelV4>;
}

export interface TargetParts extends GuardParts {
  readonly fetch: typeof globalThis.fetch;
  readonly models: TargetModels;
  readonly onBreakerChange: (target: string, phase: BreakerPhase) => void;
}

export function createTarget(named: TargetName, provider: Provider, parts: TargetParts): Target {
  const name = showTarget(named);
  const pool = provider.share === null ? null : showTarget({ ...named, endpoint: null });
  const guards = createGuards(parts, pool !== null, (phase) => parts.onBreakerChange(name, phase));
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const response = await parts.fetch(input, init);
    hearRates(guards.rates, response.headers, parts.clock.epochMs());
    return response;
  };
  let model: Promise<LanguageModelV4> | undefined;
  let info: ModelInfo | null | undefined;
  return {
    ...guards,
    name,
    endpoint: named.endpoint,
    pool,
    named,
    provider,
    price: createPricer(provider.pricedAs, named.model, parts.models.pricingFor(named)),
    info: () => (info === undefined ? (info = parts.models.infoFor(named, provider.pricedAs)) : info),
    used: (usage) => parts.models.used(named, usage),
    readUnits: provider.format && createUnitReader(provider.format, provider.pricedAs),
    model: () => (model ??= provider.connect(named.model, fetch)),
  };
}
