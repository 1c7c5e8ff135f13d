import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';
import { shortfalls, summarize } from './report.ts';
import type { SeedReport } from './simulate.ts';

test('the first seeds break no invariant, and meet what each speaks of', async () => {
  const reports: SeedReport[] = [];
  for (let seed = 1; seed <= 120; seed++) reports.push(await simulate(seed));
  expect(shortfalls(summarize(reports, [], 0))).toEqual([]);
  expect(new Set(reports.map(({ store }) => store))).toEqual(new Set(['memory', 'sqlite']));
});

test('a seed has one history', async () => {
  for (const seed of [3, 5, 8]) expect((await simulate(seed)).hash).toBe((await simulate(seed)).hash);
  expect((await simulate(3)).hash).not.toBe((await simulate(5)).hash);
});
