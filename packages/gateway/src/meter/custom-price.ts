import type { PriceDimension } from '../catalog/model-info.ts';

/** What you pay where it is not what the price table says. */
export interface Rates {
  /**
   * US dollars by unit, as the price table calls units: `input_mtok`, `cache_read_mtok`, `cache_write_mtok` and `output_mtok` are a million tokens,
   * `requests_kcount` and `web_searches_kcount` a thousand pieces. Units that are left out stay as listed;
   * a model that the table does not know needs at least `input_mtok` and `output_mtok`.
   */
  readonly usdPer?: Readonly<Record<string, number>>;
  /** Of the whole cost: 0.85 is a discount of 15 %, 1.2 a markup of 20 %. @default 1 */
  readonly share?: number;
}

export interface CustomPrice extends Rates {
  /** Other rates from a volume on: those of the largest volume reached when an attempt ends hold for all of it, in place of the ones above. */
  readonly volumes?: readonly VolumeRates[];
}

export interface VolumeRates extends Rates {
  /** Tokens of this calendar month (UTC), prompts and answers, of all that the price holds for. */
  readonly fromTokens: number;
}

/** A price of the config's for one model. */
export interface CustomPricing {
  readonly price: CustomPrice;
  /** Tokens used so far in the month of that moment. */
  readonly usedTokens: (epochMs: number) => number;
}

/** The rates that hold at a moment. */
export function ratesFor({ price, usedTokens }: CustomPricing, epochMs: number): Rates {
  const { volumes = [] } = price;
  if (volumes.length === 0) return price;
  const used = usedTokens(epochMs);
  const reached = volumes.filter(({ fromTokens }) => fromTokens <= used);
  return reached.toSorted((a, b) => b.fromTokens - a.fromTokens)[0] ?? price;
}

/** A target as prices are written for it. */
export interface PricedTarget {
  readonly provider: string;
  readonly model: string;
  readonly endpoint?: string | null;
}

/** The price that is written for a target most closely: at its endpoint, for the model, for the provider. `null`: none. */
export function customPriceOf(
  { provider, model, endpoint = null }: PricedTarget,
  prices: Readonly<Record<string, CustomPrice>>,
): { readonly key: string; readonly price: CustomPrice } | null {
  const keys = [
    ...(endpoint === null ? [] : [`${provider}/${model}@${endpoint}`]),
    `${provider}/${model}`,
    provider,
  ];
  for (const key of keys) {
    const price = Object.hasOwn(prices, key) ? prices[key] : undefined;
    if (price !== undefined) return { key, price };
  }
  return null;
}

/** What the price comes to by unit, before any volume: the listed dimensions with its own in their place. */
export function customDimensions(
  { usdPer = {}, share = 1 }: Rates,
  listed: readonly PriceDimension[] = [],
): readonly PriceDimension[] {
  const own = Object.entries(usdPer).map(([unit, usd]): PriceDimension => ({ unit, usd, tiers: [] }));
  return [...listed.filter(({ unit }) => !Object.hasOwn(usdPer, unit)), ...own].map(
    ({ unit, usd, tiers }) => ({
      unit,
      usd: usd * share,
      tiers: tiers.map((tier) => ({ ...tier, usd: tier.usd * share })),
    }),
  );
}
