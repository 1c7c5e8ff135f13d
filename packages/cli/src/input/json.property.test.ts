import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { collect } from './collect.ts';
import { readJsonDocument, readJsonLines } from './json.ts';

async function* inPieces(text: string, sizes: readonly number[]): AsyncGenerator<string> {
  let from = 0;
  for (const size of [...sizes, text.length]) {
    yield text.slice(from, from + size);
    from += size;
  }
}

const rows = fc.array(fc.jsonValue());
const sizes = fc.array(fc.nat({ max: 9 }), { maxLength: 40 });

test('JSON Lines give back every value, wherever the chunks are cut', async () => {
  await fc.assert(
    fc.asyncProperty(rows, sizes, fc.constantFrom('\n', '\r\n', '\n\n'), async (values, cuts, ending) => {
      const text = values.map((value) => JSON.stringify(value) + ending).join('');
      const read = await collect(readJsonLines(inPieces(text, cuts)));
      expect(read).toEqual(values.map((value) => ({ ok: true, value: JSON.parse(JSON.stringify(value)) })));
    }),
  );
});

test('a JSON array gives back its elements', async () => {
  await fc.assert(
    fc.asyncProperty(rows, sizes, async (values, cuts) => {
      const read = await collect(readJsonDocument(inPieces(JSON.stringify(values), cuts)));
      expect(read).toEqual(values.map((value) => ({ ok: true, value: JSON.parse(JSON.stringify(value)) })));
    }),
  );
});
