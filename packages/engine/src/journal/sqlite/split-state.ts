import { hash } from 'node:crypto';
import type { Json } from '@paceline/gateway';
import type { ItemsInFlight, PendingStep, RunRecord } from '../../run/record.ts';
import { NO_SPEND } from '../../run/spend.ts';
import { LONGEST_INLINE, stateText } from './rows.ts';
import type { Payload } from './rows.ts';

export interface SplitState {
  readonly state: string;
  /** What of it stays the same while the items of a `map` are done, one entry after the other: to be kept, if it is not kept already. */
  readonly base: Payload | undefined;
}

/** How a row begins that has its base elsewhere: the key follows. */
export const BASE_PREFIX = '{"base":"';

/** What stands in the row of such a state. */
interface Remainder {
  readonly base: string;
  /** Absent as long as nothing was spent. */
  readonly spend?: RunRecord['spend'];
  /** By invoke id. */
  readonly items: Readonly<Record<string, ItemsInFlight>>;
}

/**
 * The text of a run's row. As long as a `map` is at work the row would repeat its whole list with every item that ends; so the rest of a
 * large state is kept once, and the row says what changes.
 */
export function splitState(record: RunRecord): SplitState {
  const items = itemsOf(record);
  if (items === undefined) return { state: stateText(record), base: undefined };
  const base = baseOf(record);
  if (base.text.length <= LONGEST_INLINE) return { state: stateText(record), base: undefined };
  const { spend } = record;
  const remainder: Remainder = { base: base.key, ...(spend !== NO_SPEND && { spend }), items };
  return { state: JSON.stringify(remainder), base };
}

/** @param base the text that the state's key names, if there is one. @returns the state's text in one part; `null` if the base is not what was kept */
export function joinedState(state: string, base: string | null): string | null {
  if (!state.startsWith(BASE_PREFIX)) return state;
  const { base: key, spend, items } = JSON.parse(state) as Remainder;
  if (base === null || hash('sha256', base) !== key) return null;
  const { pending, ...rest } = JSON.parse(base) as Pick<RunRecord, 'pending'>;
  const open = Object.entries(pending).map(([id, step]) => [id, { ...step, items: items[id] }] as const);
  return JSON.stringify({ ...rest, spend, pending: Object.fromEntries(open) });
}

function itemsOf({ pending }: RunRecord): Remainder['items'] | undefined {
  let items: Record<string, ItemsInFlight> | undefined;
  for (const invokeId in pending) {
    const open = pending[invokeId]?.items;
    if (open !== undefined) items = { ...items, [invokeId]: open };
  }
  return items;
}

/** The last base made of a snapshot, so that an item that ends does not cost the work of a list. */
const bases = new WeakMap<object, { readonly of: RunRecord; readonly base: Payload }>();

function baseOf(record: RunRecord): Payload {
  const snapshot = record.snapshot as Exclude<Json, string | number | boolean | null>;
  const known = bases.get(snapshot);
  if (known !== undefined && isSameBase(known.of, record)) return known.base;
  const text = stateText({ ...record, spend: NO_SPEND, pending: withoutItems(record.pending) });
  const base = { text, key: hash('sha256', text) };
  bases.set(snapshot, { of: record, base });
  return base;
}

function withoutItems(pending: RunRecord['pending']): RunRecord['pending'] {
  const steps = Object.entries(pending).map(([id, step]) => {
    const { items: _, ...rest } = step;
    return [id, rest] as const;
  });
  return Object.fromEntries(steps);
}

/** Parts that have not been replaced are the same objects. */
function isSameBase(
  { pending: before, ...one }: RunRecord,
  { pending: after, ...other }: RunRecord,
): boolean {
  const apart = { seq: 0, spend: NO_SPEND };
  const ids = Object.keys(before);
  return (
    isShallowEqual({ ...one, ...apart }, { ...other, ...apart }) &&
    ids.length === Object.keys(after).length &&
    ids.every((id) => isShallowEqual(withoutOwnItems(before[id]), withoutOwnItems(after[id])))
  );
}

function withoutOwnItems(step: PendingStep | undefined): object {
  return { ...step, items: undefined };
}

function isShallowEqual(one: object, other: object): boolean {
  const entries = Object.entries(one);
  const its = other as Readonly<Record<string, unknown>>;
  return entries.length === Object.keys(other).length && entries.every(([key, value]) => its[key] === value);
}
