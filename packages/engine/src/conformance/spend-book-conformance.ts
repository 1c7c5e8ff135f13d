import { SPEND_DIMENSIONS } from '@paceline/gateway';
import type { Ledger, SpendDimension, SpendEntry, SpendQuery, SpendRow } from '@paceline/gateway';
import { seededRandom } from '@paceline/resilience';
import type { Random } from '@paceline/resilience';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { entryOf, START } from './spend-entries.ts';
import type { OpenedLedger } from './ledger-conformance.ts';

const HOUR_MS = 3_600_000;

/** What every book of spend has to do. Call it in a vitest file, once per ledger. */
export function spendBookConformance(name: string, open: () => OpenedLedger | Promise<OpenedLedger>): void {
  describe(`book of spend: ${name}`, () => {
    let opened: OpenedLedger;
    let ledger: Ledger;
    beforeEach(async () => {
      opened = await open();
      ledger = opened.ledger;
    });
    afterEach(() => opened.close());

    const book = (...entries: readonly Partial<SpendEntry>[]): readonly SpendEntry[] => {
      const whole = entries.map(entryOf);
      for (const entry of whole) ledger.spend.settle(entry);
      return whole;
    };
    const report = (query: SpendQuery = {}) => ledger.spend.report(query);
    const usdBy = async (dimension: SpendDimension, query: SpendQuery = {}) => {
      const rows = await report({ ...query, by: [dimension] });
      return rows.map(({ group, usd }) => [group[dimension], usd]);
    };

    test('nothing was spent', async () => {
      expect(await report()).toEqual([]);
      expect(await report({ by: ['provider'] })).toEqual([]);
    });

    test('an attempt is in the report at once, with all that it came to', async () => {
      book({ savedUsd: 0.0004 });
      expect(await report()).toEqual([
        {
          group: {},
          usd: 0.001,
          unpricedAttempts: 0,
          calls: 1,
          attempts: 1,
          inputTokens: 100,
          cachedInputTokens: 40,
          outputTokens: 10,
          savedUsd: 0.0004,
          sources: {
            reported: { attempts: 0, usd: 0 },
            computed: { attempts: 1, usd: 0.001 },
            estimated: { attempts: 0, usd: 0 },
            unknown: { attempts: 0, usd: 0 },
          },
        },
      ]);
    });

    test('the same attempt counts once', async () => {
      const [entry] = book({});
      book({ id: entry!.id, costUsd: 5, atEpochMs: START + HOUR_MS });
      expect(await report()).toMatchObject([{ usd: 0.001, attempts: 1 }]);
      expect(await report({ sinceEpochMs: START + 1 })).toEqual([]);
    });

    test('is told apart by each dimension, the dearest first', async () => {
      book(
        { provider: 'openai', model: 'a', route: 'classify', step: 'one', workflow: 'w', tenant: 't' },
        { provider: 'openai', model: 'b', route: 'reason', step: 'two', credential: 'eu', costUsd: 0.1 },
        { provider: 'azure', model: 'a', route: 'cheap', step: 'one', workflow: null, costUsd: 0.01 },
      );
      expect(await usdBy('provider')).toEqual([
        ['openai', 0.101],
        ['azure', 0.01],
      ]);
      expect(await usdBy('model')).toEqual([
        ['openai/b', 0.1],
        ['azure/a', 0.01],
        ['openai/a', 0.001],
      ]);
      expect((await usdBy('role')).map(([route]) => route)).toEqual(['reason', 'cheap', 'classify']);
      expect(await usdBy('step')).toEqual([
        ['two', 0.1],
        ['one', 0.011],
      ]);
      expect(await usdBy('workflow')).toEqual([
        ['support', 0.1],
        [null, 0.01],
        ['w', 0.001],
      ]);
      expect(await usdBy('tenant')).toEqual([
        [null, 0.11],
        ['t', 0.001],
      ]);
      expect(await usdBy('credential')).toEqual([
        ['openai@eu', 0.1],
        ['azure', 0.01],
        ['openai', 0.001],
      ]);
    });

    test('dimensions nest, in the order they are named', async () => {
      book(
        { step: 'one' },
        { step: 'two', costUsd: 0.002 },
        { step: 'two', provider: 'google', costUsd: 0.004 },
      );
      const rows = await report({ by: ['step', 'provider'] });
      expect(rows.map(({ group, usd }) => [...Object.entries(group), usd])).toEqual([
        [['step', 'two'], ['provider', 'google'], 0.004],
        [['step', 'two'], ['provider', 'openai'], 0.002],
        [['step', 'one'], ['provider', 'openai'], 0.001],
      ]);
    });

    test('what is spent on each item of a map is spent on its step', async () => {
      book({ step: 'look[0]' }, { step: 'look[12]' }, { step: 'look' });
      expect(await usdBy('step')).toEqual([['look', 0.003]]);
    });

    test('only what is asked for', async () => {
      book(
        { labels: { team: 'cx' } },
        { labels: { team: 'ops' }, costUsd: 1 },
        { costUsd: 2, provider: 'google' },
      );
      expect(await report({ where: { 'label:team': 'cx' } })).toMatchObject([{ usd: 0.001 }]);
      expect(await report({ where: { 'label:team': null } })).toMatchObject([{ usd: 2 }]);
      expect(await usdBy('label:team', { where: { provider: 'openai' } })).toEqual([
        ['ops', 1],
        ['cx', 0.001],
      ]);
      expect(await report({ where: { provider: 'nobody' } })).toEqual([]);
    });

    test.each([
      ['at an hour', START, START + 2 * HOUR_MS],
      ['within one hour', START + 1_000, START + 2_000],
      ['within two hours', START + HOUR_MS - 1, START + HOUR_MS + 1],
      ['after an hour, before another', START + 1, START + 3 * HOUR_MS - 1],
      ['and end at once', START + 1_000, START + 1_000],
      ['after they end', START + 2 * HOUR_MS, START],
    ])('times that begin %s: from the first moment up to the last', async (_, sinceEpochMs, untilEpochMs) => {
      const moments = [0, 1, 999, 1_000, 1_999, 2_000, HOUR_MS - 1, HOUR_MS, HOUR_MS + 1, 2 * HOUR_MS];
      const entries = book(
        ...[...moments, 3 * HOUR_MS - 1, 3 * HOUR_MS].map((ms) => ({ atEpochMs: START + ms })),
      );
      const within = entries.filter(({ atEpochMs }) => atEpochMs >= sinceEpochMs && atEpochMs < untilEpochMs);
      expect(attemptsIn(await report({ sinceEpochMs, untilEpochMs }))).toBe(within.length);
    });

    test('costs are told by how they are known; what is unknown is not 0', async () => {
      book(
        { costSource: 'reported', costUsd: 0.5 },
        { costSource: 'estimated', costUsd: 0.25, outcome: 'cancelled' },
        { costSource: 'unknown', costUsd: null, priceTable: null },
        { costSource: 'unknown', costUsd: null, attempt: 2 },
      );
      expect(await report()).toMatchObject([
        {
          usd: 0.75,
          attempts: 4,
          calls: 3,
          unpricedAttempts: 2,
          sources: {
            reported: { attempts: 1, usd: 0.5 },
            computed: { attempts: 0, usd: 0 },
            estimated: { attempts: 1, usd: 0.25 },
            unknown: { attempts: 2, usd: 0 },
          },
        },
      ]);
    });

    test('an attempt that reached nobody costs nothing and used nothing', async () => {
      book({ costUsd: 0, usage: null, outcome: 'error' });
      expect(await report()).toMatchObject([{ usd: 0, attempts: 1, inputTokens: 0, unpricedAttempts: 0 }]);
    });

    test('sums are those of the decimals, not of the floats', async () => {
      book(...Array.from({ length: 1_000 }, () => ({ costUsd: 0.1, savedUsd: 0.000_000_000_001 })));
      book({ costUsd: 0.000_000_000_001 });
      expect(await report()).toMatchObject([{ usd: 100.000000000001, savedUsd: 0.000000001 }]);
    });

    test('sums may go beyond what fits into 64 bits of picodollars', async () => {
      book(...Array.from({ length: 20 }, () => ({ costUsd: 1_000_000 })));
      book({ costUsd: 0.000_5 });
      expect(await report()).toMatchObject([{ usd: 20_000_000.0005 }]);
    });

    test('a cache may have cost more than it saved', async () => {
      book({ savedUsd: -0.002 }, { savedUsd: 0.000_5 }, { savedUsd: null });
      expect(await report()).toMatchObject([{ savedUsd: -0.0015 }]);
    });

    test.each([
      ['endless', Number.POSITIVE_INFINITY],
      ['no number', Number.NaN],
      ['below nothing', -1],
      ['beyond belief', 1e300],
    ])('a cost that is %s is unknown', async (_, costUsd) => {
      book({ costUsd, savedUsd: costUsd, usage: { ...entryOf().usage!, inputTokens: costUsd } }, {});
      const [row] = await report();
      expect(row).toMatchObject({ usd: 0.001, unpricedAttempts: 1, attempts: 2 });
      expect(Number.isFinite(row?.savedUsd) && Number.isFinite(row?.inputTokens)).toBe(true);
    });

    test('labels may have any names and values', async () => {
      const hostile = [
        '__proto__',
        'constructor',
        '',
        ' ',
        'a"b',
        "it's",
        'a\nb\r',
        '\0',
        '\u{d800}',
        '🙂',
        "'); --",
      ];
      const labels = Object.fromEntries(hostile.map((text) => [text, text]));
      book({ labels }, { labels: {} });
      for (const text of hostile.filter((each) => each !== '')) {
        expect(await usdBy(`label:${text}`)).toEqual([
          [text, 0.001],
          [null, 0.001],
        ]);
        expect(await report({ where: { [`label:${text}`]: text } })).toMatchObject([{ attempts: 1 }]);
      }
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    });

    test('labels may be no texts, where nobody checks types', async () => {
      book({ labels: { team: 7, user: undefined } as never, tenant: 42 as never });
      expect(await report({ by: ['label:team', 'label:user', 'tenant'] })).toMatchObject([
        { group: { 'label:team': '7', 'label:user': 'undefined', tenant: '42' } },
      ]);
    });

    test('what is very long is cut', async () => {
      const long = 'x'.repeat(5_000);
      book({ labels: { team: long }, tenant: long, step: long, workflow: long });
      for (const dimension of ['label:team', 'tenant', 'step', 'workflow'] as const) {
        const [[value] = []] = await usdBy(dimension);
        expect(String(value)).toMatch(/^x{200}…$/);
      }
    });

    test('beyond 1,000 values of a label the others are one', async () => {
      const users = Array.from({ length: 1_100 }, (_, at) => ({ labels: { user: `user-${at}` } }));
      book(...users, ...users);
      const rows = await report({ by: ['label:user'] });
      expect(rows).toHaveLength(1_001);
      expect(rows[0]).toMatchObject({ group: { 'label:user': '(others)' }, attempts: 200 });
      expect(attemptsIn(rows)).toBe(2_200);
    });

    test('beyond 20 names of labels the others are left out', async () => {
      book(...Array.from({ length: 30 }, (_, at) => ({ labels: { [`name-${at}`]: 'x' } })));
      expect(await usdBy('label:name-19')).toContainEqual(['x', 0.001]);
      expect(await usdBy('label:name-20')).toEqual([[null, 0.03]]);
    });

    test.each(['label:', 'models', '', 'label', '__proto__'])('there is no dimension %j', async (text) => {
      const dimension = text as SpendDimension;
      await expect(report({ by: [dimension] })).rejects.toThrow(TypeError);
      const where = Object.fromEntries([[dimension, 'x']]);
      await expect(report({ where })).rejects.toThrow(/Expected a dimension of spend/);
    });

    test('a moment has to be one', async () => {
      await expect(report({ sinceEpochMs: Number.NaN })).rejects.toThrow(/sinceEpochMs/);
    });

    test.each([1, 2, 3])('any report is the sum of its attempts (seed %i)', async (seed) => {
      const random = seededRandom(seed);
      const entries = book(...Array.from({ length: 300 }, () => randomParts(random)));
      for (let times = 0; times < 20; times++) {
        const query = randomQuery(random);
        const rows = await report(query);
        const { sinceEpochMs = 0, untilEpochMs = Infinity } = query;
        const within = entries.filter(
          ({ atEpochMs }) => atEpochMs >= sinceEpochMs && atEpochMs < untilEpochMs,
        );
        expect(attemptsIn(rows)).toBe(within.length);
        expect(picoIn(rows)).toBe(within.reduce((sum, { costUsd }) => sum + pico(costUsd ?? 0), 0n));
        expect(rows.reduce((sum, row) => sum + row.outputTokens, 0)).toBe(
          within.reduce((sum, { usage }) => sum + (usage?.outputTokens ?? 0), 0),
        );
        expect(new Set(rows.map(({ group }) => JSON.stringify(group))).size).toBe(rows.length);
      }
    });
  });
}

