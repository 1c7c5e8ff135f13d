import { hash } from 'node:crypto';

/** 132 bits of a SHA-256, in base64url: enough to tell damage from truth, and every entry carries one. */
const SEAL_LENGTH = 22;

/** Binds parts together; where one ends and the next begins is part of it. */
export function sealOf(...parts: readonly (string | number)[]): string {
  let text = '';
  for (const part of parts) {
    const each = String(part);
    text += `${each.length}:${each}`;
  }
  return digestOf(text);
}

/** Of one text, whose parts nobody could take for others. */
export function digestOf(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, SEAL_LENGTH);
}
