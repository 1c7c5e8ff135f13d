import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkLayers, importsOf } from './check-layers.ts';

const MANIFESTS: Record<string, object> = {
  'package.json': { name: 'toy', devDependencies: { vitest: '1' } },
  'packages/resilience/package.json': { name: '@paceline/resilience' },
  'packages/simulator/package.json': {
    name: '@paceline/simulator',
    dependencies: { '@paceline/resilience': '*' },
  },
  'packages/gateway/package.json': {
    name: '@paceline/gateway',
    dependencies: { '@paceline/resilience': '*', zod: '4' },
    devDependencies: { '@paceline/simulator': '*', 'left-pad': '1' },
  },
  'packages/engine/package.json': { name: 'paceline', dependencies: { '@paceline/gateway': '*' } },
  'packages/cli/package.json': {
    name: '@paceline/cli',
    dependencies: { paceline: '*', '@paceline/simulator': '*' },
  },
  'examples/package.json': {
    name: '@paceline/examples',
    private: true,
    dependencies: { paceline: '*', '@paceline/simulator': '*' },
  },
};

let root: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** The faults of the toy tree with one more file in it. */
function faultsWith(path: string, ...specifiers: string[]): readonly string[] {
  write(path, specifiers.map((specifier) => `import { x } from '${specifier}';\n`).join(''));
  return checkLayers(root);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'paceline-layers-'));
  write('pnpm-workspace.yaml', 'packages:\n  - packages/*\n  - examples\n\nother:\n  - not-a-member\n');
  for (const [path, manifest] of Object.entries(MANIFESTS)) write(path, JSON.stringify(manifest));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('allowed', () => {
  test.each([
    ['packages/gateway/src/a.ts', '@paceline/resilience'],
    ['packages/gateway/src/a.ts', 'zod'],
    ['packages/gateway/src/a.ts', 'node:fs'],
    ['packages/gateway/src/deep/a.ts', '../b.ts'],
    ['packages/gateway/src/a.test.ts', '@paceline/simulator'],
    ['packages/gateway/src/a.test.ts', 'left-pad'],
    ['packages/gateway/src/a.test.ts', 'vitest'],
    ['packages/cli/src/a.ts', '@paceline/simulator'],
    ['packages/cli/src/a.ts', 'paceline'],
    ['packages/engine/src/a.ts', 'paceline/testing'],
    ['examples/support/main.ts', '@paceline/simulator'],
  ])('%s may import %s', (file, specifier) => {
    expect(faultsWith(file, specifier)).toEqual([]);
  });
});

describe('refused', () => {
  test.each([
    ['packages/gateway/src/a.ts', 'paceline', /imports go downwards/],
    ['packages/resilience/src/a.test.ts', '@paceline/simulator', /imports go downwards/],
    ['packages/simulator/src/a.ts', '@paceline/gateway', /imports go downwards/],
    ['packages/gateway/src/a.ts', '@paceline/simulator', /only tests and the cli/],
    ['packages/gateway/src/a.ts', '@paceline/resilience/src/clock.ts', /reaches past the package index/],
    ['packages/gateway/src/a.ts', '../../resilience/src/clock.ts', /by a relative path/],
    ['examples/support/main.ts', '../../packages/engine/src/index.ts', /by a relative path/],
    ['packages/gateway/src/a.ts', 'left-pad', /not declared .* as a \(peer\) dependency/],
    ['packages/gateway/src/a.ts', 'vitest', /not declared/],
    ['packages/engine/src/a.ts', '@paceline/resilience', /not declared/],
    ['packages/engine/src/testing.ts', '@paceline/simulator', /not declared/],
    ['examples/support/main.ts', 'zod', /not declared/],
  ])('%s may not import %s', (file, specifier, reason) => {
    const faults = faultsWith(file, specifier);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(reason);
    expect(faults[0]).toContain(`${file}: '${specifier}'`);
  });

  test('a package that has no place in the layers', () => {
    write(
      'packages/extra/package.json',
      JSON.stringify({ name: '@paceline/extra', dependencies: { paceline: '*' } }),
    );
    expect(faultsWith('packages/extra/src/a.ts', 'paceline')[0]).toMatch(/no place in LAYERS/);
  });

  test('a cycle of packages, even through devDependencies', () => {
    write(
      'packages/simulator/package.json',
      JSON.stringify({ name: '@paceline/simulator', devDependencies: { '@paceline/gateway': '*' } }),
    );
    expect(checkLayers(root)).toEqual([
      expect.stringMatching(
        /^package cycle: .*@paceline\/gateway → .*@paceline\/simulator|@paceline\/simulator → @paceline\/gateway/,
      ),
    ]);
  });
});

test('every form of import is read', () => {
  const source = [
    "import 'one';",
    "import two from 'two';",
    "import type { Three } from 'three';",
    'import {',
    '  four,',
    "} from 'four';",
    "export { five } from 'five';",
    "export type { Six } from 'six';",
    "type Seven = import('seven').Seven;",
    "const eight = await import('eight');",
    'const text = "import { nine } from \'nine\';";',
  ].join('\n');
  expect(importsOf(source).toSorted()).toEqual(
    ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'].toSorted(),
  );
});
