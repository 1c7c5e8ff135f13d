import { objectOf, stringOf } from '../json.ts';
import { chooseLabel } from './labels.ts';
import { foundInText, madeUpNumber, madeUpString, seemsTrue } from './scalars.ts';
import {
  branchesOf,
  enter,
  enumOf,
  fits,
  isNullable,
  numberAt,
  requiredOf,
  rootOf,
  typeOf,
} from './schema.ts';
import type { Facts } from './facts.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Property } from './scalars.ts';
import type { Sureness } from './write-answer.ts';

/** A value made to fit a schema. */
export interface Shaped {
  readonly value: Json;
  /** The labels chosen in it. */
  readonly sure: readonly Sureness[];
}

/** What is being filled in. */
interface Place extends Property {
  readonly sure: Sureness[];
}

const CONFIDENCE = /^(confidence|score|probability|certainty)$/i;

/** Judgements on the message: JSON in the message has no say in them. */
const JUDGED = /^(label|category|class|intent|topic|confidence|score|probability|certainty)$/i;

/** What the model says of its confidence where it had nothing to choose. */
const SETTLED = 0.9;

/**
 * Fills in a schema. Labels (enums) are chosen by keywords. Other values are taken from JSON in the prompt under the
 * same property name if they fit, else found in the text (amounts, references), else made up: plain values within the
 * bounds of their type. `pattern` is not honoured. A schema without `required` is filled in completely.
 */
export function shapeValue(schema: JsonObject, facts: Facts): Shaped {
  const sure: Sureness[] = [];
  const place = enter({ ...rootOf(schema), facts, sure, name: '' }, schema);
  return { value: place === undefined ? null : shape(place), sure };
}

function shape(place: Place): Json {
  const { schema } = place;
  const known = knownValue(place);
  if (known !== undefined) return known;
  const options = enumOf(schema);
  if (options !== undefined) return pickOption(options, place);
  const branches = branchesOf(schema);
  if (branches.length > 0) return shapeBranch(branches, place);
  if ('default' in schema) return schema['default'] ?? null;
  const found = foundInText(place);
  if (found !== undefined || isNullable(schema)) return found ?? null;
  switch (typeOf(schema)) {
    case 'object':
      return shapeObject(place);
    case 'array':
      return shapeArray(place);
    case 'string':
      return madeUpString(place);
    case 'number':
    case 'integer':
      return CONFIDENCE.test(place.name) ? (place.sure.at(-1)?.confidence ?? SETTLED) : madeUpNumber(place);
    case 'boolean':
      return seemsTrue(place);
    default:
      return null;
  }
}

function shapeInner(place: Place, schema: unknown, name = place.name): Json {
  const inner = enter({ ...place, name }, schema);
  return inner === undefined ? null : shape(inner);
}

function knownValue(place: Place): Json | undefined {
  if (place.name === '' || JUDGED.test(place.name)) return undefined;
  return place.facts.named(place.name).find((value) => fits(value, place));
}

function pickOption(options: readonly Json[], { facts, sure }: Place): Json {
  const labels = options.filter((option) => typeof option === 'string');
  if (labels.length < 2) return options[0] ?? null;
  const { label, confidence } = chooseLabel(labels, facts.text);
  sure.push({ value: label, confidence });
  return label;
}

/** Of alternatives with a distinguishing constant the one the text speaks for; of `T | null` only what the text holds. */
function shapeBranch(branches: readonly JsonObject[], place: Place): Json {
  const inner = branches.flatMap((branch) => enter(place, branch) ?? []);
  const full = inner.filter(({ schema }) => typeOf(schema) !== 'null' || enumOf(schema) !== undefined);
  if (full.length < inner.length) {
    const found = full.map(foundInText).find((value) => value !== undefined);
    if (found !== undefined || !full.some(({ schema }) => enumOf(schema))) return found ?? null;
  }
  const marks = full.map(({ schema }) => discriminator(schema));
  const chosen = marks.includes('') ? 0 : marks.indexOf(chooseLabel(marks, place.facts.text).label);
  const branch = full[chosen];
  return branch === undefined ? null : shape(branch);
}

/** The constant that tells one alternative of a union from the others; '' without one. */
function discriminator(branch: JsonObject): string {
  for (const property of Object.values(objectOf(branch['properties']))) {
    const options = enumOf(objectOf(property));
    if (options?.length === 1) return stringOf(options[0]) ?? '';
  }
  return '';
}

function shapeObject(place: Place): Json {
  const required = requiredOf(place.schema);
  const properties = Object.entries(objectOf(place.schema['properties'])).flatMap(
    ([name, schema]) => enter({ ...place, name }, schema) ?? [],
  );
  const filled = new Map<string, Json>();
  const fill = (property: Place): void => {
    const wanted = required.has(property.name) || knownValue(property) !== undefined;
    if (wanted) filled.set(property.name, shape(property));
  };
  // Labels first: a confidence beside them speaks of them, wherever it stands.
  const isLabel = ({ schema }: Place): boolean => enumOf(schema) !== undefined;
  properties.filter(isLabel).forEach(fill);
  properties.filter((property) => !isLabel(property)).forEach(fill);
  return Object.fromEntries(
    properties.flatMap(({ name }) => (filled.has(name) ? [[name, filled.get(name) ?? null]] : [])),
  ) as JsonObject;
}

const MAX_MADE_UP_ITEMS = 20;

function shapeArray(place: Place): Json {
  const least = numberAt(place.schema, 'minItems') ?? 0;
  const most = numberAt(place.schema, 'maxItems') ?? MAX_MADE_UP_ITEMS;
  const length = Math.max(0, Math.min(Math.max(1, least), most, MAX_MADE_UP_ITEMS));
  return Array.from({ length }, () => shapeInner(place, place.schema['items']));
}
