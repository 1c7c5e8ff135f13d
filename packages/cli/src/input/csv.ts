import { parse } from 'csv-parse';
import type { Parsed } from './parsed.ts';

/**
 * CSV with a header line: every row is an object of strings. A row with too many or too few cells fails alone; after a
 * broken quote nobody can tell where the next row begins, so that problem is the last row.
 */
export async function* readCsv(chunks: AsyncIterable<string>): AsyncGenerator<Parsed> {
  // Rows are taken by callback, not from the stream: a stream that breaks throws the rows away that it still holds.
  const found: Parsed[] = [];
  const parser = parse({
    columns: true,
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    on_record(value: unknown, { error }) {
      found.push(error === undefined ? { ok: true, value } : { ok: false, problem: error.message });
      return null;
    },
  });
  parser.on('error', () => {}); // told to the callbacks below
  let broken: Error | undefined;
  for await (const chunk of chunks) {
    broken = await new Promise((done) => parser.write(chunk, (error) => done(error ?? undefined)));
    yield* found.splice(0);
    if (broken !== undefined) break;
  }
  broken ??= await new Promise((done) => parser.end((error?: Error | null) => done(error ?? undefined)));
  yield* found.splice(0);
  if (broken !== undefined) {
    yield { ok: false, problem: `not CSV, nothing after it can be read: ${broken.message}` };
  }
}
