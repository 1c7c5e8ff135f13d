import { picoOf, usdOf } from '../meter/usd.ts';
import { MOST_VALUES, OTHER_VALUES, refusalFor, sumOf } from './cap-room.ts';
import type { CapState, SpentSlot } from './cap-room.ts';
import type { CapCounter, CapStanding, CapUse } from './cap.ts';
import type { Reserved, ReserveRequest } from './contract.ts';
import { firstSlotAt, keptUntil, slotAt, windowName } from './window.ts';

/** Counters of caps in memory. No step takes longer for what was spent before. */
export interface CapCounters {
  reserve(request: ReserveRequest): Reserved;
  release(id: string): void;
  /** Counts what an attempt cost instead of what was held for it; nothing if nothing was. */
  settle(id: string, usd: number, atEpochMs: number): void;
  standing(counter: CapCounter, atEpochMs: number): CapStanding;
}

interface Counter {
  readonly counter: CapCounter;
  /** Picodollars by slot: at most as many as a window has. */
  readonly spent: Map<number, bigint>;
  held: bigint;
  /** How many: what is held may be nothing. */
  holds: number;
  keptUntilEpochMs: number;
}

interface Hold {
  readonly pico: bigint;
  readonly counters: readonly Counter[];
}

export function createCapCounters(mostValues = MOST_VALUES): CapCounters {
  const book = createCounterBook(mostValues);
  const holds = new Map<string, Hold>();

  const end = (id: string): readonly Counter[] => {
    const hold = holds.get(id);
    if (hold === undefined) return [];
    holds.delete(id);
    for (const counter of hold.counters) take(counter, hold.pico);
    return hold.counters;
  };

  return {
    reserve({ attempt, usd, uses }) {
      const now = attempt.atEpochMs;
      for (const use of uses) {
        const refusal = refusalFor(use, usd, stateOf(book.find(use), use, now));
        if (refusal !== null) return { ok: false, refusal };
      }
      const pico = picoOf(usd);
      const counters = uses.map((use) => book.open(use, now));
      for (const counter of counters) give(counter, pico);
      holds.set(attempt.id, { pico, counters });
      return { ok: true };
    },
    release: (id) => void end(id),
    settle(id, usd, atEpochMs) {
      for (const counter of end(id)) count(counter, picoOf(usd), atEpochMs);
    },
    standing(counter, atEpochMs) {
      const { slots, held } = stateOf(book.find(counter), counter, atEpochMs);
      return { spentUsd: usdOf(sumOf(slots)), heldUsd: usdOf(held) };
    },
  };
}

interface CounterBook {
  find(counter: CapCounter): Counter | undefined;
  open(counter: CapCounter, nowEpochMs: number): Counter;
}

/** Finds counters by cap and value. Of a cap's values, the one that was used longest ago comes first, and goes first. */
function createCounterBook(mostValues: number): CounterBook {
  const caps = new Map<string, Map<string, Counter>>();

  const valuesOf = (counter: CapCounter): Map<string, Counter> => {
    const key = `${counter.cap}\n${windowName(counter.window)}`;
    let values = caps.get(key);
    if (values === undefined) caps.set(key, (values = new Map()));
    return values;
  };
  const isFull = (values: Map<string, Counter>): boolean => values.size >= mostValues;

  const open: CounterBook['open'] = (counter, nowEpochMs) => {
    const values = valuesOf(counter);
    const { value } = counter;
    const known = values.get(value);
    if (known === undefined && isFull(values) && value !== OTHER_VALUES) {
      const [oldest] = values.values();
      if (oldest !== undefined && isIdle(oldest, nowEpochMs)) values.delete(oldest.counter.value);
      else return open({ ...counter, value: OTHER_VALUES }, nowEpochMs);
    }
    values.delete(value);
    const opened = known ?? { counter, spent: new Map(), held: 0n, holds: 0, keptUntilEpochMs: 0 };
    values.set(value, opened);
    return opened;
  };

  return {
    open,
    find(counter) {
      const values = valuesOf(counter);
      return values.get(counter.value) ?? (isFull(values) ? values.get(OTHER_VALUES) : undefined);
    },
  };
}

function give(counter: Counter, pico: bigint): void {
  counter.held += pico;
  counter.holds++;
}

function take(counter: Counter, pico: bigint): void {
  counter.held -= pico;
  counter.holds--;
}

function isIdle({ holds, keptUntilEpochMs }: Counter, nowEpochMs: number): boolean {
  return holds === 0 && keptUntilEpochMs <= nowEpochMs;
}

function stateOf(
  counter: Counter | undefined,
  { window }: CapCounter | CapUse,
  nowEpochMs: number,
): CapState {
  if (counter === undefined) return { slots: [], held: 0n };
  const first = firstSlotAt(window, nowEpochMs);
  const slots: SpentSlot[] = [...counter.spent].filter(([slot]) => slot >= first);
  return { slots: slots.toSorted(([a], [b]) => a - b), held: counter.held };
}

function count(counter: Counter, pico: bigint, atEpochMs: number): void {
  const { window } = counter.counter;
  const slot = slotAt(window, atEpochMs);
  const first = firstSlotAt(window, atEpochMs);
  for (const old of counter.spent.keys()) if (old < first) counter.spent.delete(old);
  counter.spent.set(slot, (counter.spent.get(slot) ?? 0n) + pico);
  counter.keptUntilEpochMs = Math.max(counter.keptUntilEpochMs, keptUntil(window, atEpochMs));
}
