import { dateAt } from '@paceline/resilience';

/** Counts tokens by calendar month (UTC), for prices that depend on volume. */
export interface MonthlyUse {
  /** Tokens so far in the month of that moment. */
  tokens(key: string, epochMs: number): number;
  add(key: string, tokens: number, epochMs: number): void;
}

/** Counts in this process, from 0. An attempt of another month than the one before it begins anew. */
export function createMonthlyUse(): MonthlyUse {
  const counts = new Map<string, { month: string; tokens: number }>();
  const standing = (key: string, month: string) => {
    const count = counts.get(key);
    return count?.month === month ? count : { month, tokens: 0 };
  };
  return {
    tokens: (key, epochMs) => standing(key, monthOf(epochMs)).tokens,
    add(key, tokens, epochMs) {
      const count = standing(key, monthOf(epochMs));
      counts.set(key, { ...count, tokens: count.tokens + tokens });
    },
  };
}

/** `2026-11`. */
function monthOf(epochMs: number): string {
  return dateAt(epochMs).toISOString().slice(0, 7);
}
