import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { calcPrice } from '@pydantic/genai-prices';
import { dateAt } from '@paceline/resilience';
import type { ModelPrice, PriceOptions } from '@pydantic/genai-prices';
import type { CostSource, Usage } from '../result.ts';
import { tierShare } from './service-tiers.ts';
import { unitsOf } from './usage.ts';
import type { Units } from './units.ts';
import { roundUsd } from './usd.ts';

/** What an attempt cost. */
export interface Cost {
  /** `null`: the table does not know this model, this tier or something else that was used. */
  readonly usd: number | null;
  /** `genai-prices@<version>`; `null` where no price was found, or the provider named the cost itself. */
  readonly table: string | null;
  readonly source: CostSource;
}

const UNKNOWN: Cost = { usd: null, table: null, source: 'unknown' };

/** Prices attempts of one model. `epochMs` is the moment of the attempt: prices change by date and by time of day. */
export type Pricer = (usage: Usage, epochMs: number) => Cost;

/**
 * @param providerId as the price table names it (`openai`, `anthropic`, `google`, `groq`, ...)
 * @see https://github.com/pydantic/genai-prices, bundled, works offline
 */
export function createPricer(providerId: string, modelId: string): Pricer {
  const options = narrowedTable(providerId, modelId);
  return (usage, epochMs) => {
    if (usage.chargedUsd !== undefined)
      return { usd: roundUsd(usage.chargedUsd), table: null, source: 'reported' };
    const share = tierShare(providerId, usage.serviceTier);
    if (options === null || share === null) return UNKNOWN;
    const usd = priceOf(unitsOf(usage), { ...options, modelId, share, epochMs });
    if (usd === null) return UNKNOWN;
    return { usd, table: tableVersion(), source: usage.source === 'reported' ? 'computed' : 'estimated' };
  };
}

interface Priced extends PriceOptions {
  readonly modelId: string;
  /** Of the list price of tokens; fees are not reduced. */
  readonly share: number;
  readonly epochMs: number;
}

/** What is charged by the piece, with the price it takes. The table leaves out what it has no price for, and 0 would be invented. */
const FEES: Readonly<Record<string, string>> = {
  web_searches: 'web_searches_kcount',
  storage_searches: 'storage_searches_kcount',
};

function priceOf(units: Units, { modelId, share, epochMs, ...options }: Priced): number | null {
  const at = { ...options, timestamp: dateAt(epochMs) };
  try {
    const price = calcPrice(units, modelId, at);
    if (price === null || hasUnpricedFee(units, price.model_price)) return null;
    if (share === 1) return roundUsd(price.total_price);
    const fees = calcPrice(feesIn(units), modelId, at)?.total_price ?? 0;
    return roundUsd((price.total_price - fees) * share + fees);
  } catch {
    // Counts that contradict each other in a way the table minds.
    return null;
  }
}

function hasUnpricedFee(units: Units, price: ModelPrice): boolean {
  return Object.entries(FEES).some(([unit, key]) => (units[unit] ?? 0) > 0 && price[key] === undefined);
}

/** The units without tokens: what is left of the price is fees, those per request included. */
function feesIn(units: Units): Units {
  const tokens = { input_tokens: 0, output_tokens: 0 };
  return {
    ...tokens,
    ...Object.fromEntries(Object.entries(units).filter(([unit]) => Object.hasOwn(FEES, unit))),
  };
}

/** Finds the model once: looking it up among a provider's hundreds costs more than the price itself. */
function narrowedTable(providerId: string, modelId: string): PriceOptions | null {
  const found = calcPrice({ input_tokens: 0, output_tokens: 0 }, modelId, { providerId });
  return found === null ? null : { provider: { ...found.provider, models: [found.model] } };
}

let version: string | undefined;

/** The package exports no version, so it is read from its manifest, once. */
function tableVersion(): string {
  if (version === undefined) {
    const entry = createRequire(import.meta.url).resolve('@pydantic/genai-prices');
    const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', `file://${entry}`), 'utf8'));
    version = `genai-prices@${(manifest as { version: string }).version}`;
  }
  return version;
}
