import type { Json } from '@paceline/gateway';

/**
 * The value as JSON would give it back: the same object if it is plain JSON already, otherwise a copy without its
 * undefined properties. A run in memory then sees the same values as one that was read back from a journal.
 * @throws TypeError naming the place of what JSON cannot hold: a Date, a Map, a function, NaN, a bigint ...
 */
export function toJson(value: unknown, place = ''): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw notJson(place, String(value));
      return value;
    case 'undefined':
      return null;
    case 'object':
      if (value === null) return null;
      return Array.isArray(value) ? arrayToJson(value, place) : objectToJson(value, place);
    default:
      throw notJson(place, `a ${typeof value}`);
  }
}

function arrayToJson(items: readonly unknown[], place: string): Json {
  let copy: Json[] | undefined;
  for (let at = 0; at < items.length; at++) {
    const item = toJson(items[at], `${place}[${at}]`);
    if (item === items[at]) continue;
    copy ??= items.slice() as Json[];
    copy[at] = item;
  }
  return copy ?? (items as readonly Json[]);
}

function objectToJson(object: object, place: string): Json {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) {
    throw notJson(place, `a ${object.constructor.name}`);
  }
  const keys = Object.keys(object);
  let copy: [string, Json][] | undefined;
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at] as string;
    const value = (object as Record<string, unknown>)[key];
    const item = value === undefined ? undefined : toJson(value, place === '' ? key : `${place}.${key}`);
    if (copy === undefined && (item === undefined || item !== value)) {
      copy = Object.entries(object).slice(0, at) as [string, Json][];
    }
    if (item !== undefined) copy?.push([key, item]);
  }
  // `fromEntries` defines its properties, so a key such as `__proto__` stays a key.
  return copy === undefined ? (object as Json) : Object.fromEntries(copy);
}

function notJson(place: string, what: string): TypeError {
  return new TypeError(`${place === '' ? 'the value' : `\`${place}\``} is ${what}, which JSON cannot hold`);
}
