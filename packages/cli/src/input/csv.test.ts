import { expect, test } from 'vitest';
import { collect } from './collect.ts';
import { readCsv } from './csv.ts';

async function* chunks(...texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

test('rows are objects by the header, quotes and line breaks in cells included', async () => {
  const text = '\uFEFFtext,kind\r\n"hello, ""you""",a\r\n"two\nlines",b\r\n\r\nlast,c';
  expect(await collect(readCsv(chunks(text.slice(0, 20), text.slice(20))))).toEqual([
    { ok: true, value: { text: 'hello, "you"', kind: 'a' } },
    { ok: true, value: { text: 'two\nlines', kind: 'b' } },
    { ok: true, value: { text: 'last', kind: 'c' } },
  ]);
});

test('a row with too many or too few cells fails alone', async () => {
  expect(await collect(readCsv(chunks('a,b\n1,2,3\n4\n5,6\n')))).toEqual([
    { ok: false, problem: expect.stringContaining('columns length is 2, got 3 on line 2') },
    { ok: false, problem: expect.stringContaining('columns length is 2, got 1 on line 3') },
    { ok: true, value: { a: '5', b: '6' } },
  ]);
});

test('a broken quote ends the rows with a problem', async () => {
  expect(await collect(readCsv(chunks('a\nfine\n"open\nnever closed')))).toEqual([
    { ok: true, value: { a: 'fine' } },
    { ok: false, problem: expect.stringMatching(/^not CSV, nothing after it can be read: /) },
  ]);
});

test('leaving early closes the source', async () => {
  let closed = false;
  async function* endless(): AsyncGenerator<string> {
    try {
      yield 'a\n';
      for (;;) yield '1\n';
    } finally {
      closed = true;
    }
  }
  for await (const row of readCsv(endless())) {
    expect(row).toEqual({ ok: true, value: { a: '1' } });
    break;
  }
  await expect.poll(() => closed).toBe(true);
});
