import { expect, test } from 'vitest';
import { entryOf } from '../test-support/spend-entry.ts';
import { bookKeyOf } from './book-key.ts';
import { amountsOf, spendRows } from './book-rows.ts';

test('a million calls cost a million times what one costs', () => {
  const entry = entryOf({ costUsd: 0.000_427_5, savedUsd: -0.000_000_1 });
  const one = [bookKeyOf(entry), amountsOf(entry)] as const;
  const rows = spendRows(
    (function* () {
      for (let call = 0; call < 1_000_000; call++) yield one;
    })(),
    {},
  );
  expect(rows).toMatchObject([{ usd: 427.5, savedUsd: -0.1, calls: 1_000_000 }]);
});
