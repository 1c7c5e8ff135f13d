import { expect, test } from 'vitest';
import { idempotencyKey } from './idempotency.ts';

const work = { runId: 'run', invokeId: 'act', visit: 1 };

test('is the same for the same work', () => {
  expect(idempotencyKey(work)).toBe(idempotencyKey({ ...work }));
  expect(idempotencyKey(work)).toMatch(/^[\w-]{43}$/);
});

test('is another for any other work', () => {
  const others = [
    work,
    { ...work, runId: 'run2' },
    { ...work, invokeId: 'act2' },
    { ...work, visit: 2 },
    { ...work, toolIndex: 0 },
    { ...work, toolIndex: 1 },
    // The same characters, divided otherwise.
    { ...work, runId: 'run","act', invokeId: '' },
    { ...work, runId: 'ru', invokeId: 'nact' },
  ];
  expect(new Set(others.map(idempotencyKey)).size).toBe(others.length);
});
