import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { CliError, messageOf } from '../errors.ts';
import type { Io } from '../io.ts';
import { readCsv } from './csv.ts';
import { readJsonDocument, readJsonLines } from './json.ts';
import type { Parsed } from './parsed.ts';

/** One row of input, numbered from 1. A `problem` row is reported and not run. */
export type Row =
  | { readonly row: number; readonly input: unknown }
  | { readonly row: number; readonly problem: string };

export interface RowSource {
  /** Rows that `rows` will give: reads through the file once. `Infinity` for a pipe without a limit. */
  count(): Promise<number>;
  /** Reads lazily; a file may be far bigger than memory (one `.json` document may not). */
  rows(): AsyncIterable<Row>;
}

export interface RowOptions {
  /** Keeps only these fields of each row; a row that is no object becomes the first of them. @default the whole row */
  readonly fields?: readonly string[];
  /** Most rows to take. Minimum 1. @default all */
  readonly limit?: number;
}

type Reader = (chunks: AsyncIterable<string>) => AsyncGenerator<Parsed>;

const READERS: Readonly<Record<string, Reader>> = {
  '.jsonl': readJsonLines,
  '.ndjson': readJsonLines,
  '.json': readJsonDocument,
  '.csv': readCsv,
};

/** One value given on the command line. */
export function singleRow(input: unknown): RowSource {
  return {
    count: async () => 1,
    async *rows() {
      yield { row: 1, input };
    },
  };
}

/**
 * The rows of a file, or of standard input for `-` (JSON Lines).
 * @throws CliError `INPUT_UNREADABLE` if it is no plain file or its name ends in no format we read
 */
export async function openRows(file: string, io: Io, options: RowOptions = {}): Promise<RowSource> {
  const { limit = Number.POSITIVE_INFINITY } = options;
  if (file === '-') {
    return { count: async () => limit, rows: () => numbered(readJsonLines(decoded(io.stdin)), options) };
  }
  const path = resolve(io.cwd, file);
  const reader = READERS[extname(path).toLowerCase()];
  if (reader === undefined) {
    throw new CliError('INPUT_UNREADABLE', `${file}: expected a name ending in .jsonl, .csv or .json`);
  }
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) throw new CliError('INPUT_UNREADABLE', `${file}: there is no such file`);
  // It is read twice, first to count.
  if (!stats.isFile())
    throw new CliError('INPUT_UNREADABLE', `${file}: no plain file; feed a pipe to --input-file -`);
  const rows = () => numbered(reader(textOf(path, file)), options);
  return { count: () => countOf(rows()), rows };
}

async function* numbered(parsed: AsyncIterable<Parsed>, options: RowOptions): AsyncGenerator<Row> {
  const { fields, limit = Number.POSITIVE_INFINITY } = options;
  let row = 0;
  for await (const item of parsed) {
    row++;
    const picked = item.ok && fields !== undefined ? pick(item.value, fields) : item;
    yield picked.ok ? { row, input: picked.value } : { row, problem: picked.problem };
    if (row >= limit) return;
  }
}

function pick(value: unknown, fields: readonly string[]): Parsed {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: true, value: { [fields[0] ?? 'input']: value } };
  }
  const missing = fields.find((field) => !Object.hasOwn(value, field));
  if (missing !== undefined) {
    return {
      ok: false,
      problem: `field "${missing}" is missing; the row has ${Object.keys(value).join(', ')}`,
    };
  }
  return {
    ok: true,
    value: Object.fromEntries(Object.entries(value).filter(([key]) => fields.includes(key))),
  };
}

async function countOf(rows: AsyncIterable<Row>): Promise<number> {
  let count = 0;
  for await (const _ of rows) count++;
  return count;
}

async function* textOf(path: string, file: string): AsyncGenerator<string> {
  try {
    for await (const chunk of createReadStream(path, 'utf8')) yield chunk as string;
  } catch (error) {
    throw new CliError('INPUT_UNREADABLE', `${file}: ${messageOf(error)}`, error);
  }
}

async function* decoded(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    yield typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  }
  yield decoder.decode();
}
