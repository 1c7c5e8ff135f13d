import type { CostSource } from '../result.ts';
import { OTHER_VALUES } from './cap-room.ts';
import type { SpendEntry } from './contract.ts';
import { labelKeyOf } from './query.ts';
import type { SpendDimension } from './query.ts';

/**
 * What attempts have in common that no report tells apart. There are few of them, so a book keeps each once. Equal keys have equal JSON:
 * `bookKeyOf` and `boundedKey` give the properties in one order.
 */
export interface BookKey {
  readonly workflow: string | null;
  readonly step: string;
  readonly route: string;
  readonly provider: string;
  readonly model: string;
  readonly credential: string | null;
  readonly tenant: string | null;
  readonly source: CostSource;
  /** In the order of their names. Pairs: names come from outside, and `__proto__` is one. */
  readonly labels: readonly (readonly [name: string, value: string])[];
}

/** Beyond so many values of a kind, further ones are booked as `(others)`; beyond so many names of labels, further labels are left out. */
const MOST = { value: 1_000, tenant: 10_000, label: 20 } as const;

/** Beyond so many keys, all that callers choose is `(others)` in further ones: from there on only the config makes new ones. */
const MOST_KEYS = 50_000;

/** Longer names and values are cut, in characters. */
const LONGEST_TEXT = 200;

/** More than this for one attempt is nobody's price, in US dollars. Prices may come from providers, and a book must be able to add them up. */
export const MOST_USD = 1_000_000;

/** Whether an attempt's cost is known, and is one. */
export function isPriced({ costUsd }: SpendEntry): boolean {
  return costUsd !== null && costUsd >= 0 && costUsd <= MOST_USD;
}

export function bookKeyOf(entry: SpendEntry): BookKey {
  const { workflow, step, route, provider, model, credential, tenant, labels } = entry;
  return {
    workflow: workflow === null ? null : cut(workflow),
    step: cut(step.replace(ITEM_NUMBER, '')),
    route: cut(route),
    provider,
    model,
    credential,
    tenant: tenant === null ? null : cut(tenant),
    source: isPriced(entry) ? entry.costSource : 'unknown',
    labels: Object.entries(labels)
      .map(([name, value]) => [cut(name), cut(value)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  };
}

/** What the engine adds to a step's name for each item of a `map`: `look[3]`. */
const ITEM_NUMBER = /\[\d+\]$/;

/** Callers choose it, and types do not bind all of them. */
function cut(chosen: string): string {
  const text = String(chosen);
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}

/** What a book holds already. */
export interface BookRoom {
  /** Keys. */
  readonly keys: number;
  /** Whether a value of its kind is in the book, or there is room for it, which it then takes. */
  admit(kind: string, value: string, most: number): boolean;
}

/** A key of which there cannot be too many, whatever callers choose: with `(others)` for each value that there is no room for. */
export function boundedKey(key: BookKey, { keys, admit }: BookRoom): BookKey {
  const isFull = keys >= MOST_KEYS;
  const bounded = (kind: string, value: string, most: number = MOST.value) =>
    !isFull && admit(kind, value, most) ? value : OTHER_VALUES;
  return {
    ...key,
    workflow: key.workflow === null ? null : bounded('workflow', key.workflow),
    step: bounded('step', key.step),
    tenant: key.tenant === null ? null : bounded('tenant', key.tenant, MOST.tenant),
    labels: key.labels
      .filter(([name]) => admit('label', name, MOST.label))
      .map(([name, value]) => [name, bounded(`label:${name}`, value)] as const),
  };
}

/** A key's value by which a report groups or chooses. */
export function valueOf(key: BookKey, dimension: SpendDimension): string | null {
  switch (dimension) {
    case 'provider':
    case 'step':
    case 'workflow':
    case 'tenant':
      return key[dimension];
    case 'credential':
      return key.credential === null ? key.provider : `${key.provider}@${key.credential}`;
    case 'model':
      return `${key.provider}/${key.model}`;
    case 'role':
      return key.route;
    default:
      return key.labels.find(([name]) => name === labelKeyOf(dimension))?.[1] ?? null;
  }
}
