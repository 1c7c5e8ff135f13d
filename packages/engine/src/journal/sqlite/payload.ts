import { hash } from 'node:crypto';
import { EngineError } from '../../errors.ts';
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

/** The text, if it may be written at all. @throws EngineError `VALUE_TOO_LARGE` */
export function limited(text: string, { runId, maxBytes }: { runId: string; maxBytes: number }): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return text;
  throw new EngineError(
    'VALUE_TOO_LARGE',
    `A record of run ${runId} has ${bytes} bytes; the journal takes ${maxBytes}. Keep large documents elsewhere and pass their address, or raise \`maxValueBytes\`.`,
  );
}
