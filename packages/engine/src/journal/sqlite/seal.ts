import { hash } from 'node:crypto';

/** Half of a SHA-256: enough to tell damage from truth, and every entry carries one. */
const SEAL_BYTES = 16;

/** Binds parts together; where one ends and the next begins is part of it. */
export function sealOf(...parts: readonly (string | number | Uint8Array)[]): Buffer {
  let text = '';
  for (const part of parts) {
    const each = part instanceof Uint8Array ? latin1(part) : String(part);
    text += `${each.length}:${each}`;
  }
  return hash('sha256', text, 'buffer').subarray(0, SEAL_BYTES);
}

/** One character per byte, of the bytes themselves and not of a copy. */
function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}
