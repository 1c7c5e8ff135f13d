import { createHash } from 'node:crypto';

/** A value that nothing else contains, with characters that JSON and URLs escape. @param name different ones differ in all parts */
export function canaryOf(seed: number, name: string): string {
  const digest = createHash('sha256').update(`${seed} ${name}`).digest('hex');
  return `${digest.slice(0, 24)}/+"${digest.slice(24, 48)}`;
}

/** A key that nobody has named, but that looks like one. */
export function guessableOf(seed: number): string {
  return `sk-proj-${createHash('sha256').update(`${seed} guess`).digest('hex').slice(0, 40)}`;
}

/** The ways in which a text may hold it. */
export const FORMS: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  'in base64 from byte 1': (secret) => Buffer.from(`x${secret}yz`).toString('base64'),
  json: (secret) => JSON.stringify(secret).slice(1, -1),
  url: (secret) => encodeURIComponent(secret),
  'url in lower case': (secret) =>
    encodeURIComponent(secret).replaceAll(/%../g, (escape) => escape.toLowerCase()),
  'in base64 from byte 0': (secret) => Buffer.from(`${secret}z`).toString('base64'),
  'in base64 from byte 2': (secret) => Buffer.from(`xy${secret}`).toString('base64'),
  'in base64url': (secret) => Buffer.from(`x${secret}`).toString('base64url'),
};

const BASE64_GROUP = 4;

/**
 * What any of the forms leaves in bytes, worked out apart from the code under test: either half as it is, and the middle of its base64
 * at each place in a group.
 */
function tracesOf(secret: string): readonly string[] {
  const halves = secret.split('/+"');
  const encoded = ['', 'x', 'xy'].map((before) => {
    const whole = Buffer.from(before + secret).toString('base64');
    return whole.slice(2 * BASE64_GROUP, -2 * BASE64_GROUP);
  });
  return [...halves, ...encoded, ...encoded.map((each) => each.replaceAll('+', '-').replaceAll('/', '_'))];
}

/** Whether any trace of it is there. */
export function isIn(bytes: string, secret: string): boolean {
  return tracesOf(secret).some((trace) => bytes.includes(trace));
}
