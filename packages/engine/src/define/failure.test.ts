import { expect, test } from 'vitest';
import { EngineError } from '../errors.ts';
import { failureOf, isFailure } from './failure.ts';

test('a failure is passed on as it is', () => {
  const failure = { code: 'DEADLINE_EXCEEDED', message: 'Too late', step: 'triage' } as const;
  expect(failureOf(failure)).toBe(failure);
  expect(isFailure(failure)).toBe(true);
});

test('what a provided actor throws becomes a failure', () => {
  expect(failureOf(new Error('boom'))).toEqual({ code: 'STEP_FAILED', message: 'boom' });
  expect(failureOf('boom')).toEqual({ code: 'STEP_FAILED', message: 'boom' });
  expect(failureOf(undefined)).toEqual({ code: 'STEP_FAILED', message: 'undefined' });
  expect(failureOf(new EngineError('CANCELLED', 'Enough')).code).toBe('CANCELLED');
});

test.each([null, undefined, 'boom', {}, { code: 1, message: 'x' }, { code: 'X' }])(
  '%j is no failure',
  (value) => {
    expect(isFailure(value)).toBe(false);
  },
);
