import { expect, test } from 'vitest';
import { figuresOf } from './figures.ts';
import { missed } from './targets.ts';
import { meetFlood } from './world.ts';
import type { IsolationFigures } from './figures.ts';
import type { CaseName, IsolationRun } from './world.ts';

/** The short form. */
async function measure(name: CaseName, guards: boolean): Promise<IsolationFigures> {
  const run: Omit<IsolationRun, 'flood'> = {
    name,
    guards,
    seed: 1,
    spans: { calmMs: 1_000, floodMs: 3_000 },
  };
  const calm = await meetFlood({ ...run, flood: false });
  return figuresOf(await meetFlood({ ...run, flood: true }), calm);
}

test.each<CaseName>(['own key refused', 'shared'])('%s: the others notice nothing', async (name) => {
  expect(missed(await measure(name, true), { name, guards: true })).toEqual([]);
});

test('without guards the others suffer', async () => {
  const { others } = await measure('shared', false);
  expect(others.p99Ms).toBeGreaterThan(1.1 * others.calmP99Ms);
});

const GOOD: IsolationFigures = {
  others: { calls: 1_000, success: 0.999, p99Ms: 110, calmP99Ms: 100 },
  flooder: { calls: 2_000, answered: 0, attemptsPerCall: 0.05, refusedMs: 10 },
  opened: ['main/gpt-5-mini@flood'],
  leftBehind: 0,
};
const flooder = (change: Partial<IsolationFigures['flooder']>) => ({
  flooder: { ...GOOD.flooder, ...change },
});

test.each<[Partial<IsolationFigures>, readonly string[]]>([
  [{}, []],
  [{ others: { ...GOOD.others, success: 0.998 } }, ['others >= 99.9 %']],
  [{ others: { ...GOOD.others, p99Ms: 111 } }, ['others’ p99 at most 10 % up']],
  [{ opened: ['main/gpt-5-mini@north'] }, ['no breaker opens but the flooder’s']],
  [flooder({ refusedMs: 11 }), ['flood refused within 10 ms']],
  [flooder({ refusedMs: null }), ['flood refused within 10 ms']],
  [flooder({ attemptsPerCall: 0.06 }), ['flood’s attempts at most 0.05 of its calls']],
  [{ leftBehind: 1 }, ['leaves nothing behind']],
])('with guards %j misses %j', (change, expected) => {
  expect(missed({ ...GOOD, ...change }, { name: 'own key fails', guards: true })).toEqual(expected);
});

test('who shares a key may wait in the queue, and opens no breaker', () => {
  const shared = { name: 'shared', guards: true } as const;
  expect(
    missed({ ...GOOD, ...flooder({ refusedMs: 5_000, attemptsPerCall: 1 }), opened: [] }, shared),
  ).toEqual([]);
  expect(missed({ ...GOOD, opened: ['main/gpt-5-mini'] }, shared)).toEqual([
    'no breaker opens but the flooder’s',
  ]);
});

test('without guards it is wrong if nobody suffers', () => {
  const control = { name: 'shared', guards: false } as const;
  expect(missed({ ...GOOD, others: { ...GOOD.others, p99Ms: 109 } }, control)).toEqual([
    'without guards the others suffer',
  ]);
  expect(missed({ ...GOOD, others: { ...GOOD.others, p99Ms: 500 } }, control)).toEqual([]);
});
