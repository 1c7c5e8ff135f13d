import type { CapCounter, CapUse, CapWindow, Ledger, Reserved, SpendLedger } from '@paceline/gateway';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OpenedLedger } from './ledger-conformance.ts';
import { entryOf } from './spend-entries.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** 1 December 2025, 00:00 UTC. */
const DECEMBER = 1_764_547_200_000;

const FOR_EVER: CapWindow = { type: 'always' };
const LAST_DAY: CapWindow = { type: 'rolling', ms: DAY_MS };

export function capUse(parts: Partial<CapUse> = {}): CapUse {
  return { cap: 'label:team', value: 'cx', window: FOR_EVER, limitUsd: 1, ...parts };
}

export interface Asked {
  readonly usd: number;
  readonly at?: number;
  readonly uses?: readonly CapUse[];
  readonly expiresAt?: number;
}

/** Holds money for attempt `id` of those in the tests. */
export function ask(spend: SpendLedger, id: string, asked: Asked): Promise<Reserved> {
  const { usd, at = DECEMBER, uses = [capUse()], expiresAt = at + HOUR_MS } = asked;
  const { outcome: _, costUsd: __, ...attempt } = entryOf({ id, atEpochMs: at });
  return spend.reserve({ attempt, usd, priced: true, uses, expiresAtEpochMs: expiresAt });
}

