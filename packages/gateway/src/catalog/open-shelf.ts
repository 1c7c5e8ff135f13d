import { bundledProvider, bundledSource } from './bundled.ts';
import { chatEntries, entryFor } from './list-prices.ts';
import type { PriceEntry } from './list-prices.ts';
import type { ModelFacts } from './model-info.ts';
import { factsIn } from './models-dev.ts';
import { stemOf } from './names.ts';
import type { RefreshedModels } from './refreshed.ts';
import type { Shelf } from './shelves.ts';

/** What one source says. */
export interface Said {
  readonly facts: ModelFacts;
  readonly source: string;
}

/** A model of a provider, before its facts are put together. */
export interface ShelfEntry {
  readonly model: string;
  readonly aliases: readonly string[];
  /** Whether the price table knows it. */
  readonly priced: boolean;
  /** What models.dev says; `null` if it does not know the model. */
  readonly said: Said | null;
}

/** The models of one provider. */
export interface OpenShelf {
  /** The model that a name stands for; `null` if no source knows it. */
  find(model: string): ShelfEntry | null;
  /** Every model once, by its first name. */
  models(): readonly string[];
}

/**
 * Puts the sources' models of a provider side by side. Two names are one model when the price table takes them for one and they differ only by
 * the mark of a version: `claude-sonnet-4-0` and `claude-sonnet-4-20250514`, but not two snapshots of different ability.
 */
export function openShelf(shelf: Shelf, refreshed: RefreshedModels | null): OpenShelf {
  const said = new Map(saidBy(shelf, refreshed));
  const names = shelf.names ?? /^/;
  const { prices } = shelf;
  const entryOf = (model: string): PriceEntry | null => (prices === null ? null : entryFor(prices, model));

  const nameOf = (model: string, entry: PriceEntry | null): string => {
    if (said.has(model)) return said.has(plainOf(model)) ? plainOf(model) : model;
    if (entry === null) return model;
    const stem = stemOf(model);
    const snapshots = [...said.keys()].filter(
      (each) => stemOf(each) === stem && entryOf(each)?.id === entry.id,
    );
    const [only, another] = snapshots;
    // Of several snapshots, nobody says which one the name stands for.
    if (only !== undefined) return another === undefined ? only : model;
    return spelled(entry, stem)[0] ?? model;
  };
  const spelled = (entry: PriceEntry | null, stem: string): readonly string[] =>
    entry?.names.filter((name) => names.test(name) && stemOf(name) === stem) ?? [];

  return {
    find(asked) {
      const model = nameOf(asked, entryOf(asked));
      const entry = entryOf(model);
      const facts = said.get(model) ?? null;
      if (facts === null && entry === null) return null;
      const latest = `${model}-latest`;
      const folded = said.has(model) && said.has(latest) ? [latest] : [];
      const spelledOut = spelled(entry, stemOf(model)).filter((name) => name !== model && !said.has(name));
      const aliases = [...new Set([...folded, ...spelledOut])];
      return { model, aliases, priced: entry !== null, said: facts };
    },
    models() {
      const listed = prices === null ? [] : chatEntries(prices);
      const firsts = listed.flatMap((entry) => {
        const first = entry.names.find((name) => names.test(name));
        return first === undefined ? [] : [nameOf(first, entry)];
      });
      return [...new Set([...[...said.keys()].map((model) => nameOf(model, null)), ...firsts])];
    },
  };
}

/** `grok-3` for `grok-3-latest`. */
function plainOf(model: string): string {
  return model.replace(/-latest$/, '');
}

/** Those that answer in text. */
function saidBy(
  { modelsDev }: Shelf,
  refreshed: RefreshedModels | null,
): readonly (readonly [string, Said])[] {
  return modelsDev.flatMap((id) => {
    const fresh = refreshed?.providers[id];
    const provider = fresh ?? bundledProvider(id);
    const source = fresh !== undefined && refreshed !== null ? refreshed.source : bundledSource();
    return Object.values(provider?.models ?? {}).flatMap((model) => {
      const facts = factsIn(model);
      return facts.outputs?.includes('text') === false ? [] : [[model.id, { facts, source }] as const];
    });
  });
}
