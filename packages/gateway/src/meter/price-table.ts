import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { calcPrice, findProvider } from '@pydantic/genai-prices';
import { dateAt } from '@paceline/resilience';
import type { ModelPrice, PriceOptions } from '@pydantic/genai-prices';
import type { Units } from './units.ts';
import { roundUsd } from './usd.ts';

/** What one model's use costs, by the list or a contract. */
export interface PriceQuery {
  readonly modelId: string;
  /** The table, narrowed to the model. */
  readonly options: PriceOptions;
  /** Of the price of tokens; fees are not reduced by a tier. */
  readonly share: number;
  /** Prices change by date and by time of day. */
  readonly epochMs: number;
}

/** What is charged by the piece, with the price it takes. The table leaves out what it has no price for, and 0 would be invented. */
const FEES: Readonly<Record<string, string>> = {
  web_searches: 'web_searches_kcount',
  storage_searches: 'storage_searches_kcount',
};

/** @returns `null` where something was used that has no price */
export function priceOf(units: Units, { modelId, options, share, epochMs }: PriceQuery): number | null {
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

/** Finds the model once: looking it up among a provider's hundreds costs more than the price itself. `null`: the table does not know it. */
export function narrowedTable(providerId: string, modelId: string): PriceOptions | null {
  const found = calcPrice({ input_tokens: 0, output_tokens: 0 }, modelId, { providerId });
  return found === null ? null : { provider: { ...found.provider, models: [found.model] } };
}

/**
 * The same with prices of one's own in the place of those they name.
 * @param usd by the table's unit names
 * @returns `null` where neither says what prompts and answers cost: to leave one out would make it free
 */
export function tableWith(
  usd: Readonly<Record<string, number>>,
  { providerId, modelId, epochMs }: { providerId: string; modelId: string; epochMs: number },
): PriceOptions | null {
  const at = { providerId, timestamp: dateAt(epochMs) };
  const listed = calcPrice({ input_tokens: 0, output_tokens: 0 }, modelId, at);
  const prices: ModelPrice = { ...listed?.model_price, ...usd };
  if (prices['input_mtok'] === undefined || prices['output_mtok'] === undefined) return null;
  const provider = listed?.provider ?? findProvider({ providerId }) ?? { ...NOBODY, id: providerId };
  const model = listed?.model ?? { id: modelId, match: { equals: modelId } };
  return { provider: { ...provider, models: [{ ...model, prices }] } };
}

const NOBODY = { name: '', api_pattern: '^$', models: [] };

let version: string | undefined;

/** `genai-prices@<version>`. The package exports no version, so it is read from its manifest, once. */
export function priceTable(): string {
  if (version === undefined) {
    const entry = createRequire(import.meta.url).resolve('@pydantic/genai-prices');
    const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', `file://${entry}`), 'utf8'));
    version = `genai-prices@${(manifest as { version: string }).version}`;
  }
  return version;
}