/** What every ledger has to do about caps. Call it in a vitest file, once per ledger. */
export function spendCapsConformance(name: string, open: () => OpenedLedger | Promise<OpenedLedger>): void {
  describe(`caps: ${name}`, () => {
    let opened: OpenedLedger;
    let ledger: Ledger;
    beforeEach(async () => {
      opened = await open();
      ledger = opened.ledger;
    });
    afterEach(() => opened.close());

    const hold = (id: string, asked: Asked): Promise<Reserved> => ask(ledger.spend, id, asked);
    const settle = (id: string, costUsd: number | null, at = DECEMBER): void =>
      ledger.spend.settle(entryOf({ id, costUsd, atEpochMs: at }));
    let looks = 0;
    /** What was told before is in what this reads. */
    const standing = async (counter: CapCounter = capUse(), at = DECEMBER) => {
      await hold(`look ${looks++}`, { usd: 0, at, uses: [capUse({ cap: 'none' })] });
      return ledger.spend.standing(counter, at);
    };

    test('what an attempt can cost is held before it is made', async () => {
      expect(await hold('a', { usd: 0.6 })).toEqual({ ok: true });
      expect(await standing()).toEqual({ spentUsd: 0, heldUsd: 0.6 });
      expect(await hold('b', { usd: 0.4 })).toEqual({ ok: true });
      expect(await hold('c', { usd: 1e-12 })).toEqual({
        ok: false,
        refusal: {
          use: capUse(),
          neededUsd: 1e-12,
          spentUsd: 0,
          heldUsd: 1,
          resetsAtEpochMs: null,
        },
      });
    });

    test('what it did cost counts instead when it has ended', async () => {
      await hold('a', { usd: 1 });
      settle('a', 0.25);
      expect(await standing()).toEqual({ spentUsd: 0.25, heldUsd: 0 });
      expect(await hold('b', { usd: 0.75 })).toEqual({ ok: true });
      expect((await hold('c', { usd: 0.01 })).ok).toBe(false);
    });

    test('an attempt that cost more than was held counts as it is', async () => {
      await hold('a', { usd: 1 });
      settle('a', 1.5);
      expect(await standing()).toEqual({ spentUsd: 1.5, heldUsd: 0 });
      expect((await hold('b', { usd: 0 })).ok).toBe(false);
    });

    test('one that ends twice counts once', async () => {
      await hold('a', { usd: 1 });
      settle('a', 0.25);
      settle('a', 0.5);
      ledger.spend.release('a');
      expect(await standing()).toEqual({ spentUsd: 0.25, heldUsd: 0 });
    });

    test('what was never sent comes back', async () => {
      await hold('a', { usd: 1 });
      ledger.spend.release('a');
      expect(await standing()).toEqual({ spentUsd: 0, heldUsd: 0 });
      expect(await hold('b', { usd: 1 })).toEqual({ ok: true });
    });

    test('an attempt that was booked without a hold counts on no cap', async () => {
      settle('a', 0.5);
      expect(await standing()).toEqual({ spentUsd: 0, heldUsd: 0 });
    });

    test('one without a known price counts as the config says', async () => {
      await hold('a', { usd: 0.1 });
      ledger.spend.settle(entryOf({ id: 'a', atEpochMs: DECEMBER, costUsd: null, countedUsd: 0.1 }));
      expect(await standing()).toEqual({ spentUsd: 0.1, heldUsd: 0 });
    });

    test('an attempt needs room on all of its caps, and holds on none if one has none', async () => {
      const tight = capUse({ cap: 'run', value: 'r', limitUsd: 0.5 });
      expect(await hold('a', { usd: 0.4, uses: [capUse(), tight] })).toEqual({ ok: true });
      expect(await hold('b', { usd: 0.2, uses: [capUse(), tight] })).toMatchObject({
        ok: false,
        refusal: { use: tight, heldUsd: 0.4 },
      });
      expect(await standing()).toEqual({ spentUsd: 0, heldUsd: 0.4 });
      settle('a', 0.3);
      expect(await standing(tight)).toEqual({ spentUsd: 0.3, heldUsd: 0 });
      expect(await standing()).toEqual({ spentUsd: 0.3, heldUsd: 0 });
    });

    test('caps, their values and their windows know nothing of each other', async () => {
      const others = [
        capUse({ cap: 'label:user' }),
        capUse({ value: 'CX' }),
        capUse({ value: '' }),
        capUse({ value: '__proto__' }),
        capUse({ window: LAST_DAY }),
        capUse({ window: { type: 'calendar', unit: 'day' } }),
      ];
      for (const [at, use] of others.entries()) {
        expect(await hold(`${at}`, { usd: 1, uses: [use] })).toEqual({ ok: true });
        settle(`${at}`, 1);
      }
      expect(await standing()).toEqual({ spentUsd: 0, heldUsd: 0 });
      for (const use of others) expect(await standing(use)).toEqual({ spentUsd: 1, heldUsd: 0 });
    });

    test('a cap without a limit only counts', async () => {
      const soft = capUse({ limitUsd: null });
      expect(await hold('a', { usd: 5, uses: [soft] })).toEqual({ ok: true });
      settle('a', 3);
      expect(await standing(soft)).toEqual({ spentUsd: 3, heldUsd: 0 });
    });

    test('sums are exact, whatever binary fractions do, and beyond what a number holds', async () => {
      const wide = capUse({ limitUsd: 900_000 });
      for (const [at, usd] of [0.1, 0.2, 9_000, 9_000.000_001, 9_000].entries()) {
        expect(await hold(`${at}`, { usd, uses: [wide] })).toEqual({ ok: true });
        settle(`${at}`, usd);
      }
      expect((await standing(wide)).spentUsd).toBe(27_000.300_001);
      expect((await hold('more', { usd: 9_000, uses: [capUse({ limitUsd: 36_000.3 })] })).ok).toBe(false);
      expect((await hold('less', { usd: 9_000, uses: [capUse({ limitUsd: 36_000.4 })] })).ok).toBe(true);
    });

    test.each([
      { unit: 'hour', from: DECEMBER, until: DECEMBER + HOUR_MS },
      { unit: 'day', from: DECEMBER, until: DECEMBER + DAY_MS },
      { unit: 'month', from: DECEMBER, until: DECEMBER + 31 * DAY_MS },
      // 2028 has a 29 February.
      { unit: 'month', from: 1_832_976_000_000, until: 1_832_976_000_000 + 29 * DAY_MS },
    ] as const)('a cap per $unit is that of the calendar, in UTC', async ({ unit, from, until }) => {
      const uses = [capUse({ window: { type: 'calendar', unit } })];
      await hold('before', { usd: 1, at: from - 1, uses });
      settle('before', 1, from - 1);
      expect(await hold('first', { usd: 1, at: from, uses })).toEqual({ ok: true });
      settle('first', 1, from);
      expect(await hold('last', { usd: 0.5, at: until - 1, uses })).toMatchObject({
        ok: false,
        refusal: { spentUsd: 1, resetsAtEpochMs: until },
      });
      expect(await hold('next', { usd: 1, at: until, uses })).toEqual({ ok: true });
    });

    test('in a rolling window spend counts for all of it, and up to a sixtieth longer', async () => {
      const uses = [capUse({ window: LAST_DAY })];
      await hold('a', { usd: 0.3, uses });
      settle('a', 0.3, DECEMBER + 5);
      await hold('b', { usd: 0.7, uses });
      settle('b', 0.7, DECEMBER + 10 * HOUR_MS);
      expect((await hold('c', { usd: 0.3, at: DECEMBER + 4 + DAY_MS, uses })).ok).toBe(false);
      const refused = await hold('c', { usd: 0.3, at: DECEMBER + 5 + DAY_MS, uses });
      const roomAt = refused.ok ? null : refused.refusal.resetsAtEpochMs;
      expect(roomAt).toBe(DECEMBER + DAY_MS + DAY_MS / 60);
      expect((await hold('d', { usd: 0.3, at: Number(roomAt) - 1, uses })).ok).toBe(false);
      expect((await hold('e', { usd: 0.3, at: Number(roomAt), uses })).ok).toBe(true);
      // More than that has to wait for what was spent later.
      expect(await hold('f', { usd: 0.7, at: Number(roomAt), uses })).toMatchObject({
        refusal: { resetsAtEpochMs: DECEMBER + 34 * HOUR_MS + DAY_MS / 60 },
      });
    });

    test('there is no moment to wait for where only attempts in flight stand in the way, or nothing helps', async () => {
      const uses = [capUse({ window: LAST_DAY })];
      await hold('a', { usd: 0.8, uses });
      expect(await hold('b', { usd: 0.4, uses })).toMatchObject({ refusal: { resetsAtEpochMs: null } });
      expect(await hold('c', { usd: 1.1, uses })).toMatchObject({ refusal: { resetsAtEpochMs: null } });
    });

    test('what was held in one window counts in the one in which it ends', async () => {
      const uses = [capUse({ window: { type: 'calendar', unit: 'day' } })];
      await hold('a', { usd: 0.6, at: DECEMBER - 1, uses });
      expect((await hold('b', { usd: 0.6, at: DECEMBER, uses })).ok).toBe(false);
      settle('a', 0.5, DECEMBER + 1);
      expect(await standing(uses[0], DECEMBER + 2)).toEqual({ spentUsd: 0.5, heldUsd: 0 });
    });

    test('who reserves at once is let in one after the other', async () => {
      const all = await Promise.all(Array.from({ length: 50 }, (_, at) => hold(`${at}`, { usd: 0.1 })));
      expect(all.filter(({ ok }) => ok)).toHaveLength(10);
      expect(await standing()).toEqual({ spentUsd: 0, heldUsd: 1 });
    });
  });
}
