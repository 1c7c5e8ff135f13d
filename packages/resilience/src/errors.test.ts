import { expect, test } from 'vitest';
import { isResilienceError, RESILIENCE_ERRORS, ResilienceError } from './errors.ts';

test('an error carries its code and only the details it was given', () => {
  const cause = new Error('socket');
  const full = new ResilienceError('BREAKER_OPEN', 'shut', { cause, retryInMs: 0 });
  expect(full).toMatchObject({
    name: 'ResilienceError',
    code: 'BREAKER_OPEN',
    message: 'shut',
    cause,
    retryInMs: 0,
  });

  const bare = new ResilienceError('STALLED', 'quiet');
  expect('cause' in bare).toBe(false);
  expect('retryInMs' in bare).toBe(false);
});

test('a cause that was thrown as undefined is still a cause', () => {
  expect('cause' in new ResilienceError('STALLED', 'quiet', { cause: undefined })).toBe(true);
});

test('the brand is recognised across installs, and on nothing else', () => {
  expect(isResilienceError(new ResilienceError('STALLED', 'quiet'))).toBe(true);
  expect(isResilienceError({ [Symbol.for('paceline.resilience.error')]: true })).toBe(true);
  for (const other of [new Error('x'), { code: 'STALLED' }, null, undefined, 'STALLED']) {
    expect(isResilienceError(other)).toBe(false);
  }
});

test('the table of codes is closed', () => {
  expect(Object.keys(RESILIENCE_ERRORS)).toEqual([
    'DEADLINE_EXCEEDED',
    'STALLED',
    'QUEUE_FULL',
    'BREAKER_OPEN',
    'VIRTUAL_CLOCK_IDLE',
  ]);
});
