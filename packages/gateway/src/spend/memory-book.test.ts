import { expect, test } from 'vitest';
import { entryOf } from '../test-support/spend-entry.ts';
import { createSpendBook } from './memory-book.ts';

test('the latest attempts are kept, and no more', () => {
  const book = createSpendBook({ retainAttempts: 3 });
  for (const [at, id] of ['a', 'b', 'c', 'd', 'e'].entries()) book.add(entryOf({ id, costUsd: 10 ** at }));
  expect(book.report({})).toMatchObject([{ usd: 11_100, attempts: 3 }]);
});

test('there are not too many keys, whatever callers choose together', () => {
  const book = createSpendBook();
  // 255 users and 200 steps: 51,000 combinations of few values each.
  for (let at = 0; at < 51_000; at++) {
    book.add(
      entryOf({ id: `${at}`, step: `step-${at % 200}`, labels: { user: `user-${Math.floor(at / 200)}` } }),
    );
  }
  const rows = book.report({ by: ['step', 'label:user'] });
  expect(rows).toHaveLength(50_001);
  expect(rows[0]).toMatchObject({ group: { step: '(others)', 'label:user': '(others)' }, attempts: 1_000 });
});
