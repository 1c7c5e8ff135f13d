import { messageOf } from '../errors.ts';
import type { Parsed } from './parsed.ts';

/** JSON Lines: one value a line, blank lines skipped. Holds one line at a time. */
export async function* readJsonLines(chunks: AsyncIterable<string>): AsyncGenerator<Parsed> {
  for await (const line of linesOf(chunks)) {
    if (line.trim() !== '') yield parseJson(line);
  }
}

/** One JSON document: an array is its elements, anything else is one row. Held in memory as a whole. */
export async function* readJsonDocument(chunks: AsyncIterable<string>): AsyncGenerator<Parsed> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  const parsed = parseJson(text);
  if (!parsed.ok || !Array.isArray(parsed.value)) return yield parsed;
  for (const value of parsed.value) yield { ok: true, value };
}

function parseJson(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text.replace(/^\uFEFF/, '')) as unknown };
  } catch (error) {
    return { ok: false, problem: `not JSON: ${messageOf(error)}` };
  }
}

/** Splits at line feeds only: node:readline also splits at U+2028, which is legal inside a JSON string. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const [head = '', ...lines] = chunk.split('\n');
    rest += head;
    for (const line of lines) {
      yield rest;
      rest = line;
    }
  }
  yield rest;
}
