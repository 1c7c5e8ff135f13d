import { expect, test } from 'vitest';
import { attempt } from '../test-support/attempts.ts';
import { addChildSpend, addCost, addSpend, NO_SPEND } from './spend.ts';

const target = 'a/one';

test('costs are told by step, target and provider', () => {
  const triaged = addSpend(NO_SPEND, 'triage', [attempt({ target, costUsd: 0.1 })]);
  const decided = addSpend(triaged, 'decide', [
    attempt({ target: 'a/two', costUsd: 0.2 }),
    attempt({ target: 'b/one', costUsd: null, costSource: 'unknown' }),
  ]);
  expect(decided).toMatchObject({
    knownUsd: 0.3,
    byStep: { triage: 0.1, decide: 0.2 },
    byTarget: { 'a/one': 0.1, 'a/two': 0.2, 'b/one': 0 },
    byProvider: { a: 0.3, b: 0 },
  });
});

test('a child run is spent on the step that started it, whatever its own steps are called', () => {
  const child = addSpend(NO_SPEND, 'triage', [attempt({ target, costUsd: 0.1 })]);
  const parent = addSpend(NO_SPEND, 'triage', [attempt({ target, costUsd: 0.2 })]);
  const whole = { byStep: { triage: 0.2, look: 0.1 }, byTarget: { 'a/one': 0.3 }, byProvider: { a: 0.3 } };
  expect(addChildSpend(parent, 'look', child)).toMatchObject(whole);
  expect(addCost(parent, 'look', { attempts: [], childSpend: child })).toMatchObject(whole);
});

test('names may be any', () => {
  const spent = ['__proto__', 'constructor', 'toString'].reduce(
    (spend, step) => addSpend(spend, step, [attempt({ target: `${step}/one`, costUsd: 0.1 })]),
    NO_SPEND,
  );
  for (const by of [spent.byStep, spent.byProvider]) {
    expect(Object.entries(by)).toEqual([
      ['__proto__', 0.1],
      ['constructor', 0.1],
      ['toString', 0.1],
    ]);
  }
});

test('what costs nothing changes nothing', () => {
  expect(addSpend(NO_SPEND, 'triage', [])).toBe(NO_SPEND);
});
