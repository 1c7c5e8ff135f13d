/** Finds known secrets in a text. @returns the name of one that is in it, never its value; `null` if none is */
export type SecretFinder = (text: string) => string | null;

/** Shorter values are neither looked for nor removed: they occur by chance. In characters. */
export const SHORTEST_SECRET = 8;

/** Bytes that one group of base64 holds; where in it a text begins decides how the text looks. */
const GROUP_BYTES = 3;

/** A tool's answer in JSON, as a string in a model's answer in JSON, in the journal. */
const DEEPEST_JSON = 3;

/**
 * Looks for values as they are, in base64 wherever they begin in it, URL-encoded, and as JSON escapes them. One pass per form, at the
 * speed of `String.includes`: well below 1 µs per KB for two keys.
 * @param secrets values by name; those of fewer than 8 characters are left out
 * @returns undefined if there is nothing to look for
 */
export function secretFinder(secrets: Readonly<Record<string, string>>): SecretFinder | undefined {
  const known = Object.entries(secrets)
    .map(([name, value]) => ({ name, forms: formsOf(value) }))
    .filter(({ forms }) => forms.length > 0);
  if (known.length === 0) return undefined;
  return (text) => known.find(({ forms }) => forms.some((form) => text.includes(form)))?.name ?? null;
}

/** How a secret may look in a text, the longest form first; nothing for one that is too short to be told from other text. */
export function formsOf(given: string): readonly string[] {
  // A line end that came with it from a file is not told by those who quote it.
  const secret = given.trim();
  if (secret.length < SHORTEST_SECRET) return [];
  const inUrl = encodeURIComponent(secret);
  const encoded = Array.from({ length: GROUP_BYTES }, (_, offset) => base64Within(secret, offset));
  const forms = new Set([
    ...escapedOf(secret),
    inUrl,
    // Either case is right.
    inUrl.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
    ...encoded,
    ...encoded.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
  ]);
  return [...forms].toSorted((a, b) => b.length - a.length);
}

/** As it is, in JSON, in JSON that is a string in JSON, and so on. */
function escapedOf(secret: string): readonly string[] {
  const levels = [secret];
  while (levels.length <= DEEPEST_JSON) levels.push(JSON.stringify(levels.at(-1)).slice(1, -1));
  return levels;
}

/** What is the same of a value's base64 whatever stands before and after it, if it begins at this byte of a group. */
function base64Within(value: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
  const whole = bytes.toString('base64').replaceAll('=', '');
  // Six bits a character: those that share one with a neighbour's bits are left out.
  const from = Math.ceil((offset * 8) / 6);
  const to = Math.floor((bytes.length * 8) / 6);
  return whole.slice(from, to);
}
