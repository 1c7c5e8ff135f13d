import { createVirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { callKey, createFates } from './fate.ts';
import type { FaultRule } from './scenario/scenario.ts';

describe('callKey', () => {
  test('a run id with a row stands for the row, so that a repeated batch meets the same fates', () => {
    const key = callKey('run_7f3k-r042/triage/2/3', 0);
    expect(key).toEqual({ text: 'r42/triage/2/3', row: 42, step: 'triage', turn: 2, attempt: 3 });
    expect(callKey('other-r42/triage/2/3', 9)).toEqual(key);
  });

  test('a run id without a row stands for itself', () => {
    expect(callKey('run_7f3k/triage/0/1', 0)).toEqual({
      text: 'run_7f3k/triage/0/1',
      row: null,
      step: 'triage',
      turn: 0,
      attempt: 1,
    });
  });

  test('a run id may contain slashes', () => {
    expect(callKey('a/b-r3/decide/0/1', 0)).toMatchObject({ text: 'r3/decide/0/1', row: 3 });
  });

  test.each([undefined, '', 'nonsense', 'a/b/c/d', 'run/step/0', 'run/step/-1/1'])(
    '%j: the request number counts',
    (header) => {
      expect(callKey(header, 5)).toEqual({ text: '#5', row: 5, step: null, turn: 0, attempt: 1 });
    },
  );
});

/** What becomes of one call under one rule. */
async function decide(
  rule: FaultRule,
  header: string,
  {
    model = 'm',
    credential = '',
    sinceMs = 0,
  }: { model?: string; credential?: string; sinceMs?: number } = {},
): Promise<string | null> {
  const clock = createVirtualClock();
  const fates = createFates({ seed: 1, clock });
  await clock.advance(sinceMs);
  return (
    fates.decide({ provider: 'openai', model, credential, key: callKey(header, 0), rules: [rule] })?.fault ??
    null
  );
}

describe('createFates', () => {
  test.each<[name: string, rule: Omit<FaultRule, 'fault'>, calls: { struck: string; spared: string }]>([
    ['rows, first in', { rows: [3, 5] }, { struck: 'x-r3/a/0/1', spared: 'x-r2/a/0/1' }],
    ['rows, last out', { rows: [3, 5] }, { struck: 'x-r4/a/0/1', spared: 'x-r5/a/0/1' }],
    ['rows, none known', { rows: [0, 9] }, { struck: 'x-r4/a/0/1', spared: 'x/a/0/1' }],
    ['step', { step: 'a' }, { struck: 'x-r1/a/0/1', spared: 'x-r1/b/0/1' }],
    ['attempts', { attempts: [1, 3] }, { struck: 'x-r1/a/0/3', spared: 'x-r1/a/0/2' }],
    ['turns', { turns: [0] }, { struck: 'x-r1/a/0/1', spared: 'x-r1/a/1/1' }],
    ['all together', { step: 'a', rows: [1, 2] }, { struck: 'x-r1/a/0/1', spared: 'x-r2/a/0/1' }],
  ])('%s', async (_, rule, { struck, spared }) => {
    expect(await decide({ fault: 'cut', ...rule }, struck)).toBe('cut');
    expect(await decide({ fault: 'cut', ...rule }, spared)).toBeNull();
  });

  test('models', async () => {
    const rule: FaultRule = { fault: 'cut', models: ['big'] };
    expect(await decide(rule, 'x-r1/a/0/1', { model: 'big' })).toBe('cut');
    expect(await decide(rule, 'x-r1/a/0/1', { model: 'small' })).toBeNull();
  });

  test('keys', async () => {
    const rule: FaultRule = { fault: 'auth', keys: ['sk-poisoned', 'sk-old'] };
    expect(await decide(rule, 'x-r1/a/0/1', { credential: 'sk-old' })).toBe('auth');
    expect(await decide(rule, 'x-r1/a/0/1', { credential: 'sk-good' })).toBeNull();
    expect(await decide(rule, 'x-r1/a/0/1')).toBeNull();
  });

  test('betweenMs counts from the start of the simulator', async () => {
    const rule: FaultRule = { fault: 'cut', betweenMs: [1_000, 2_000] };
    const fates = [];
    for (const sinceMs of [999, 1_000, 1_999, 2_000])
      fates.push(await decide(rule, 'x-r1/a/0/1', { sinceMs }));
    expect(fates).toEqual([null, 'cut', 'cut', null]);
  });

  test('times: the first so many calls, whatever becomes of them', () => {
    const fates = createFates({ seed: 1, clock: createVirtualClock() });
    const rules: FaultRule[] = [
      { fault: 'cut', times: 2 },
      { fault: 'reset', rows: [3, 99] },
    ];
    const struck = [1, 2, 3, 4].map(
      (row) =>
        fates.decide({ provider: 'p', model: 'm', credential: '', key: callKey(`x-r${row}/a/0/1`, 0), rules })
          ?.fault,
    );
    expect(struck).toEqual(['cut', 'cut', 'reset', 'reset']);
  });

  test('times: each provider counts for itself, even with rules in common', () => {
    const fates = createFates({ seed: 1, clock: createVirtualClock() });
    const rules: FaultRule[] = [{ fault: 'cut', times: 1 }];
    const key = callKey('x-r1/a/0/1', 0);
    const struck = ['a', 'b', 'a'].map(
      (provider) => fates.decide({ provider, model: 'm', credential: '', key, rules })?.fault,
    );
    expect(struck).toEqual(['cut', 'cut', undefined]);
  });

  test('probability: the share of calls it says, each drawn on its own', () => {
    const fates = createFates({ seed: 7, clock: createVirtualClock() });
    const rules: FaultRule[] = [
      { fault: 'cut', probability: 0.02 },
      { fault: 'reset', probability: 0.5 },
      { fault: 'stall', probability: 0 },
    ];
    const count = { cut: 0, reset: 0, stall: 0 };
    for (let row = 0; row < 20_000; row++) {
      const fault = fates.decide({
        provider: 'p',
        model: 'm',
        credential: '',
        key: callKey(`x-r${row}/a/0/1`, 0),
        rules,
      })?.fault;
      if (fault === 'cut' || fault === 'reset' || fault === 'stall') count[fault]++;
    }
    expect(count.cut / 20_000).toBeCloseTo(0.02, 2);
    expect(count.reset / 20_000).toBeCloseTo(0.49, 1);
    expect(count.stall).toBe(0);
  });

  test('providers, attempts and rules draw independently: a retry elsewhere has a chance of its own', () => {
    const fates = createFates({ seed: 7, clock: createVirtualClock() });
    const rules: FaultRule[] = [{ fault: 'cut', probability: 0.5 }];
    const draw = (provider: string, attempt: number) =>
      Array.from(
        { length: 2_000 },
        (_, row) =>
          fates.decide({
            provider,
            model: 'm',
            credential: '',
            key: callKey(`x-r${row}/a/0/${attempt}`, 0),
            rules,
          }) !== undefined,
      );
    const first = draw('a', 1);
    for (const other of [draw('a', 2), draw('b', 1)]) {
      const both = first.filter((struck, at) => struck && other[at]).length;
      expect(both / 2_000).toBeCloseTo(0.25, 1);
    }
  });
});
