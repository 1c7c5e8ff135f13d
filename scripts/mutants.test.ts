import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { editFault, type Mutant } from './lib/mutant.ts';
import { REPOSITORY_ROOT } from './lib/workspace.ts';
import { MUTANTS } from './mutants/index.ts';

const EDIT: Mutant = { name: 'a/b', rule: '', file: 'f.ts', find: 'x', replace: 'y', tests: [] };

test('an edit must find its text exactly once and change it', () => {
  expect(editFault(EDIT, 'one x here')).toBeUndefined();
  expect(editFault(EDIT, 'none here')).toMatch(/0 times/);
  expect(editFault(EDIT, 'x and x')).toMatch(/2 times/);
  expect(editFault({ ...EDIT, replace: 'x' }, 'one x')).toMatch(/changes nothing/);
});

test('names are unique', () => {
  const names = MUTANTS.map((mutant) => mutant.name);
  expect(names).toEqual([...new Set(names)]);
});

test.each(MUTANTS)('$name applies to today’s code and names tests that exist', (mutant) => {
  expect(editFault(mutant, readFileSync(join(REPOSITORY_ROOT, mutant.file), 'utf8'))).toBeUndefined();
  expect(mutant.tests.filter((path) => !existsSync(join(REPOSITORY_ROOT, path)))).toEqual([]);
  expect(mutant.tests).not.toEqual([]);
});
