import { isObject, objectOf, objectsOf, stringOf } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';

// Schemas are hostile input too: one that refers to itself has no end.
const MAX_DEPTH = 8;
const MAX_VISITS = 5_000;
const MAX_PARTS = 50;

/** A schema inside its document. */
export interface SchemaAt {
  readonly schema: JsonObject;
  /** The document, for `$ref`. */
  readonly root: JsonObject;
  readonly depth: number;
  /** Shared by all that is looked at for one answer. */
  readonly visits: { left: number };
}

export function rootOf(schema: JsonObject): SchemaAt {
  return { schema, root: schema, depth: 0, visits: { left: MAX_VISITS } };
}

/** Goes to a schema inside another one; `undefined` once that is too deep or too much. */
export function enter<At extends SchemaAt>(at: At, schema: unknown): At | undefined {
  if (at.depth >= MAX_DEPTH || at.visits.left-- <= 0) return undefined;
  return { ...at, schema: resolveSchema(objectOf(schema), at.root), depth: at.depth + 1 };
}

/** Follows `$ref` inside the document and lays the parts of `allOf` over each other. */
function resolveSchema(schema: JsonObject, root: JsonObject): JsonObject {
  const resolved = follow(schema, root);
  const parts = objectsOf(resolved['allOf']).slice(0, MAX_PARTS);
  if (parts.length === 0) return resolved;
  return Object.assign({}, ...parts.map((part) => follow(part, root)), resolved) as JsonObject;
}

function follow(schema: JsonObject, root: JsonObject): JsonObject {
  let at = schema;
  for (let hops = 0; hops < MAX_DEPTH && typeof at['$ref'] === 'string'; hops++)
    at = pointedAt(at['$ref'], root);
  return at;
}

function pointedAt(ref: string, root: JsonObject): JsonObject {
  const [start, ...path] = ref.split('/');
  if (start !== '#') return {};
  return path.reduce<JsonObject>((at, key) => (Object.hasOwn(at, key) ? objectOf(at[key]) : {}), root);
}

/** The one type that counts: the first that is not null, in lower case (Gemini writes `STRING`). */
export function typeOf(schema: JsonObject): string {
  const type = typesOf(schema).find((candidate) => candidate !== 'null');
  if (type !== undefined) return type;
  if (isObject(schema['properties'])) return 'object';
  return isObject(schema['items']) ? 'array' : 'null';
}

export function isNullable(schema: JsonObject): boolean {
  return schema['nullable'] === true || typesOf(schema).includes('null');
}

function typesOf(schema: JsonObject): readonly string[] {
  const types = Array.isArray(schema['type']) ? schema['type'] : [schema['type']];
  return types.flatMap((type) => stringOf(type)?.toLowerCase() ?? []);
}

/** The alternatives of `anyOf` or `oneOf`. */
export function branchesOf(schema: JsonObject): readonly JsonObject[] {
  return objectsOf(schema['anyOf'] ?? schema['oneOf']);
}

/** The allowed values; `undefined` when any will do. */
export function enumOf(schema: JsonObject): readonly Json[] | undefined {
  if ('const' in schema) return [schema['const'] ?? null];
  const values = schema['enum'];
  return Array.isArray(values) && values.length > 0 ? values : undefined;
}

export function requiredOf(schema: JsonObject): ReadonlySet<Json> {
  const { required, properties } = schema;
  return new Set(Array.isArray(required) ? required : Object.keys(objectOf(properties)));
}

export function numberAt(schema: JsonObject, keyword: string): number | undefined {
  const value = schema[keyword];
  return typeof value === 'number' ? value : undefined;
}

/** Whether a value may stand where the schema is. `pattern` and `format` are not looked at. */
export function fits(value: Json, at: SchemaAt): boolean {
  const { schema } = at;
  const options = enumOf(schema);
  if (options !== undefined) return options.includes(value);
  const branches = branchesOf(schema);
  if (branches.length > 0) return branches.some((branch) => fitsInner(value, at, branch));
  if (value === null) return isNullable(schema) || typeOf(schema) === 'null';
  switch (typeOf(schema)) {
    case 'string':
      return typeof value === 'string' && inRange(value.length, schema, ['minLength', 'maxLength']);
    case 'integer':
      return Number.isInteger(value) && inRange(Number(value), schema, ['minimum', 'maximum']);
    case 'number':
      return typeof value === 'number' && inRange(value, schema, ['minimum', 'maximum']);
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return (
        Array.isArray(value) &&
        inRange(value.length, schema, ['minItems', 'maxItems']) &&
        value.every((item) => fitsInner(item, at, schema['items']))
      );
    case 'object':
      return isObject(value) && fitsObject(value, at);
    default:
      return false;
  }
}

function fitsInner(value: Json, at: SchemaAt, schema: unknown): boolean {
  const inner = enter(at, schema);
  return inner !== undefined && fits(value, inner);
}

function inRange(size: number, schema: JsonObject, [least, most]: readonly [string, string]): boolean {
  return (numberAt(schema, least) ?? -Infinity) <= size && size <= (numberAt(schema, most) ?? Infinity);
}

function fitsObject(value: JsonObject, at: SchemaAt): boolean {
  const properties = objectOf(at.schema['properties']);
  const required = requiredOf(at.schema);
  const isClosed = at.schema['additionalProperties'] === false;
  return (
    Object.entries(properties).every(([name, schema]) => {
      const item = Object.hasOwn(value, name) ? value[name] : undefined;
      return item === undefined ? !required.has(name) : fitsInner(item, at, schema);
    }) &&
    (!isClosed || Object.keys(value).every((name) => Object.hasOwn(properties, name)))
  );
}
