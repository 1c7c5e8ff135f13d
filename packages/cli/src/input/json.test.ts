import { expect, test } from 'vitest';
import { collect } from './collect.ts';
import { readJsonDocument, readJsonLines } from './json.ts';

async function* chunks(...texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

test('a line that is not JSON is a problem of its own', async () => {
  const read = await collect(readJsonLines(chunks('{"a":1}\n{"a":\n\n  \n{"a":3}')));
  expect(read).toEqual([
    { ok: true, value: { a: 1 } },
    { ok: false, problem: expect.stringMatching(/^not JSON: /) },
    { ok: true, value: { a: 3 } },
  ]);
});

test('a byte order mark is skipped and U+2028 ends no line', async () => {
  const read = await collect(readJsonLines(chunks('\uFEFF"a\u2028b"\n"c"\n')));
  expect(read).toEqual([
    { ok: true, value: 'a\u2028b' },
    { ok: true, value: 'c' },
  ]);
});

test('a document that is no array is one row', async () => {
  expect(await collect(readJsonDocument(chunks('{"a":', '1}')))).toEqual([{ ok: true, value: { a: 1 } }]);
  expect(await collect(readJsonDocument(chunks('[1')))).toEqual([
    { ok: false, problem: expect.stringMatching(/^not JSON: /) },
  ]);
});
