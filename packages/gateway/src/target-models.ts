import { createCatalog } from './catalog/catalog.ts';
import { readRefreshedModels } from './catalog/refreshed.ts';
import { customPriceOf } from './meter/custom-price.ts';
import { createMonthlyUse } from './meter/monthly-use.ts';
import type { Clock } from '@paceline/resilience';
import type { Catalog } from './catalog/catalog.ts';
import type { ModelInfo } from './catalog/model-info.ts';
import type { GatewayConfig } from './config.ts';
import type { Ledger } from './ledger.ts';
import type { CustomPricing } from './meter/custom-price.ts';
import type { MonthlyUse } from './meter/monthly-use.ts';
import type { Usage } from './result.ts';
import type { TargetName } from './providers/target-name.ts';

/** What a gateway knows of its targets' models, and what its config says of their prices. */
export interface TargetModels {
  readonly catalog: Catalog;
  /** `null` where no price depends on volume. */
  readonly monthly: MonthlyUse | null;
  /** `null` where the config says nothing of the target's price. */
  pricingFor(named: TargetName): CustomPricing | null;
  /** Counts what an attempt has used, where a price depends on it. */
  used(named: TargetName, usage: Usage): void;
  /** @param pricedAs another provider that a proxy stands for */
  infoFor(named: TargetName, pricedAs: string): ModelInfo | null;
}

export function openTargetModels(
  config: GatewayConfig,
  { clock, ledger }: { readonly clock: Clock; readonly ledger: Ledger },
): TargetModels {
  const { customPrices = {} } = config;
  const catalog = catalogFor(config, clock);
  const withVolumes = Object.entries(customPrices).flatMap(([key, price]) => (price.volumes ? [key] : []));
  const monthly = withVolumes.length === 0 ? null : createMonthlyUse(withVolumes, ledger.spend, clock);
  return {
    catalog,
    monthly,
    pricingFor(named) {
      const found = customPriceOf(named, customPrices);
      if (found === null) return null;
      return { price: found.price, usedTokens: () => monthly?.tokens(found.key) ?? 0 };
    },
    used(named, { inputTokens, outputTokens }) {
      const key = monthly && customPriceOf(named, customPrices)?.key;
      if (monthly !== null && key) monthly.add(key, inputTokens + outputTokens);
    },
    infoFor: ({ provider, model }, pricedAs) =>
      catalog.find(`${provider}/${model}`) ?? catalog.find(`${pricedAs}/${model}`),
  };
}

/** The catalog as a config has it: with its custom models and prices, and what was refreshed of the rest. */
export function catalogFor({ customModels, customPrices, modelsFile }: GatewayConfig, clock: Clock): Catalog {
  return createCatalog({
    ...(customModels !== undefined && { customModels }),
    ...(customPrices !== undefined && { customPrices }),
    ...(modelsFile !== undefined && { refreshed: () => readRefreshedModels(modelsFile) }),
    epochMs: () => clock.epochMs(),
  });
}
