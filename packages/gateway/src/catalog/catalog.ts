import { dateAt, systemClock } from '@paceline/resilience';
import { editDistance } from '../did-you-mean.ts';
import { customDimensions, customPriceOf } from '../meter/custom-price.ts';
import { pricedFacts } from './list-prices.ts';
import { FACT_NAMES } from './model-info.ts';
import { noticeOf } from './notices.ts';
import { offerOf, shelfOf, SHELVES } from './shelves.ts';
import { openShelf } from './open-shelf.ts';
import { priceTable } from '../meter/price-table.ts';
import type { CustomPrice } from '../meter/custom-price.ts';
import type { CustomModel, Known, ModelInfo } from './model-info.ts';
import type { RefreshedModels } from './refreshed.ts';
import type { OpenShelf, Said, ShelfEntry } from './open-shelf.ts';

/** What is known of the models that can be used by name. It is never complete: a model that it does not know may be used all the same. */
export interface Catalog {
  /** @param name `provider/model`, also under a further name of it @returns `null` if no source knows it */
  find(name: string): ModelInfo | null;
  /** Provider by provider, in order of name. Without those whose provider has ended them, unless they are asked for. */
  list(options?: ListOptions): readonly ModelInfo[];
  /** A known name that was probably meant; `null` if the name is known, or like none that is. */
  meant(name: string): string | null;
}

export interface ListOptions {
  /** Those of one alone. @default all */
  readonly provider?: string;
  /** Also those that their provider has ended. @default false */
  readonly ended?: boolean;
}

export interface CatalogOptions {
  /** By `provider/model`; what they say wins. */
  readonly customModels?: Readonly<Record<string, CustomModel>>;
  /** By `provider/model`, or by provider for all its models; what they say wins. */
  readonly customPrices?: Readonly<Record<string, CustomPrice>>;
  /** What models.dev said since the data that is built in. Asked once, when the first model is. @default nothing */
  readonly refreshed?: () => RefreshedModels | null;
  /** Prices depend on the day. @default now */
  readonly epochMs?: () => number;
}

/** Costs nothing until it is asked, then a few milliseconds for each provider that is asked for; a list of all takes longer. */
export function createCatalog(options: CatalogOptions = {}): Catalog {
  const { customModels = {}, epochMs = () => systemClock.epochMs() } = options;
  const open = shelfOpener(options.refreshed ?? (() => null));

  const find = (name: string): ModelInfo | null => {
    const asked = split(name);
    const found = open(asked.provider)?.find(asked.model) ?? null;
    const entry = found ?? { model: asked.model, aliases: [], priced: false, said: null };
    const all = sourcesFor(asked, entry, { ...options, epochMs: epochMs() });
    if (all.length === 0) return null;
    const { model, aliases } = entry;
    const { provider } = asked;
    const offer = offerOf(provider, model);
    return { name: `${provider}/${model}`, provider, model, aliases, offer, ...factsFrom(all) };
  };

  return {
    find,
    list({ provider, ended = false } = {}) {
      const providers = provider === undefined ? Object.keys(SHELVES) : [provider];
      const listed = providers.flatMap((each) =>
        (open(each)?.models() ?? []).map((model) => `${each}/${model}`),
      );
      const custom = Object.keys(customModels).filter(
        (name) => provider === undefined || split(name).provider === provider,
      );
      const today = dayOf(epochMs());
      return [...new Set([...listed, ...custom])]
        .toSorted()
        .flatMap((name) => find(name) ?? [])
        .filter(({ endsOn }) => ended || endsOn === null || endsOn.value > today);
    },
    meant(name) {
      const { provider, model } = split(name);
      const shelf = open(provider);
      if (shelf === null || find(name) !== null) return null;
      const known = shelf.models().flatMap((each) => [each, ...(shelf.find(each)?.aliases ?? [])]);
      const near = nearest(model, known);
      return near === null ? null : `${provider}/${near}`;
    },
  };
}

/** Opens each provider's shelf once, when it is asked for. */
function shelfOpener(refreshed: () => RefreshedModels | null): (provider: string) => OpenShelf | null {
  const opened = new Map<string, OpenShelf>();
  let fresh: RefreshedModels | null | undefined;
  return (provider) => {
    const shelf = shelfOf(provider);
    const known = opened.get(provider);
    if (shelf === undefined || known !== undefined) return known ?? null;
    if (fresh === undefined) fresh = refreshed();
    const made = openShelf(shelf, fresh);
    opened.set(provider, made);
    return made;
  };
}

/** Who says something of a model, the one that is believed first in front. */
function sourcesFor(
  asked: Split,
  { model, priced, said }: ShelfEntry,
  { customModels = {}, customPrices = {}, epochMs }: Omit<CatalogOptions, 'epochMs'> & { epochMs: number },
): readonly Said[] {
  const { provider } = asked;
  const table = shelfOf(provider)?.prices ?? null;
  const listed = table === null || !priced ? null : pricedFacts(table, model, epochMs);
  const custom = customModels[`${provider}/${asked.model}`] ?? customModels[`${provider}/${model}`];
  const own = customPriceOf({ provider, model }, customPrices);
  const prices = own === null ? [] : customDimensions(own.price, listed?.prices);
  return [
    ...(custom === undefined ? [] : [{ facts: custom, source: 'custom' }]),
    // A share of a price that nobody knows is nothing known.
    ...(prices.length === 0 ? [] : [{ facts: { prices }, source: 'custom' }]),
    ...[noticeOf(provider, asked.model) ?? noticeOf(provider, model), said].filter((each) => each !== null),
    ...(listed === null ? [] : [{ facts: listed, source: priceTable() }]),
  ];
}

interface Split {
  readonly provider: string;
  readonly model: string;
}

function split(name: string): Split {
  const slash = name.indexOf('/');
  return { provider: name.slice(0, slash), model: name.slice(slash + 1) };
}

/** Each fact by the first source that has it. */
function factsFrom(all: readonly Said[]): Facts {
  const known = FACT_NAMES.map((field): [string, Known<unknown> | null] => {
    const said = all.find((each) => each.facts[field] !== undefined);
    return [field, said ? { value: said.facts[field], source: said.source } : null];
  });
  return Object.fromEntries(known) as unknown as Facts;
}

type Facts = Omit<ModelInfo, 'name' | 'provider' | 'model' | 'aliases' | 'offer'>;

/** `2026-11-23`. */
function dayOf(epochMs: number): string {
  return dateAt(epochMs).toISOString().slice(0, 10);
}

/** Typing mistakes that still look like the name. */
const CLOSE = 2;

/** Names that differ in their digits alone are versions: a newer one than is known is no typing mistake. */
function nearest(model: string, known: readonly string[]): string | null {
  if (known.some((each) => wordsOf(each) === wordsOf(model))) return null;
  const [near] = known
    .map((each) => ({ each, distance: editDistance(model.toLowerCase(), each.toLowerCase()) }))
    .filter(({ distance }) => distance <= CLOSE)
    .toSorted((a, b) => a.distance - b.distance);
  return near?.each ?? null;
}

function wordsOf(name: string): string {
  return name.toLowerCase().replace(/\d+/g, '');
}
