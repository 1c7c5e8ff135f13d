import { bookKeyOf, boundedKey } from './book-key.ts';
import type { BookKey, BookRoom } from './book-key.ts';
import { amountsOf, spendRows } from './book-rows.ts';
import type { BookAmounts } from './book-rows.ts';
import type { SpendEntry } from './contract.ts';
import { checkSpendQuery } from './query.ts';
import type { SpendQuery, SpendRow } from './query.ts';

/** Every attempt that was made, and what it cost. */
export interface SpendBook {
  /** Nothing for an attempt that is booked already. */
  add(entry: SpendEntry): void;
  /** @throws TypeError for a dimension that there is not */
  report(query: SpendQuery): readonly SpendRow[];
}

export interface SpendBookOptions {
  /** Attempts that are kept; beyond it the one that was booked first is forgotten. Minimum 1. @default 100_000 */
  readonly retainAttempts?: number;
}

interface Booked {
  readonly atEpochMs: number;
  readonly key: BookKey;
  readonly amounts: BookAmounts;
}

/** A book in memory. */
export function createSpendBook({ retainAttempts = 100_000 }: SpendBookOptions = {}): SpendBook {
  const booked = new Map<string, Booked>();
  const keyFor = createKeys();
  return {
    add(entry) {
      const { id, atEpochMs } = entry;
      if (booked.has(id)) return;
      booked.set(id, { atEpochMs, key: keyFor(bookKeyOf(entry)), amounts: amountsOf(entry) });
      if (booked.size <= retainAttempts) return;
      const [oldest] = booked.keys();
      if (oldest !== undefined) booked.delete(oldest);
    },
    report(query) {
      checkSpendQuery(query);
      const { sinceEpochMs = Number.NEGATIVE_INFINITY, untilEpochMs = Number.POSITIVE_INFINITY } = query;
      const within = [...booked.values()].filter(
        ({ atEpochMs }) => atEpochMs >= sinceEpochMs && atEpochMs < untilEpochMs,
      );
      return spendRows(
        within.map(({ key, amounts }) => [key, amounts] as const),
        query,
      );
    },
  };
}

/** Gives the one object that stands for all equal keys, of which there are not too many. */
function createKeys(): (wanted: BookKey) => BookKey {
  const keys = new Map<string, BookKey>();
  const valuesByKind = new Map<string, Set<string>>();
  const admit: BookRoom['admit'] = (kind, value, most) => {
    const values = valuesByKind.get(kind) ?? new Set();
    valuesByKind.set(kind, values);
    if (values.size < most) values.add(value);
    return values.has(value);
  };
  return (wanted) => {
    const known = keys.get(JSON.stringify(wanted));
    if (known !== undefined) return known;
    const key = boundedKey(wanted, { keys: keys.size, admit });
    const text = JSON.stringify(key);
    const same = keys.get(text) ?? key;
    keys.set(text, same);
    return same;
  };
}