function attemptsIn(rows: readonly SpendRow[]): number {
  return rows.reduce((sum, { attempts }) => sum + attempts, 0);
}

function picoIn(rows: readonly SpendRow[]): bigint {
  return rows.reduce((sum, { usd }) => sum + pico(usd), 0n);
}

function pico(usd: number): bigint {
  return BigInt(Math.round(usd * 1e12));
}

function pick<T>(values: readonly [T, ...T[]], random: Random): T {
  return values[Math.floor(random.next() * values.length)] ?? values[0];
}

function randomParts(random: Random): Partial<SpendEntry> {
  const costUsd = pick([null, 0, 0.1, 0.2, 0.000_000_000_001, random.next() / 100], random);
  const usage = { ...entryOf().usage!, outputTokens: Math.floor(random.next() * 10_000) };
  return {
    atEpochMs: START + Math.floor(random.next() * 5 * HOUR_MS),
    step: pick(['one', 'two', 'three'], random),
    provider: pick(['openai', 'google'], random),
    tenant: pick([null, 'a', 'b'], random),
    labels: pick<SpendEntry['labels']>([{}, { team: 'cx' }, { team: 'ops', user: 'x' }], random),
    costUsd: costUsd === null ? null : Number(costUsd.toFixed(12)),
    costSource: costUsd === null ? 'unknown' : pick(['reported', 'computed', 'estimated'], random),
    usage: pick([usage, null], random),
  };
}

function randomQuery(random: Random): SpendQuery {
  const dimensions = [...SPEND_DIMENSIONS, 'label:team'] as const;
  const moment = () => START - HOUR_MS + Math.floor(random.next() * 7 * HOUR_MS);
  return {
    by: dimensions.filter(() => random.next() < 0.3),
    ...(random.next() < 0.7 && { sinceEpochMs: moment() }),
    ...(random.next() < 0.7 && { untilEpochMs: moment() }),
  };
}
