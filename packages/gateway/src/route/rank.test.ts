import { seededRandom } from '@paceline/resilience';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createContests, standing } from './contest.ts';
import { rankTargets } from './rank.ts';
import type { TargetHealth } from './plan.ts';
import type { RankBasis, RankedGroup } from './rank.ts';

const healthy = (name: string, facts: Partial<TargetHealth> = {}): TargetHealth => ({
  name,
  shutForMs: 0,
  recovering: false,
  missingKey: null,
  missingPackage: null,
  lacks: null,
  denied: null,
  otherTenant: false,
  share: null,
  unpriced: false,
  ...facts,
});

const groupsOf = (...names: readonly (string | readonly string[])[]): RankedGroup[] =>
  names.map((each) => ({ weight: 1, targets: [each].flat().map((name) => healthy(name)) }));

const unknown = () => ({ ms: null, samples: 0 });

function basis(overrides: Partial<RankBasis> = {}, seed = 1): RankBasis {
  const random = seededRandom(seed);
  return {
    strategy: 'ordered',
    conversation: 'c0',
    keepsKey: false,
    promptClass: 256,
    random,
    contests: createContests(random),
    price: () => null,
    firstChunk: unknown,
    wholeAnswer: unknown,
    ...overrides,
  };
}

/** Times that are well known. */
const known = (times: Readonly<Record<string, number>>) => (name: string) => ({
  ms: times[name] ?? null,
  samples: 100,
});

const order = (groups: readonly RankedGroup[], by: RankBasis) =>
  rankTargets(groups, by).map(({ health }) => health.name);
const first = (groups: readonly RankedGroup[], by: RankBasis) => {
  const [head] = rankTargets(groups, by);
  return { name: head?.health.name, reason: head?.reason };
};

const STRATEGIES = ['ordered', 'weighted', 'cheapest', 'fastest', 'sticky'] as const;

test('every strategy places each target once, and only the first has its reason', () => {
  const groups = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 }).chain((names) =>
    fc
      .array(fc.tuple(fc.boolean(), fc.nat(5)), { minLength: names.length, maxLength: names.length })
      .map((facts) =>
        names.map((name, at): RankedGroup => {
          const [otherTenant, weight] = facts[at] ?? [false, 1];
          return { weight, targets: [healthy(`${name}@a`), healthy(`${name}@b`, { otherTenant })] };
        }),
      ),
  );
  fc.assert(
    fc.property(groups, fc.constantFrom(...STRATEGIES), fc.integer(), (each, strategy, seed) => {
      const ranked = rankTargets(each, basis({ strategy }, seed));
      const all = each.flatMap(({ targets }) => targets.map(({ name }) => name));
      expect(ranked.map(({ health }) => health.name).toSorted()).toEqual(all.toSorted());
      expect(ranked[0]?.reason).not.toBe('fallback');
      expect(new Set(ranked.slice(1).map(({ reason }) => reason))).toEqual(new Set(['fallback']));
    }),
  );
});

test('an ordered route of single targets leaves chance alone', () => {
  const random = { next: () => expect.unreachable('no draw is needed') };
  expect(first(groupsOf('a', 'b'), basis({ random }))).toEqual({ name: 'a', reason: 'preferred' });
});

const weighted = (weights: readonly number[]) =>
  groupsOf('a', 'b', 'c').map((group, at) => ({ ...group, weight: weights[at] ?? 0 }));

const bFollowsA = ([one, two]: readonly string[]) => (one === 'a' ? two : one) === 'b';

const share = (weights: readonly number[], count: (names: readonly string[]) => boolean) => {
  const by = basis({ strategy: 'weighted' });
  let hits = 0;
  for (let draw = 0; draw < 10_000; draw++) if (count(order(weighted(weights), by))) hits++;
  return hits / 10_000;
};

describe('weighted', () => {
  test('the first is drawn by weight', () => {
    // Three standard deviations of a share of 0.05 in 10,000 draws are 0.0065.
    expect(share([95, 5, 0], ([head]) => head === 'b')).toBeCloseTo(0.05, 1.5);
    expect(share([95, 5, 0], ([head]) => head === 'b')).toBeGreaterThan(0.04);
  });

  test('who takes over for a target that is shut is drawn by weight as well', () => {
    expect(share([50, 30, 20], bFollowsA)).toBeGreaterThan(0.58);
    expect(share([50, 30, 20], bFollowsA)).toBeLessThan(0.62);
  });

  test('a weight of 0 is a fallback only, whatever is drawn', () => {
    expect(share([1, 0, 0], (names) => names.join() === 'a,b,c')).toBe(1);
  });
});

test('cheapest: by price, unknown ones last, equals as listed', () => {
  const prices: Readonly<Record<string, number>> = { b: 0.02, c: 0.01, d: 0.02 };
  const by = basis({ strategy: 'cheapest', price: (name) => prices[name] ?? null });
  expect(order(groupsOf('a', 'b', 'c', 'd'), by)).toEqual(['c', 'b', 'd', 'a']);
  expect(first(groupsOf('a', 'b', 'c'), by)).toEqual({ name: 'c', reason: 'cheapest' });
  expect(first(groupsOf('a', 'x'), by)).toEqual({ name: 'a', reason: 'preferred' });
});

