import { DatabaseSync } from 'node:sqlite';
import { memoryLedger } from '@paceline/gateway';
import type { CapUse, CapWindow, SpendLedger } from '@paceline/gateway';
import { dateAt } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ask } from '../../conformance/spend-caps-conformance.ts';
import { entryOf } from '../../conformance/spend-entries.ts';
import { migrate } from './schema.ts';
import { SqliteSpend } from './spend-ledger.ts';

const HOUR_MS = 3_600_000;
const START = 1_764_547_200_000 - 2 * HOUR_MS;
const RUNS = 10_000;

/** On a machine that does much else. */
const LONGEST_MS = 120_000;

/** Amounts are small whole numbers of ten-thousandths, which as dollars are no binary fractions. */
const UNIT_USD = 0.000_1;

const windowed: fc.Arbitrary<CapWindow> = fc.constantFrom(
  { type: 'always' },
  { type: 'rolling', ms: HOUR_MS },
  { type: 'rolling', ms: 90_000 },
  { type: 'calendar', unit: 'hour' },
  { type: 'calendar', unit: 'month' },
);

interface Planned {
  readonly atMs: number;
  readonly lastsMs: number;
  /** What is held for it, and the share of that which it costs. */
  readonly worst: number;
  readonly share: number;
  readonly end: 'settled' | 'released' | 'crashed';
  /** Which of the schedule's counters it is on: bits. */
  readonly on: number;
}

interface Schedule {
  readonly windows: readonly CapWindow[];
  readonly limits: readonly number[];
  readonly attempts: readonly Planned[];
}

const schedules = (ends: readonly Planned['end'][], mostShare: number): fc.Arbitrary<Schedule> =>
  fc.record({
    windows: fc.array(windowed, { minLength: 3, maxLength: 3 }),
    limits: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 3, maxLength: 3 }),
    attempts: fc.array(
      fc.record({
        atMs: fc.integer({ min: 0, max: 4 * HOUR_MS }),
        lastsMs: fc.oneof(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: 3 * HOUR_MS })),
        worst: fc.integer({ min: 0, max: 20 }),
        share: fc.integer({ min: 0, max: mostShare }).map((tenths) => tenths / 10),
        end: fc.constantFrom(...ends),
        on: fc.integer({ min: 1, max: 7 }),
      }),
      { maxLength: 10 },
    ),
  });

interface Spent {
  readonly use: CapUse;
  readonly atMs: number;
  readonly usd: number;
}

/** What counts at a moment by the window's own definition: every amount, one by one, without slots. */
function inWindow({ use, atMs: spentMs }: Spent, atMs: number): boolean {
  const { window } = use;
  switch (window.type) {
    case 'always':
      return true;
    case 'rolling':
      return spentMs > atMs - window.ms;
    case 'calendar': {
      const form = window.unit === 'hour' ? 'YYYY-MM-DDTHH' : 'YYYY-MM';
      const period = (ms: number) => dateAt(ms).toISOString().slice(0, form.length);
      return period(spentMs) === period(atMs);
    }
  }
}

let played = 0;

