/** The only source of chance. Injected everywhere, so that one seed repeats a whole run. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

/** Real chance: never the same twice. */
export const systemRandom: Random = { next: () => Math.random() };

/** Repeats the same sequence for the same seed. Algorithm: mulberry32 over a 32-bit hash of the seed. */
export function seededRandom(seed: string | number): Random {
  let state = hash32(String(seed));
  return {
    next() {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

/** A number in [0, 1) that depends on the parts alone: the same fate for the same call, whatever ran before it. */
export function hashUnit(...parts: readonly (string | number)[]): number {
  return seededRandom(parts.join('\u0000')).next();
}

/** FNV-1a, 32 bits, with a final avalanche so that near-equal keys land far apart. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash ^= text.charCodeAt(at);
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const ID_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** 80 bits of chance in Crockford's base 32, e.g. `signal_7f3k...`. */
export function randomId(random: Random, prefix: string): string {
  return `${prefix}_${digitsOf(random, 16)}`;
}

/** Enough for a thousand years of milliseconds. */
const TIME_DIGITS = 9;

/**
 * An id that sorts by the moment it was made at, as a ULID does (https://github.com/ulid/spec): 45 bits of milliseconds, then 50 of chance.
 * An index of such ids grows at its end, where one of random ids touches another page for each.
 */
export function timedId(random: Random, prefix: string, epochMs: number): string {
  let time = '';
  let left = Math.max(0, Math.floor(epochMs));
  for (let digit = 0; digit < TIME_DIGITS; digit++) {
    time = ID_ALPHABET.charAt(left % 32) + time;
    left = Math.floor(left / 32);
  }
  return `${prefix}_${time}${digitsOf(random, 10)}`;
}

function digitsOf(random: Random, count: number): string {
  let digits = '';
  for (let digit = 0; digit < count; digit++) digits += ID_ALPHABET.charAt(Math.floor(random.next() * 32));
  return digits;
}
