import { hash } from 'node:crypto';
import { shapeHash } from '../../define/hash.ts';
import { EngineError } from '../../errors.ts';
import type { Shapes } from '../store.ts';
import { LONGEST_INLINE } from './rows.ts';
import type { Payload } from './rows.ts';
import type { Statements } from './statements.ts';

/** Call it inside a transaction. */
export function keep({ key, text }: Payload, sql: Statements): void {
  sql.insertPayload.run(Buffer.from(key, 'hex'), text);
}

/** What stands in the row: the text itself, or the hash under which it is kept. Call it inside a transaction. */
export function stored(text: string, sql: Statements): string | Uint8Array {
  if (text.length <= LONGEST_INLINE) return text;
  const key = hash('sha256', text, 'buffer');
  sql.insertPayload.run(key, text);
  return key;
}

/** The text kept under a key; nothing if it is gone or another one. */
export function textOf(key: string, sql: Statements): string | undefined {
  const row = sql.payload.get(Buffer.from(key, 'hex')) as { text: string } | undefined;
  return row !== undefined && hash('sha256', row.text) === key ? row.text : undefined;
}

/** The text, if it may be written at all. @throws EngineError `VALUE_TOO_LARGE` */
export function limited(text: string, { runId, maxBytes }: { runId: string; maxBytes: number }): string {
  // No character has more than three bytes.
  if (3 * text.length <= maxBytes) return text;
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return text;
  throw new EngineError(
    'VALUE_TOO_LARGE',
    `A record of run ${runId} has ${bytes} bytes; the journal takes ${maxBytes}. Keep large documents elsewhere and pass their address, or raise \`maxValueBytes\`.`,
  );
}

/** The shapes of workflows. */
export class ShapeTable implements Shapes {
  private readonly sql: Statements;
  private readonly write: (apply: () => unknown) => Promise<unknown>;
  private readonly kept = new Set<string>();

  /** @param write puts something into the next transaction */
  constructor(sql: Statements, write: (apply: () => unknown) => Promise<unknown>) {
    this.sql = sql;
    this.write = write;
  }

  keep(key: string, shape: string): Promise<void> | undefined {
    if (this.kept.has(key)) return undefined;
    return this.write(() => this.sql.insertShape.run(key, shape)).then(() => void this.kept.add(key));
  }

  /** One that is not what was written is none. */
  async read(key: string): Promise<string | undefined> {
    const row = this.sql.shape.get(key) as { shape: string } | undefined;
    return row !== undefined && shapeHash(row.shape) === key ? row.shape : undefined;
  }
}
