import { calcPrice, findProvider } from '@pydantic/genai-prices';
import { dateAt } from '@paceline/resilience';
import type { MatchLogic, ModelInfo as PricedModel, ModelPrice } from '@pydantic/genai-prices';
import type { ModelFacts, PriceDimension } from './model-info.ts';
import { soundsLikeChat } from './names.ts';

const NOTHING_USED = { input_tokens: 0, output_tokens: 0 };

/** One entry of the price table. It may stand for many names: versions, snapshots. */
export interface PriceEntry {
  readonly id: string;
  /** The names that the provider's API takes for it, as far as the table spells them out. */
  readonly names: readonly string[];
}

/** The entry for a name; `null` if the table has none. @param providerId as the table names it */
export function entryFor(providerId: string, model: string): PriceEntry | null {
  const found = calcPrice(NOTHING_USED, model, { providerId })?.model;
  return found === undefined ? null : { id: found.id, names: namesOf(found) };
}

/** All entries of a provider that answer in text. */
export function chatEntries(providerId: string): readonly PriceEntry[] {
  const models = findProvider({ providerId })?.models ?? [];
  return models
    .filter((model) => hasPricedAnswers(model) && soundsLikeChat(model.id))
    .map((model) => ({ id: model.id, names: namesOf(model) }));
}

/** What the table says of a model at a moment: some prices hold from a day on, or by the time of day. */
export function pricedFacts(providerId: string, model: string, epochMs: number): ModelFacts {
  const found = calcPrice(NOTHING_USED, model, { providerId, timestamp: dateAt(epochMs) });
  if (found === null) return {};
  const { name, context_window: contextTokens, deprecated } = found.model;
  const prices = dimensionsOf(found.model_price);
  return { title: name, contextTokens, deprecated, ...(prices.length > 0 && { prices }) };
}

function dimensionsOf(price: ModelPrice): readonly PriceDimension[] {
  return Object.entries(price).flatMap(([unit, usd]) => {
    if (usd === undefined) return [];
    if (typeof usd === 'number') return [{ unit, usd, tiers: [] }];
    const tiers = usd.tiers.map((tier) => ({ fromTokens: tier.start, usd: tier.price }));
    return [{ unit, usd: usd.base, tiers }];
  });
}

/** Embeddings, images and the like have no price for tokens of an answer. */
function hasPricedAnswers({ prices }: PricedModel): boolean {
  const all = Array.isArray(prices) ? prices.map((each) => each.prices) : [prices];
  return all.some((price) => price['output_mtok'] !== undefined);
}

/** Its id is one where its own rule covers it: some ids are made up to tell entries apart. */
function namesOf({ id, match }: PricedModel): readonly string[] {
  const spelled = spelledNames(match);
  return covers(match, id) ? [id, ...spelled.filter((name) => name !== id)] : spelled;
}

function spelledNames(match: MatchLogic): readonly string[] {
  if ('equals' in match) return [match.equals];
  return 'or' in match ? match.or.flatMap(spelledNames) : [];
}

function covers(match: MatchLogic, name: string): boolean {
  if ('equals' in match) return name === match.equals;
  if ('starts_with' in match) return name.startsWith(match.starts_with);
  if ('ends_with' in match) return name.endsWith(match.ends_with);
  if ('contains' in match) return name.includes(match.contains);
  if ('regex' in match) return new RegExp(match.regex).test(name);
  return 'or' in match
    ? match.or.some((each) => covers(each, name))
    : match.and.every((each) => covers(each, name));
}
