import { describe, expect, test } from 'vitest';
import { ANSWER } from './rig.ts';
import { SCENARIOS } from './scenarios.ts';
import { score } from './score.ts';
import type { GatewayError, ModelResult } from '@paceline/gateway';
import type { CatalogueNumber } from '@paceline/simulator';
import type { CallSeen } from './call.ts';
import type { Seen } from './checks.ts';

const attempt = { outcome: 'error', costUsd: 0 };
const RESULT = {
  text: ANSWER,
  servedBy: 'fallback/b',
  usage: { outputTokens: 60, source: 'reported' },
  attempts: [attempt, { outcome: 'ok', costUsd: 0.1 }],
} as unknown as ModelResult;

const ANSWERED: CallSeen = {
  outcome: 'answered',
  shown: ANSWER,
  result: RESULT,
  error: null,
  ms: 1_000,
  lostTextAtMs: null,
};
const REFUSED: CallSeen = {
  ...ANSWERED,
  outcome: 'error',
  shown: '',
  result: null,
  error: { code: 'CONTENT_FILTERED', attempts: [attempt] } as unknown as GatewayError,
};

/** What a faultless gateway would show: it retries once, after two seconds, and then fails over. */
const GOOD: Seen = {
  call: ANSWERED,
  primaryAtMs: [0, 2_000],
  fallbackAtMs: [2_100],
  fallbackTarget: 'fallback/b',
  prefillRejections: 0,
  aliveAfter: true,
  leftBehind: 0,
  sequence: { calls: 15, served: 15, primaryAttempts: 5, recoveredAfterMs: 3_000 },
};
const ONCE = { ...GOOD, primaryAtMs: [0] };
const goodFor = (number: CatalogueNumber): Seen => {
  if (number === 'S13') return { ...ONCE, call: REFUSED, fallbackAtMs: [] };
  return number === 'S06' || number === 'S12' ? ONCE : GOOD;
};

const verdict = (number: CatalogueNumber, change: Partial<Seen> = {}) => {
  const { ideal = 'answer', checks } = SCENARIOS[number];
  const { verdict: given, failed } = score({ ...goodFor(number), ...change }, { ideal, checks });
  return `${given} ${failed.join(' ')}`.trim();
};
const called = (change: Partial<CallSeen>): Partial<Seen> => ({ call: { ...ANSWERED, ...change } });
const resulting = (change: Partial<ModelResult>): Partial<Seen> =>
  called({ result: { ...RESULT, ...change } });

const numbers = Object.keys(SCENARIOS) as CatalogueNumber[];

describe.each(numbers)('%s', (number) => {
  test('passes when all is well', () => expect(verdict(number)).toBe('pass'));

  test('fails when the call hangs, leaves something behind, or shows part of the answer as the whole', () => {
    expect(verdict(number, called({ outcome: 'hung', result: null }))).toMatch(/^fail ends/);
    expect(verdict(number, { leftBehind: 1 })).toBe('fail leaves-nothing');
    expect(verdict(number, called({ shown: ANSWER.slice(0, -4) }))).toMatch(/^fail no-truncated-success/);
    expect(verdict(number, called({ shown: `One ${ANSWER}` }))).toMatch(/^fail no-truncated-success/);
    expect(verdict(number, resulting({ text: ANSWER.slice(4) }))).toMatch(/^fail no-truncated-success/);
  });
});

test.each(numbers.filter((number) => number !== 'S13'))('%s: a clean error is safe at best', (number) => {
  expect(verdict(number, { call: REFUSED, fallbackAtMs: [] })).toMatch(/^safe .*rescued$/);
});

const pressed = { primaryAtMs: [0, 100, 200, 300, 400, 500, 600] };

test.each<[CatalogueNumber, Partial<Seen>, string]>([
  ['S01', { primaryAtMs: [0] }, 'partial primary-attempts honours-the-wait'],
  ['S01', { primaryAtMs: [0, 1_700] }, 'partial honours-the-wait'],
  ['S01', { primaryAtMs: [0, 1_000, 1_400] }, 'fail honours-the-wait no-hammering'],
  ['S02', { primaryAtMs: [0, 1, 2, 3, 2_999] }, 'fail no-hammering'],
  ['S02', pressed, 'fail no-hammering primary-attempts'],
  ['S03', { primaryAtMs: [0] }, 'partial primary-attempts'],
  ['S04', pressed, 'fail primary-attempts'],
  ['S06', called({ ms: 100_001 }), 'fail within-100s'],
  ['S06', { primaryAtMs: [0, 30_000] }, 'partial primary-attempts'],
  ['S07', called({ ms: 15_001 }), 'partial within-15s'],
  ['S09', called({ ms: 45_001 }), 'fail within-45s'],
  ['S09', { aliveAfter: false }, 'fail alive-after'],
  ['S10', { aliveAfter: false }, 'fail alive-after'],
  ['S10', { call: REFUSED }, 'safe whole rescued'],
  ['S11', called({ ms: 8_001 }), 'fail within-8s'],
  ['S11', resulting({ usage: { ...RESULT.usage, source: 'estimated' } }), 'partial usage-reported'],
  ['S12', { primaryAtMs: [0, 9] }, 'fail primary-attempts'],
  ['S13', { primaryAtMs: [0, 9] }, 'fail primary-attempts'],
  ['S13', { call: ANSWERED }, 'partial rescued'],
  ['S14', { call: REFUSED, prefillRejections: 1 }, 'fail no-prefill-masking rescued'],
  ['S15', { sequence: { ...GOOD.sequence!, served: 14 } }, 'fail served-during-outage'],
  ['S15', { sequence: { ...GOOD.sequence!, recoveredAfterMs: 30_001 } }, 'fail recovers'],
  ['S15', { sequence: { ...GOOD.sequence!, recoveredAfterMs: null } }, 'fail recovers'],
  ['S16', resulting({ servedBy: 'primary/a' }), 'fail names-the-fallback'],
  ['S16', resulting({ usage: { ...RESULT.usage, outputTokens: 0 } }), 'partial usage-reported'],
  ['S16', resulting({ attempts: [{ ...attempt, costUsd: 0.1 }] as never }), 'fail bills-no-failure'],
  ['S16', pressed, 'fail primary-attempts'],
])('%s: %j', (number, change, expected) => expect(verdict(number, change)).toBe(expected));
