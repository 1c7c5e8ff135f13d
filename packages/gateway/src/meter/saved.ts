import type { Usage } from '../result.ts';
import type { Cost, Pricer } from './price.ts';
import { roundUsd } from './usd.ts';

/**
 * What the provider's prompt cache has saved on an attempt, in US dollars: its list price without the cache, less its list price with it. Below 0 where
 * more was paid for writing than was saved by reading; 0 where nothing was cached; `null` where the price is unknown.
 */
export function savedUsd(usage: Usage | null, price: Pricer, epochMs: number): number | null {
  if (usage === null || !usesCache(usage)) return 0;
  const { chargedUsd: _, ...listed } = usage;
  const paid: Cost = price(listed, epochMs);
  const full: Cost = price(withoutCache(listed), epochMs);
  return paid.usd === null || full.usd === null ? null : roundUsd(full.usd - paid.usd);
}

const isCacheUnit = (unit: string): boolean => unit.startsWith('cache_');

function usesCache({ cachedInputTokens, cacheWriteTokens, more = {} }: Usage): boolean {
  return cachedInputTokens > 0 || cacheWriteTokens > 0 || Object.keys(more).some(isCacheUnit);
}

function withoutCache({ more = {}, ...usage }: Usage): Usage {
  const rest = Object.entries(more).filter(([unit]) => !isCacheUnit(unit));
  return { ...usage, cachedInputTokens: 0, cacheWriteTokens: 0, more: Object.fromEntries(rest) };
}