/** Plays a schedule. @returns by how much any counter was ever over its limit, and what is held in the end */
async function play(
  { windows, limits, attempts }: Schedule,
  spend: SpendLedger,
  recover: (atMs: number) => SpendLedger = () => spend,
) {
  const name = `cap-${played++}`;
  const uses = windows.map((window, at): CapUse => {
    return { cap: name, value: `${at}`, window, limitUsd: (limits[at] ?? 0) * UNIT_USD };
  });
  const moments = attempts
    .flatMap((attempt, at) => [
      { ...attempt, id: `${name}/${at}`, ms: START + attempt.atMs, begins: true },
      { ...attempt, id: `${name}/${at}`, ms: START + attempt.atMs + attempt.lastsMs, begins: false },
    ])
    .toSorted((a, b) => a.ms - b.ms);
  const flying = new Map<string, readonly CapUse[]>();
  const spent: Spent[] = [];
  let ledger = spend;
  let over = 0;
  let crowd = 0;
  const book = (counters: readonly CapUse[], usd: number, atMs: number): void =>
    counters.forEach((use) => spent.push({ use, usd, atMs }));

  for (const { id, ms, begins, worst, share, end, on, atMs, lastsMs } of moments) {
    const usd = worst * UNIT_USD;
    if (begins) {
      const own = uses.filter((_, at) => (on & (1 << at)) !== 0);
      const { ok } = await ask(ledger, id, { usd, at: ms, uses: own, expiresAt: ms + lastsMs + 1 });
      if (ok) flying.set(id, own);
      crowd = Math.max(crowd, flying.size);
      continue;
    }
    const own = flying.get(id);
    if (own === undefined) continue;
    flying.delete(id);
    if (end === 'released') ledger.release(id);
    if (end === 'settled') {
      ledger.settle(entryOf({ id, atEpochMs: ms, costUsd: usd * share }));
      book(own, usd * share, ms);
    }
    // Nobody will tell what it came to: the most that it can have been.
    if (end === 'crashed') {
      ledger = recover(ms);
      book(own, usd, START + atMs);
    }
    for (const use of uses) {
      const counted = spent.filter((each) => each.use === use && inWindow(each, ms));
      const sum = counted.reduce((total, each) => total + each.usd, 0);
      over = Math.max(over, sum - (use.limitUsd ?? 0));
    }
  }
  const afterMs = START + 8 * HOUR_MS;
  await ask(ledger, `${name}/after`, { usd: 0, at: afterMs, uses: [], expiresAt: afterMs });
  return { over, crowd, held: uses.map((use) => ledger.standing(use, afterMs).heldUsd) };
}

const NOTHING = [0, 0, 0];

/** In memory, with the functions and tables of the file, each write a transaction of its own. */
function fileSpend(db: DatabaseSync, epochMs: number): SqliteSpend {
  return new SqliteSpend({ db, clock: createVirtualClock({ epochMs }), write: async (apply) => apply() });
}

test(
  'memory: with upper bounds nothing is ever overspent, and nothing stays held',
  { timeout: LONGEST_MS },
  async () => {
    const { spend } = memoryLedger();
    await fc.assert(
      fc.asyncProperty(schedules(['settled', 'released'], 10), async (schedule) => {
        const { over, held } = await play(schedule, spend);
        expect(over).toBeLessThan(1e-9);
        expect(held).toEqual(NOTHING);
      }),
      { numRuns: RUNS },
    );
  },
);

test(
  'memory: attempts that cost more than was held overspend by no more than that, each in flight once',
  { timeout: LONGEST_MS },
  async () => {
    const { spend } = memoryLedger();
    await fc.assert(
      fc.asyncProperty(schedules(['settled', 'released'], 13), async (schedule) => {
        const { over, crowd, held } = await play(schedule, spend);
        const most = Math.max(0, ...schedule.attempts.map(({ worst }) => worst)) * UNIT_USD;
        expect(over).toBeLessThan(crowd * most * 0.3 + 1e-9);
        expect(held).toEqual(NOTHING);
      }),
      { numRuns: RUNS },
    );
  },
);

test(
  'file: the same, with processes that die while their attempts are in flight',
  { timeout: LONGEST_MS },
  async () => {
    const db = new DatabaseSync(':memory:');
    migrate(db);
    const spend = fileSpend(db, START);
    await fc.assert(
      fc.asyncProperty(schedules(['settled', 'released', 'crashed'], 10), async (schedule) => {
        db.exec('BEGIN');
        const { over, held } = await play(schedule, spend, (ms) => fileSpend(db, ms));
        db.exec('ROLLBACK');
        expect(over).toBeLessThan(1e-9);
        expect(held).toEqual(NOTHING);
      }),
      { numRuns: RUNS },
    );
    db.close();
  },
);
