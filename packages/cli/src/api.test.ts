import { expect, test } from 'vitest';

test('the public API is a list a human wrote', async () => {
  expect(Object.keys(await import('./index.ts')).toSorted()).toEqual([
    'CLI_ERRORS',
    'CliError',
    'isCliError',
    'main',
    'processIo',
    'runFile',
  ]);
});
