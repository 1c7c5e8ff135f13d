import { hash } from 'node:crypto';
import type { Statements } from './statements.ts';

/** Longer texts are kept once, by their hash: the same document given to many runs is written once. In characters. */
const LONGEST_INLINE = 8 * 1024;

/** What stands in the row: the text itself, or the hash under which it is kept. Call it inside a transaction. */
export function stored(text: string, sql: Statements): string | Uint8Array {
  if (text.length <= LONGEST_INLINE) return text;
  const key = hash('sha256', text, 'buffer');
  sql.insertPayload.run(key, text);
  return key;
}
