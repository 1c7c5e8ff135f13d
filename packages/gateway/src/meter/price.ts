import type { CostSource, Usage } from '../result.ts';
import { ratesFor } from './custom-price.ts';
import type { CustomPricing } from './custom-price.ts';
import { narrowedTable, priceOf, priceTable, tableWith } from './price-table.ts';
import { tierShare } from './service-tiers.ts';
import { unitsOf } from './usage.ts';
import { roundUsd } from './usd.ts';

/** What an attempt cost. */
export interface Cost {
  /** `null`: the table does not know this model, this tier or something else that was used. */
  readonly usd: number | null;
  /** `genai-prices@<version>`, or `custom` for the config's own; `null` where no price was found, or the provider named the cost itself. */
  readonly table: string | null;
  readonly source: CostSource;
}

const UNKNOWN: Cost = { usd: null, table: null, source: 'unknown' };

/** Prices attempts of one model. `epochMs` is the moment of the attempt: prices change by date and by time of day. */
export type Pricer = (usage: Usage, epochMs: number) => Cost;

/**
 * @param providerId as the price table names it (`openai`, `anthropic`, `google`, `groq`, ...)
 * @param custom what the config says of its price, which wins
 * @see https://github.com/pydantic/genai-prices, bundled, works offline
 */
export function createPricer(
  providerId: string,
  modelId: string,
  custom: CustomPricing | null = null,
): Pricer {
  if (custom !== null) return customPricer({ providerId, modelId }, custom);
  const options = narrowedTable(providerId, modelId);
  return (usage, epochMs) => {
    if (usage.chargedUsd !== undefined)
      return { usd: roundUsd(usage.chargedUsd), table: null, source: 'reported' };
    const share = tierShare(providerId, usage.serviceTier);
    if (options === null || share === null) return UNKNOWN;
    const usd = priceOf(unitsOf(usage), { options, modelId, share, epochMs });
    if (usd === null) return UNKNOWN;
    return { usd, table: priceTable(), source: sourceOf(usage) };
  };
}

function customPricer(
  model: { readonly providerId: string; readonly modelId: string },
  custom: CustomPricing,
): Pricer {
  return (usage, epochMs) => {
    const { usdPer, share: rate = 1 } = ratesFor(custom, epochMs);
    const known = (usd: number): Cost => ({ usd, table: 'custom', source: sourceOf(usage) });
    // A share of what the provider itself says it charges.
    if (usdPer === undefined && usage.chargedUsd !== undefined)
      return known(roundUsd(usage.chargedUsd * rate));
    const share = tierShare(model.providerId, usage.serviceTier);
    if (share === null) return UNKNOWN;
    const options = tableWith(usdPer ?? {}, { ...model, epochMs });
    if (options === null) return UNKNOWN;
    const usd = priceOf(unitsOf(usage), { options, modelId: model.modelId, share, epochMs });
    return usd === null ? UNKNOWN : known(roundUsd(usd * rate));
  };
}

function sourceOf({ source }: Usage): CostSource {
  return source === 'reported' ? 'computed' : 'estimated';
}
