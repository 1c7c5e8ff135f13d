import { picoOf, usdOf } from '../meter/usd.ts';
import { isPriced, MOST_USD, valueOf } from './book-key.ts';
import type { BookKey } from './book-key.ts';
import type { SpendEntry } from './contract.ts';
import type { SourceShare, SpendQuery, SpendRow } from './query.ts';

/** What some attempts came to. Money in picodollars: sums of whole numbers do not drift. */
export interface BookAmounts {
  readonly attempts: number;
  readonly calls: number;
  readonly costPico: bigint;
  readonly savedPico: bigint;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}

/** Those of one attempt. */
export function amountsOf(entry: SpendEntry): BookAmounts {
  const { attempt, usage, costUsd, savedUsd } = entry;
  return {
    attempts: 1,
    calls: attempt === 1 ? 1 : 0,
    costPico: picoOf(isPriced(entry) ? (costUsd ?? 0) : 0),
    savedPico: picoOf(Math.abs(savedUsd ?? 0) <= MOST_USD ? (savedUsd ?? 0) : 0),
    inputTokens: countOf(usage?.inputTokens),
    cachedInputTokens: countOf(usage?.cachedInputTokens),
    outputTokens: countOf(usage?.outputTokens),
  };
}

/** More tokens than any model reads or writes at once. Counts come from providers, and a book must be able to add them up. */
const MOST_TOKENS = 1e10;

function countOf(tokens = 0): number {
  return tokens >= 0 ? Math.min(Math.round(tokens), MOST_TOKENS) : 0;
}

type Tally = { -readonly [Name in keyof BookAmounts]: BookAmounts[Name] };

interface Group {
  readonly values: SpendRow['group'];
  readonly all: Tally;
  readonly sources: Readonly<Record<BookKey['source'], Tally>>;
}

/** The rows of a report, the dearest first. @param booked what each key's attempts came to, within the query's time */
export function spendRows(
  booked: Iterable<readonly [BookKey, BookAmounts]>,
  { by = [], where = {} }: SpendQuery,
): readonly SpendRow[] {
  const wanted = Object.entries(where) as (readonly [keyof typeof where, string | null])[];
  const groups = new Map<string, Group>();
  for (const [key, amounts] of booked) {
    if (wanted.some(([dimension, value]) => valueOf(key, dimension) !== value)) continue;
    const values = by.map((dimension) => [dimension, valueOf(key, dimension)] as const);
    const name = JSON.stringify(values);
    let group = groups.get(name);
    if (group === undefined) groups.set(name, (group = emptyGroup(Object.fromEntries(values))));
    addTo(group.all, amounts);
    addTo(group.sources[key.source], amounts);
  }
  const dearestFirst = ([a, one]: [string, Group], [b, other]: [string, Group]): number =>
    compare(other.all.costPico, one.all.costPico) || compare(a, b);
  return [...groups].toSorted(dearestFirst).map(([, group]) => rowOf(group));
}

function emptyGroup(values: Group['values']): Group {
  const sources = { reported: empty(), computed: empty(), estimated: empty(), unknown: empty() };
  return { values, all: empty(), sources };
}

function empty(): Tally {
  const tokens = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };
  return { attempts: 0, calls: 0, costPico: 0n, savedPico: 0n, ...tokens };
}

function addTo(tally: Tally, amounts: BookAmounts): void {
  tally.attempts += amounts.attempts;
  tally.calls += amounts.calls;
  tally.costPico += amounts.costPico;
  tally.savedPico += amounts.savedPico;
  tally.inputTokens += amounts.inputTokens;
  tally.cachedInputTokens += amounts.cachedInputTokens;
  tally.outputTokens += amounts.outputTokens;
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function rowOf({ values, all, sources }: Group): SpendRow {
  const { reported, computed, estimated, unknown } = sources;
  return {
    group: values,
    usd: usdOf(all.costPico),
    unpricedAttempts: unknown.attempts,
    calls: all.calls,
    attempts: all.attempts,
    inputTokens: all.inputTokens,
    cachedInputTokens: all.cachedInputTokens,
    outputTokens: all.outputTokens,
    savedUsd: usdOf(all.savedPico),
    sources: {
      reported: share(reported),
      computed: share(computed),
      estimated: share(estimated),
      unknown: share(unknown),
    },
  };
}

function share({ attempts, costPico }: BookAmounts): SourceShare {
  return { attempts, usd: usdOf(costPico) };
}
