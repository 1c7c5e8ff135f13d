import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { calcPrice } from '@pydantic/genai-prices';
import { dateAt } from '@paceline/resilience';
import type { PriceOptions } from '@pydantic/genai-prices';
import type { Usage } from './result.ts';

/** What an attempt cost. */
export interface Cost {
  /** `null`: the table does not know this model. */
  readonly usd: number | null;
  /** `genai-prices@<version>`; `null` where no price was found. */
  readonly table: string | null;
}

const UNKNOWN: Cost = { usd: null, table: null };

/** Prices attempts of one model. `epochMs` is the moment of the attempt: prices change by date and by time of day. */
export type Pricer = (usage: Usage, epochMs: number) => Cost;

/**
 * @param providerId as the price table names it (`openai`, `anthropic`, `google`, `groq`, ...)
 * @see https://github.com/pydantic/genai-prices, bundled, works offline
 */
export function createPricer(providerId: string, modelId: string): Pricer {
  const options = narrowedTable(providerId, modelId);
  if (options === null) return () => UNKNOWN;
  return (usage, epochMs) => {
    const price = calcPrice(
      {
        input_tokens: usage.inputTokens,
        cache_read_tokens: usage.cachedInputTokens,
        cache_write_tokens: usage.cacheWriteTokens,
        output_tokens: usage.outputTokens,
      },
      modelId,
      { ...options, timestamp: dateAt(epochMs) },
    );
    return price === null ? UNKNOWN : { usd: price.total_price, table: tableVersion() };
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
