import { dateAt, parseEpochMs } from '@paceline/resilience';
import type { Clock } from '@paceline/resilience';
import type { SpendLedger } from '../spend/contract.ts';
import type { SpendRow } from '../spend/query.ts';

/** Tokens by calendar month (UTC), for prices that depend on volume. */
export interface MonthlyUse {
  /** Reads what is booked, unless that was done less than a minute ago. Of others who share the ledger it knows as much as then. */
  ready(): Promise<void>;
  /** So far this month. */
  tokens(key: string): number;
  /** Counts an attempt of this process at once. */
  add(key: string, tokens: number): void;
}

const READ_AGAIN_MS = 60_000;

/**
 * What the ledger has booked this month, and what this process has used since it was read.
 * @param keys of the custom prices with volumes: `provider`, `provider/model` or `provider/model@endpoint`
 */
export function createMonthlyUse(keys: readonly string[], spend: SpendLedger, clock: Clock): MonthlyUse {
  let booked: Counts = new Map();
  // What was used after the last reading began, and what before it that is not in `booked` yet.
  let since = new Map<string, number>();
  let before: Counts = new Map();
  let month = '';
  let readAtMs = -Infinity;
  let reading: Promise<void> | undefined;

  const read = async (): Promise<void> => {
    const rows = await spend.report({
      sinceEpochMs: parseEpochMs(`${month}-01T00:00:00Z`),
      by: ['provider', 'model', 'credential'],
    });
    booked = new Map(
      keys.map((key) => [key, tokensIn(rows.filter(({ group }) => namesIn(group).includes(key)))]),
    );
    before = new Map();
  };

  return {
    ready() {
      const now = monthAt(clock);
      if (now === month && clock.nowMs() - readAtMs < READ_AGAIN_MS) return reading ?? Promise.resolve();
      if (now === month) before = since;
      else booked = before = new Map();
      since = new Map();
      month = now;
      readAtMs = clock.nowMs();
      reading = read();
      return reading;
    },
    tokens(key) {
      if (monthAt(clock) !== month) return 0;
      return [booked, before, since].reduce((sum, counts) => sum + (counts.get(key) ?? 0), 0);
    },
    add(key, tokens) {
      since.set(key, (since.get(key) ?? 0) + tokens);
    },
  };
}

type Counts = ReadonlyMap<string, number>;

function tokensIn(rows: readonly SpendRow[]): number {
  return rows.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0);
}

/** The keys that a price for this group may have. */
function namesIn({ provider, model, credential }: SpendRow['group']): readonly unknown[] {
  return [provider, model, ...(credential ? [`${model}@${credential}`] : [])];
}

/** `2026-11`. */
function monthAt(clock: Clock): string {
  return dateAt(clock.epochMs()).toISOString().slice(0, 7);
}
