/** Makes text fit to leave the process. */
export type Redact = (text: string) => string;

/** What a record or an error quotes of a provider's message, in characters. */
const LONGEST_MESSAGE = 300;

/** Shorter values would blacken ordinary words; no provider's key is shorter. */
const SHORTEST_SECRET = 6;

const MASK = '[redacted]';

/**
 * Removes every known secret by value, plain, URL-encoded and in base64, then control characters, and shortens the rest.
 * @param secrets asked on each use, because credentials are read from the environment late
 */
export function createRedact(secrets: () => Iterable<string>): Redact {
  return (text) => {
    let clean = text;
    for (const secret of secrets()) {
      for (const shape of shapesOf(secret)) clean = clean.replaceAll(shape, MASK);
    }
    clean = clean.replaceAll(/\p{Cc}+/gu, ' ').trim();
    return clean.length <= LONGEST_MESSAGE ? clean : `${clean.slice(0, LONGEST_MESSAGE - 1)}…`;
  };
}

function shapesOf(secret: string): readonly string[] {
  if (secret.length < SHORTEST_SECRET) return [];
  // Without padding and the last character, which depends on what follows the secret in the encoded text.
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -1);
  return [secret, encodeURIComponent(secret), base64];
}
