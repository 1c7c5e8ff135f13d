import { scoresOf, wordsOf } from './labels.ts';
import { fits, numberAt, typeOf } from './schema.ts';
import { stringOf } from '../json.ts';
import type { Facts } from './facts.ts';
import type { Json, JsonObject } from '../json.ts';
import type { SchemaAt } from './schema.ts';

/** A property to fill in, and what there is to fill it from. */
export interface Property extends SchemaAt {
  /** '' at the top. */
  readonly name: string;
  readonly facts: Facts;
}

const AMOUNT_NAME = /amount|price|total|sum|cost|usd|eur|gbp/i;
const AMOUNT =
  /(?:[$€£]\s?|\b(?:usd|eur|gbp|chf)\s)(\d{1,9}(?:[.,]\d{1,2})?)|(\d{1,9}(?:[.,]\d{1,2})?)\s?(?:[€$£]|(?:usd|eur|gbp|chf|euros?|dollars)\b)/i;

const REFERENCE_NAME = /(id|number|reference|code)$/i;
const REFERENCE = /\b[A-Z]{1,5}-\d{2,12}\b/g;

/** An amount of money, or a reference like `A-1042`, that the text mentions; for a property whose name asks for one. */
export function foundInText(property: Property): Json | undefined {
  const type = typeOf(property.schema);
  let found: Json | undefined;
  if (type === 'string' && REFERENCE_NAME.test(property.name)) found = referenceIn(property.facts);
  else if ((type === 'number' || type === 'integer') && AMOUNT_NAME.test(property.name)) {
    found = amountIn(property.facts.text);
  }
  return found !== undefined && fits(found, property) ? found : undefined;
}

function referenceIn({ text, objects }: Facts): string | undefined {
  // One that is the value of another property, such as the ticket's own id, is not meant.
  const taken = new Set(objects.flatMap((object) => Object.values(object)));
  return text.match(REFERENCE)?.find((reference) => !taken.has(reference));
}

function amountIn(text: string): number | undefined {
  const [, before, after] = AMOUNT.exec(text) ?? [];
  const written = before ?? after;
  return written === undefined ? undefined : Number(written.replace(',', '.'));
}

const BY_FORMAT: Readonly<Record<string, string>> = {
  date: '2026-01-01',
  time: '00:00:00Z',
  'date-time': '2026-01-01T00:00:00Z',
  duration: 'PT1H',
  email: 'simulated@example.com',
  hostname: 'simulated.example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/simulated',
  uuid: '00000000-0000-4000-8000-000000000000',
};

const BY_NAME: readonly (readonly [pattern: RegExp, text: string])[] = [
  [
    /reply|message|answer|response|body|text|note|comment/i,
    'Thank you for writing; we are on it. (simulated)',
  ],
  [/reason|why|rationale|explanation/i, 'Chosen by keywords in the message. (simulated)'],
  [/currency/i, 'USD'],
  [/language|locale/i, 'en'],
  [REFERENCE_NAME, 'SIM-1001'],
];

/** Says that it is simulated where there is room for it. */
export function madeUpString({ name, schema }: Property): string {
  const known =
    BY_FORMAT[stringOf(schema['format']) ?? ''] ?? BY_NAME.find(([pattern]) => pattern.test(name))?.[1];
  const text = known ?? `${wordsOf(name).join(' ') || 'text'} (simulated)`;
  const least = Math.min(numberAt(schema, 'minLength') ?? 0, MAX_TEXT);
  return text.slice(0, numberAt(schema, 'maxLength') ?? MAX_TEXT).padEnd(least, '.');
}

const MAX_TEXT = 10_000;

/** 1, or the nearest value the bounds allow. */
export function madeUpNumber({ schema }: Property): number {
  const step = numberAt(schema, 'multipleOf') ?? (typeOf(schema) === 'integer' ? 1 : 0);
  const least = numberAt(schema, 'minimum') ?? above(schema, step);
  const most = numberAt(schema, 'maximum') ?? below(schema, step);
  const value = Math.min(Math.max(1, least), most);
  return step > 0 ? Math.ceil(value / step) * step : value;
}

const above = (schema: JsonObject, step: number): number =>
  (numberAt(schema, 'exclusiveMinimum') ?? Number.NEGATIVE_INFINITY) + (step || 0.5);

const below = (schema: JsonObject, step: number): number =>
  (numberAt(schema, 'exclusiveMaximum') ?? Number.POSITIVE_INFINITY) - (step || 0.5);

const USUALLY_TRUE = /ok|success|done|approved|resolved|valid|confirmed|sent|completed/i;

/** Flags that report success are true, others if the text speaks of what they are named after. */
export function seemsTrue({ name, facts }: Property): boolean {
  const [score = 0] = scoresOf([name], facts.text);
  return USUALLY_TRUE.test(name) || score > 0;
}
