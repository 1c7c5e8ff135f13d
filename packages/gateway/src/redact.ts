import { formsOf, SHORTEST_SECRET } from './secrets.ts';
import { SECRET_PATTERNS } from './secret-patterns.ts';

/** Makes what leaves the process fit to leave it: the one sink of logs, errors, events and records. */
export interface Redactor {
  /** The text without known secrets and without what looks like one. */
  text(text: string): string;
  /** The same for what a record or an error quotes: on one line, without control characters, of at most 300 characters. */
  message(text: string): string;
  /** Plain data with every key and string in it made so. What holds no secret is given back as it is, and not copied. */
  value<Value>(value: Value): Value;
  /** Rewrites the message, the stack, the causes and the fields of an error that holds a secret. @returns the same error */
  error<Thrown>(error: Thrown): Thrown;
  /** Removes these, too, from now on. */
  hide(secrets: readonly string[]): void;
}

export interface RedactorOptions {
  /** Known secrets. Asked on each use, because credentials are read from the environment late. Those of fewer than 8 characters are left out. */
  readonly secrets: () => readonly string[];
  /** What looks like a secret. A match goes as a whole, but for a group named `kept`. @default SECRET_PATTERNS */
  readonly patterns?: readonly RegExp[];
}

/** What a record or an error quotes of a provider's message, in characters. */
const LONGEST_MESSAGE = 300;

const MASK = '[redacted]';

/** Knows each secret in the forms that `secretFinder` finds it in: plain, as JSON and URLs escape it, and in base64. */
export function createRedactor({ secrets, patterns = SECRET_PATTERNS }: RedactorOptions): Redactor {
  const hidden: string[] = [];
  const formsNow = formsOfAll(() => [...secrets(), ...hidden]);
  const masks = patterns.map((pattern) => new RegExp(pattern.source, flagsFor(pattern)));
  const lineMasks = masks.map((mask) => new RegExp(mask.source, `${mask.flags.replace('m', '')}m`));
  const cleaner = (): Clean => cleanerOf(formsNow(), masks);
  return {
    text: (text) => cleaner()(text),
    message(text) {
      const clean = cleaner()(text)
        .replaceAll(/\p{Cc}+/gu, ' ')
        .trim();
      return clean.length <= LONGEST_MESSAGE ? clean : `${clean.slice(0, LONGEST_MESSAGE - 1)}…`;
    },
    value(value) {
      // Nearly nothing holds one, and to look through all texts at once costs a tenth of looking through each.
      const lines = textsIn(value).join('\n');
      if (lines === '') return value;
      return cleanerOf(formsNow(), lineMasks)(lines) === lines ? value : cleanValue(value, cleaner());
    },
    error(error) {
      cleanError(error, cleaner(), new Set());
      return error;
    },
    hide: (further) => void hidden.push(...further),
  };
}

type Clean = (text: string) => string;

function cleanerOf(forms: readonly string[], masks: readonly RegExp[]): Clean {
  return (text) => {
    let clean = text;
    for (const form of forms) clean = clean.replaceAll(form, MASK);
    for (const mask of masks) clean = clean.replace(mask, masked);
    return clean;
  };
}

/** All that could hold a secret. */
function textsIn(value: unknown, found: string[] = []): readonly string[] {
  if (typeof value === 'string') {
    if (value.length >= SHORTEST_SECRET) found.push(value);
  } else if (Array.isArray(value)) {
    for (const item of value) textsIn(item, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, field] of Object.entries(value)) {
      textsIn(key, found);
      textsIn(field, found);
    }
  }
  return found;
}

/** Makes the forms again only when the secrets have changed. */
function formsOfAll(secrets: () => readonly string[]): () => readonly string[] {
  let known: readonly string[] = [];
  let forms: readonly string[] = [];
  return () => {
    const now = secrets();
    if (now.length !== known.length || now.some((secret, at) => secret !== known[at])) {
      known = now;
      // The longest first: of two secrets one may begin with the other.
      forms = [...new Set(now.flatMap(formsOf))].toSorted((a, b) => b.length - a.length);
    }
    return forms;
  };
}

/** Every match counts, wherever it stands. */
function flagsFor({ flags }: RegExp): string {
  return [...new Set(`${flags.replace('y', '')}g`)].join('');
}

/** `String.replace` hands the named groups over last, if the pattern has any. */
function masked(...match: readonly unknown[]): string {
  const groups = match.at(-1);
  const kept = typeof groups === 'object' && groups !== null && 'kept' in groups ? groups.kept : undefined;
  return `${typeof kept === 'string' ? kept : ''}${MASK}`;
}

function cleanValue<Value>(value: Value, clean: Clean): Value;
function cleanValue(value: unknown, clean: Clean): unknown {
  if (typeof value === 'string') return clean(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => cleanValue(item, clean));
    return items.every((item, at) => item === value[at]) ? value : items;
  }
  let changed = false;
  const fields = Object.entries(value).map(([key, field]) => {
    const entry = [clean(key), cleanValue(field, clean)] as const;
    changed ||= entry[0] !== key || entry[1] !== field;
    return entry;
  });
  return changed ? Object.fromEntries(fields) : value;
}

/** @param seen causes may go round in circles */
function cleanError(error: unknown, clean: Clean, seen: Set<unknown>): void {
  if (!(error instanceof Error) || seen.has(error)) return;
  seen.add(error);
  for (const key of ['message', 'stack', ...Object.keys(error)]) {
    const value: unknown = Reflect.get(error, key);
    const fit = cleanValue(value, clean);
    if (fit !== value) Reflect.set(error, key, fit);
  }
  cleanError(error.cause, clean, seen);
  if (error instanceof AggregateError) for (const each of error.errors) cleanError(each, clean, seen);
}
