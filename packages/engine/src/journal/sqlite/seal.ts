import { hash } from 'node:crypto';

/** Half of a SHA-256: enough to tell damage from truth, and every entry carries one. */
const SEAL_BYTES = 16;

/** Binds parts together; where one ends and the next begins is part of it. */
export function sealOf(...parts: readonly (string | number | Uint8Array)[]): Buffer {
  const text = parts
    .map((part) => {
      const each = part instanceof Uint8Array ? Buffer.from(part).toString('latin1') : String(part);
      return `${each.length}:${each}`;
    })
    .join('');
  return hash('sha256', text, 'buffer').subarray(0, SEAL_BYTES);
}
