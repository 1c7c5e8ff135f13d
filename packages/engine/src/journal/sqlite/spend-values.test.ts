import { DatabaseSync } from 'node:sqlite';
import { OTHER_VALUES } from '@paceline/gateway';
import type { CapWindow } from '@paceline/gateway';
import { describe, expect, test } from 'vitest';
import { capUse } from '../../conformance/spend-caps-conformance.ts';
import { entryOf } from '../../conformance/spend-entries.ts';
import { migrate } from './schema.ts';
import { CapTable } from './spend-caps.ts';

const NOW = 1_764_547_200_000;
const HOUR: CapWindow = { type: 'calendar', unit: 'hour' };
const HOUR_MS = 3_600_000;

function table(mostValues: number): CapTable {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  return new CapTable(db, mostValues);
}

/** A cap that tells three values apart. */
function three() {
  const counters = table(3);
  let asked = 0;
  /** One attempt from beginning to end. @returns whether there was room for it */
  const spend = (value: string, usd: number, atEpochMs = NOW): boolean => {
    const id = `${asked++}`;
    const { outcome: _, costUsd: __, ...attempt } = entryOf({ id, atEpochMs });
    const uses = [capUse({ value, window: HOUR })];
    const { ok } = counters.reserve({ attempt, usd, priced: true, uses, expiresAtEpochMs: NOW });
    if (ok) counters.settle(id, usd, atEpochMs);
    return ok;
  };
  const spentBy = (value: string, atEpochMs = NOW) =>
    counters.standing(capUse({ value, window: HOUR }), atEpochMs).spentUsd;
  return { spend, spentBy };
}

describe('values of a cap', () => {
  test('beyond the most of them, new ones share a counter, and with it the limit', () => {
    const { spend, spentBy } = three();
    for (const value of ['a', 'b', 'c']) expect(spend(value, 0.9)).toBe(true);
    expect([spend('d', 0.6), spend('e', 0.6), spend('f', 0.4)]).toEqual([true, false, true]);
    expect([spentBy('a'), spentBy('d'), spentBy('f'), spentBy(OTHER_VALUES)]).toEqual([0.9, 1, 1, 1]);
    expect(spend('a', 0.1)).toBe(true);
  });

  test('give their place to new ones when their window is over', () => {
    const { spend, spentBy } = three();
    for (const value of ['a', 'b', 'c']) spend(value, 0.9);
    const later = NOW + HOUR_MS;
    expect([spend('d', 0.9, later), spend('e', 0.9, later)]).toEqual([true, true]);
    expect([spentBy('d', later), spentBy('e', later), spentBy('a', later)]).toEqual([0.9, 0.9, 0]);
  });
});
