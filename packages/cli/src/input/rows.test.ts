import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect } from './collect.ts';
import { testIo } from '../test-support/io.ts';
import { openRows } from './rows.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paceline-rows-'));
  await mkdir(join(folder, 'folder.csv'));
  await writeFile(join(folder, 'rows.csv'), 'text,kind\nhello,a\nbye,b\n');
  await writeFile(join(folder, 'rows.jsonl'), '{"text":"hello","id":7}\n"bare"\n[1]\nnonsense\n{"id":8}\n');
  await writeFile(join(folder, 'rows.JSON'), '[{"text":"hello"},{"text":"bye"}]');
});
afterAll(() => rm(folder, { recursive: true }));

async function read(file: string, options = {}) {
  const source = await openRows(file, testIo({ cwd: folder }), options);
  const rows = await collect(source.rows());
  expect(await source.count()).toBe(rows.length);
  return rows;
}

test('rows are numbered from 1, whatever the format', async () => {
  expect(await read('rows.csv')).toEqual([
    { row: 1, input: { text: 'hello', kind: 'a' } },
    { row: 2, input: { text: 'bye', kind: 'b' } },
  ]);
  expect(await read('rows.JSON')).toEqual([
    { row: 1, input: { text: 'hello' } },
    { row: 2, input: { text: 'bye' } },
  ]);
});

test('--field keeps one field, wraps bare values and names what is missing', async () => {
  expect(await read('rows.jsonl', { fields: ['text'] })).toEqual([
    { row: 1, input: { text: 'hello' } },
    { row: 2, input: { text: 'bare' } },
    { row: 3, input: { text: [1] } },
    { row: 4, problem: expect.stringMatching(/^not JSON/) },
    { row: 5, problem: 'field "text" is missing; the row has id' },
  ]);
  expect(await read('rows.jsonl', { fields: ['id', 'text'], limit: 1 })).toEqual([
    { row: 1, input: { text: 'hello', id: 7 } },
  ]);
});

test('the limit counts rows that cannot be read too', async () => {
  expect(await read('rows.jsonl', { limit: 4 })).toHaveLength(4);
});

test('standard input is JSON Lines; a character may be cut by a chunk', async () => {
  const bytes = new TextEncoder().encode('{"text":"für 3 €"}\n{"text":"zwei"}\n');
  async function* stdin() {
    for (const byte of bytes) yield Uint8Array.of(byte);
  }
  const source = await openRows('-', testIo({ stdin: stdin() }));
  expect(await source.count()).toBe(Number.POSITIVE_INFINITY);
  expect(await collect(source.rows())).toEqual([
    { row: 1, input: { text: 'für 3 €' } },
    { row: 2, input: { text: 'zwei' } },
  ]);
});

test.each([
  ['rows.txt', /rows\.txt: expected a name ending in \.jsonl, \.csv or \.json/],
  ['none.csv', /none\.csv: there is no such file/],
  ['folder.csv', /folder\.csv: no plain file; feed a pipe to --input-file -/],
])('%s is refused', async (file, message) => {
  await expect(read(file)).rejects.toMatchObject({
    code: 'INPUT_UNREADABLE',
    message: expect.stringMatching(message),
  });
});