describe('sticky', () => {
  const conversations = Array.from({ length: 2_000 }, (_, at) => `conversation-${at}`);
  const homes = (names: readonly string[]) =>
    conversations.map(
      (conversation) => order(groupsOf(...names), basis({ strategy: 'sticky', conversation }))[0],
    );

  test('a conversation has one home, and homes are spread evenly', () => {
    const names = ['a/1', 'b/2', 'c/3'];
    expect(homes(names)).toEqual(homes(names.toReversed()));
    for (const name of names) {
      const part = homes(names).filter((home) => home === name).length / conversations.length;
      expect(part).toBeGreaterThan(0.28);
      expect(part).toBeLessThan(0.39);
    }
  });

  test('a new target takes its share and moves nobody else', () => {
    const before = homes(['a/1', 'b/2', 'c/3']);
    const after = homes(['a/1', 'b/2', 'c/3', 'd/4']);
    const moved = after.filter((home, at) => home !== before[at]);
    expect(new Set(moved)).toEqual(new Set(['d/4']));
    expect(moved.length / conversations.length).toBeLessThan(0.3);
  });

  test('who takes over stays the same too', () => {
    const by = basis({ strategy: 'sticky', conversation: 'one' });
    const [home, next] = order(groupsOf('a/1', 'b/2', 'c/3'), by);
    const without = ['a/1', 'b/2', 'c/3'].filter((name) => name !== home);
    expect(order(groupsOf(...without), by)[0]).toBe(next);
  });
});

const contestants = (a: number, b: number) =>
  [
    { name: 'a', usualMs: a, samples: 100, ready: true },
    { name: 'b', usualMs: b, samples: 100, ready: true },
  ] as const;

describe('on time', () => {
  test('fastest: all endpoints compete; nearest: those of one entry do', () => {
    const times = known({ 'a@1': 300, 'a@2': 200, b: 100 });
    const by = basis({ firstChunk: times, wholeAnswer: times });
    const groups = groupsOf(['a@1', 'a@2'], 'b');
    expect(order(groups, { ...by, strategy: 'fastest' })).toEqual(['b', 'a@2', 'a@1']);
    expect(first(groups, { ...by, strategy: 'fastest' }).reason).toBe('fastest');
    expect(order(groups, by)).toEqual(['a@2', 'a@1', 'b']);
    expect(first(groups, by).reason).toBe('nearest');
  });

  test('nobody overtakes by noise, and everybody does who is clearly faster', () => {
    expect(standing(contestants(100, 95), 'a')[0]?.name).toBe('a');
    expect(standing(contestants(100, 89), 'a')[0]?.name).toBe('b');
    expect(standing(contestants(100, 95), undefined)[0]?.name).toBe('b');
  });

  test('two that are alike do not take turns', () => {
    const contests = createContests(seededRandom(1));
    const random = seededRandom(2);
    const leaders = Array.from({ length: 500 }, () => {
      const times = known({ a: 100 + 4 * random.next(), b: 100 + 4 * random.next() });
      return rankTargets(groupsOf('a', 'b'), basis({ strategy: 'fastest', contests, wholeAnswer: times }))[0];
    }).filter((each) => each?.reason === 'fastest');
    expect(new Set(leaders.map((each) => each?.health.name)).size).toBe(1);
  });

  test('an unknown target gets three tries at once, whatever comes of them, and few later', () => {
    const contests = createContests(seededRandom(1));
    const by = basis({
      strategy: 'fastest',
      contests,
      wholeAnswer: (name) => (name === 'a' ? { ms: 100, samples: 100 } : { ms: null, samples: 0 }),
    });
    const heads = Array.from({ length: 10_000 }, () => first(groupsOf('a', 'b'), by));
    const tried = { name: 'b', reason: 'explored' };
    expect(heads.slice(0, 3)).toEqual([tried, tried, tried]);
    const later = heads.slice(3).filter(({ name }) => name === 'b');
    // 3 % of 10,000, give or take three standard deviations.
    expect(later.length).toBeGreaterThan(249);
    expect(later.length).toBeLessThan(351);
    expect(new Set(later.map(({ reason }) => reason))).toEqual(new Set(['explored']));
  });

  test.each([
    { shutForMs: 5 },
    { recovering: true },
    { missingKey: 'KEY' },
    { missingPackage: '@ai-sdk/cohere' },
    { denied: 'AUTH_REJECTED' as const },
  ])('one that cannot take a call is not explored: %o', (facts) => {
    const groups = [...groupsOf('a'), { weight: 1, targets: [healthy('b', facts)] }];
    const by = basis({ strategy: 'fastest', wholeAnswer: known({ a: 100 }) });
    const reasons = Array.from({ length: 1_000 }, () => first(groups, by).reason);
    expect(new Set(reasons)).toEqual(new Set(['fastest']));
  });

  test('only the endpoints that would go first are explored', () => {
    const reasons = Array.from({ length: 100 }, () => first(groupsOf('a', ['b@1', 'b@2']), basis()).reason);
    expect(new Set(reasons)).toEqual(new Set(['preferred']));
  });
});
