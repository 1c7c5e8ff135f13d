import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';
import { IDS, shortfalls, summarize } from './report.ts';
import type { SeedReport } from './simulate.ts';

test('the first seeds break no invariant, and meet what each speaks of', async () => {
  const reports: SeedReport[] = [];
  for (let seed = 1; seed <= 60; seed++) reports.push(await simulate(seed));
  const summary = summarize(reports, [], 0);
  expect(shortfalls(summary)).toEqual([]);
  expect(IDS.filter((id) => summary.looked[id] === 0)).toEqual([]);
  expect(new Set(reports.map(({ store }) => store))).toEqual(new Set(['memory', 'sqlite']));
});

test('a seed has one history', async () => {
  for (const seed of [3, 5, 8]) expect((await simulate(seed)).hash).toBe((await simulate(seed)).hash);
  expect((await simulate(3)).hash).not.toBe((await simulate(5)).hash);
});

const sound: SeedReport = {
  seed: 1,
  store: 'memory',
  hash: 'a',
  succeeded: 1,
  runs: 1,
  crashes: 0,
  looked: Object.fromEntries(IDS.map((id) => [id, 1])) as SeedReport['looked'],
  violations: [],
};

test.each<[string, Partial<SeedReport>, string]>([
  ['a broken invariant', { violations: ['I1: gone'] }, 'I1: gone\n    pnpm chaos simulate --seed 1'],
  ['no success', { succeeded: 0 }, 'no run succeeded, so nothing was shown'],
])('%s falls short', (_, wrong, said) => {
  expect(shortfalls(summarize([{ ...sound, ...wrong }], [], 0))).toEqual([said]);
});

test('another history the second time falls short, and so does an invariant that nothing was held against', () => {
  const [again] = shortfalls(summarize([sound], [{ ...sound, hash: 'b' }], 0));
  expect(again).toMatch(/^seed 1 gave another history the second time/);
  const blind = { ...sound, looked: { ...sound.looked, I7: 0 } };
  expect(
    shortfalls(
      summarize(
        Array.from({ length: 100 }, () => blind),
        [],
        0,
      ),
    ),
  ).toEqual(['nothing was there to hold I7 against']);
});
