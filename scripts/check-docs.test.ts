import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errorFaults, linkFaults, requestPathFaults } from './check-docs.ts';
import { anchorsOf, linksOf, typeScriptFences } from './lib/markdown.ts';

let root: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'paceline-docs-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('links', () => {
  test('a link to a file and to a heading that exist are fine, others are not', () => {
    write('docs/b.md', '# Two words, `code`\n');
    write(
      'docs/a.md',
      '[1](b.md) [2](b.md#two-words-code) [3](https://example.com) [4](gone.md) [5](b.md#gone)\n',
    );
    expect(linkFaults(root)).toEqual([
      'docs/a.md: the link gone.md leads nowhere',
      'docs/a.md: docs/b.md has no heading #gone',
    ]);
  });

  test('links in code are not links', () => {
    expect(linksOf('`[a](b)`\n```\n[c](d)\n```\n[e](f)')).toEqual(['f']);
  });

  test('a heading inside a fence is no anchor', () => {
    expect(anchorsOf('## A — b\n```sh\n# comment\n```\n### CODE_NAME')).toEqual(['a--b', 'code_name']);
  });
});

test('a file that the request path names must exist, under its short or its full name', () => {
  write('packages/engine/src/run/run.ts', '');
  write(
    'docs/request-path.md',
    '`engine/run/run.ts` packages/engine/src/run/run.ts\n  engine/run/gone.ts ....\n',
  );
  expect(requestPathFaults(root)).toEqual(['docs/request-path.md: there is no engine/run/gone.ts']);
});

test('error codes and their sections must agree, and exits must be codes', () => {
  const pages = { errors: '### KEPT_CODE\n\n### STALE_CODE\n', requestPath: '... KEPT_CODE, NO_CODE\n' };
  expect(errorFaults(['KEPT_CODE', 'NEW_CODE'], pages)).toEqual([
    'docs/errors.md: no section for NEW_CODE',
    'docs/errors.md: STALE_CODE is stale',
    'docs/request-path.md: NO_CODE is no error code',
  ]);
});

test('only fences marked `ts` are extracted, with the line they open on', () => {
  const page = [
    'text',
    '```ts',
    'const a = 1;',
    'const b = 2;',
    '```',
    '```ts nocheck',
    'x',
    '```',
    '```sh',
    'y',
    '```',
  ];
  expect(typeScriptFences(page.join('\n'))).toEqual([{ line: 2, code: 'const a = 1;\nconst b = 2;' }]);
});
