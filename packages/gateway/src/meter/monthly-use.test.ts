import { createVirtualClock } from '@paceline/resilience/testing';
import { expect, test } from 'vitest';
import { createMonthlyUse } from './monthly-use.ts';
import type { SpendLedger } from '../spend/contract.ts';
import type { SpendQuery, SpendRow } from '../spend/query.ts';

/** 30 November 2026, 23:59. */
const LAST_MINUTE = 1_796_083_140_000;

function row(model: string, tokens: number, credential: string | null = null): SpendRow {
  const group = { provider: model.split('/')[0] ?? null, model, credential };
  return { group, inputTokens: tokens, outputTokens: 0 } as unknown as SpendRow;
}

/** A ledger whose reports the test answers one by one. */
function world(keys: readonly string[]) {
  const clock = createVirtualClock({ epochMs: LAST_MINUTE });
  const asked: SpendQuery[] = [];
  const answers: ((rows: readonly SpendRow[]) => void)[] = [];
  const spend = {
    report: (query: SpendQuery) => {
      asked.push(query);
      return new Promise<readonly SpendRow[]>((resolve) => void answers.push(resolve));
    },
  } as unknown as SpendLedger;
  return { clock, asked, answers, use: createMonthlyUse(keys, spend, clock) };
}

test('what is booked counts by provider, model and endpoint', async () => {
  const { use, asked, answers } = world(['openai', 'openai/gpt-5', 'openai/gpt-5@eu', 'xai']);
  const ready = use.ready();
  answers[0]?.([row('openai/gpt-5', 10), row('openai/gpt-5', 5, 'eu'), row('openai/o3', 2)]);
  await ready;
  const keys = ['openai', 'openai/gpt-5', 'openai/gpt-5@eu', 'xai', 'other'];
  expect(keys.map((key) => use.tokens(key))).toEqual([17, 15, 5, 0, 0]);
  expect(asked[0]?.sinceEpochMs).toBe(1_793_491_200_000);
});

test('all wait for one reading, which is made again after a minute', async () => {
  const { use, asked, answers, clock } = world(['openai']);
  const both = Promise.all([use.ready(), use.ready()]);
  expect(asked).toHaveLength(1);
  answers[0]?.([]);
  await both;
  await clock.advance(59_000);
  await use.ready();
  expect(asked).toHaveLength(1);
  await clock.advance(1_000);
  void use.ready();
  expect(asked).toHaveLength(2);
});

test('what is used while it reads is counted once, before and after', async () => {
  const { use, answers } = world(['xai']);
  const first = use.ready();
  use.add('xai', 3);
  expect(use.tokens('xai')).toBe(3);
  answers[0]?.([row('xai/grok-3', 100)]);
  await first;
  expect(use.tokens('xai')).toBe(103);
});

test('a later reading holds what was counted since the one before', async () => {
  const { use, answers, clock } = world(['xai']);
  await clock.advance(60_000);
  const first = use.ready();
  answers[0]?.([row('xai/grok-3', 100)]);
  await first;
  use.add('xai', 3);
  await clock.advance(60_000);
  const second = use.ready();
  use.add('xai', 4);
  expect(use.tokens('xai')).toBe(107);
  answers[1]?.([row('xai/grok-3', 103)]);
  await second;
  expect(use.tokens('xai')).toBe(107);
});

test('a new month begins at nothing', async () => {
  const { use, answers, clock, asked } = world(['xai']);
  const first = use.ready();
  answers[0]?.([row('xai/grok-3', 100)]);
  await first;
  use.add('xai', 3);
  await clock.advance(60_000);
  expect(use.tokens('xai')).toBe(0);
  const second = use.ready();
  expect(use.tokens('xai')).toBe(0);
  answers[1]?.([]);
  await second;
  expect(asked[1]?.sinceEpochMs).toBe(1_796_083_200_000);
});
