import { FAULTS } from '@paceline/simulator';
import type { FaultName } from '@paceline/simulator';
import { expect, test } from 'vitest';
import { troubleOf } from './faults.ts';

/** What a fault comes to with half a chance for either outcome. */
const kindOf = (fault: FaultName): string => {
  const trouble = troubleOf({ fault }, 0.5);
  return trouble?.type === 'error' ? `error, asked again: ${trouble.again}` : (trouble?.type ?? 'unnoticed');
};

test('every fault of the simulator has a place in the model', () => {
  expect(
    Object.fromEntries((Object.keys(FAULTS) as FaultName[]).map((fault) => [fault, kindOf(fault)])),
  ).toEqual({
    stall: 'silence',
    'stall-silent': 'silence',
    'stall-mid': 'midway',
    slow: 'late',
    'error-500': 'error, asked again: yes',
    'unavailable-503': 'error, asked again: last-resort',
    overloaded: 'error, asked again: last-resort',
    'rate-limit': 'error, asked again: yes',
    quota: 'error, asked again: no',
    auth: 'error, asked again: no',
    'model-not-found': 'error, asked again: no',
    'context-too-large': 'error, asked again: no',
    'content-filter': 'error, asked again: stop',
    'html-502': 'error, asked again: yes',
    'empty-200': 'error, asked again: last-resort',
    reset: 'error, asked again: yes',
    cut: 'midway',
    'cut-reset': 'midway',
    'no-end-marker': 'midway',
    'held-open': 'unnoticed',
    'malformed-event': 'midway',
    'error-in-stream': 'midway',
    'invalid-json-answer': 'unfit',
    brownout: 'late',
  });
});

test('a brown-out fails its share of the calls and slows the others down', () => {
  const rule = { fault: 'brownout', errorShare: 0.2, slowdown: 3 } as const;
  expect(troubleOf(rule, 0.19)).toMatchObject({ type: 'error', afterMs: 1_000 });
  expect(troubleOf(rule, 0.2)).toEqual({ type: 'late', firstTokenMs: 0, factor: 3 });
});

test('a rate limit asks for its wait', () => {
  expect(troubleOf({ fault: 'rate-limit', retryAfterMs: 700 }, 0)).toMatchObject({ hintMs: 700 });
  expect(troubleOf({ fault: 'error-500', retryAfterMs: 700 }, 0)).toMatchObject({ hintMs: 0 });
});
