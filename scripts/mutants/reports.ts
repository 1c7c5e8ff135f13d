import type { Mutant } from '../lib/mutant.ts';

const GATEWAY = 'packages/gateway/src/spend';
const SQLITE = 'packages/engine/src/journal/sqlite';
const CLI = 'packages/cli/src/cost';
const BOOK_TESTS = [`${SQLITE}/spend-book.test.ts`];

/** What was spent, and on what. */
export const REPORTS_MUTANTS: readonly Mutant[] = [
  {
    name: 'reports/unknown-is-free',
    rule: 'An attempt without a known price is told as such, not as one of 0.',
    file: `${GATEWAY}/book-key.ts`,
    find: "source: isPriced(entry) ? entry.costSource : 'unknown',",
    replace: 'source: entry.costSource,',
    tests: BOOK_TESTS,
  },
  {
    name: 'reports/items-are-steps',
    rule: 'What is spent on the items of a map is spent on its step.',
    file: `${GATEWAY}/book-key.ts`,
    find: "step: cut(step.replace(ITEM_NUMBER, '')),",
    replace: 'step: cut(step),',
    tests: BOOK_TESTS,
  },
  {
    name: 'reports/values-without-end',
    rule: 'Beyond so many values of a label further ones are booked as one.',
    file: `${GATEWAY}/book-key.ts`,
    find: '!isFull && admit(kind, value, most) ? value : OTHER_VALUES;',
    replace: '!isFull ? value : OTHER_VALUES;',
    tests: BOOK_TESTS,
  },
  {
    name: 'reports/memory-books-twice',
    rule: 'An attempt that is booked already changes nothing.',
    file: `${GATEWAY}/memory-book.ts`,
    find: 'if (booked.has(id)) return;',
    replace: '',
    tests: BOOK_TESTS,
  },
  {
    name: 'reports/memory-forgets-nothing',
    rule: 'A book in memory keeps a bounded number of attempts.',
    file: `${GATEWAY}/memory-book.ts`,
    find: 'if (booked.size <= retainAttempts) return;',
    replace: 'if (booked.size > 0) return;',
    tests: [`${GATEWAY}/memory-book.test.ts`],
  },
  {
    name: 'reports/sums-in-64-bits',
    rule: 'Sums of picodollars may outgrow 64 bits.',
    file: `${SQLITE}/spend-book.ts`,
    find: 'costPico: row.cost_micro * PICO_PER_MICRO + row.cost_pico,',
    replace: 'costPico: BigInt.asIntN(64, row.cost_micro * PICO_PER_MICRO + row.cost_pico),',
    tests: BOOK_TESTS,
  },
  {
    name: 'reports/the-end-of-a-time-counts',
    rule: 'A time goes from its first moment up to its last, which is not in it.',
    file: `${SQLITE}/spend-book.ts`,
    find: 'AND at_epoch_ms < ? GROUP BY key',
    replace: 'AND at_epoch_ms <= ? GROUP BY key',
    tests: BOOK_TESTS,
  },
  {
    name: 'reports/the-last-page-is-missing',
    rule: 'A report reads every key.',
    file: `${SQLITE}/spend-book.ts`,
    find: 'from <= (last ?? -1);',
    replace: 'from + PAGE_OF_KEYS <= (last ?? -1);',
    tests: BOOK_TESTS,
  },
  {
    name: 'reports/prune-keeps-values',
    rule: 'Forgetting attempts makes room for new values of labels.',
    file: `${SQLITE}/spend-ledger.ts`,
    find: 'await this.write(() => this.entries.forgetKeys());',
    replace: '',
    tests: BOOK_TESTS,
  },
  {
    name: 'reports/a-child-is-its-own-step',
    rule: 'A child run is spent on the step that started it.',
    file: 'packages/engine/src/run/spend.ts',
    find: 'return sumOfSpends(spend, { ...childSpend, byStep: { [step]: childSpend.knownUsd } });',
    replace: 'return sumOfSpends(spend, childSpend);',
    tests: ['packages/engine/src/run/spend.test.ts'],
  },
  {
    name: 'reports/formulas-in-spreadsheets',
    rule: 'Text that looks like a formula is none in a spreadsheet.',
    file: `${CLI}/csv.ts`,
    find: "const text = FORMULA.test(safe) ? `'${safe}` : safe;",
    replace: 'const text = safe;',
    tests: [`${CLI}/csv.test.ts`],
  },
  {
    name: 'reports/doubts-are-not-told',
    rule: 'What is estimated or unknown is said below the table.',
    file: `${CLI}/report.ts`,
    find: '...doubtsOf(total).map(yellow),',
    replace: '',
    tests: [`${CLI}/report.test.ts`],
  },
];
