import { SimulatorError } from '../errors.ts';
import { isObject } from '../json.ts';

/**
 * Accepts a value or throws.
 * @throws SimulatorError `SCENARIO_INVALID` naming the path and what is expected there
 */
export type Check = (value: unknown, path: string) => void;

export function invalid(path: string, mend: string): never {
  throw new SimulatorError('SCENARIO_INVALID', `${path}: ${mend}`);
}

/** Enough of a value to recognise it by. */
const shown = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 60);

const numberThat =
  (accepts: (value: number) => boolean, wanted: string): Check =>
  (value, path) => {
    if (typeof value !== 'number' || !accepts(value))
      invalid(path, `expected ${wanted}, got ${shown(value)}`);
  };

export const share = numberThat(
  (value) => value >= 0 && value <= 1,
  'a share from 0 to 1, such as 0.03 for 3 %',
);
export const milliseconds = numberThat((value) => value >= 0, 'milliseconds, 0 or more');
export const zeroOrMore = numberThat((value) => value >= 0 && Number.isFinite(value), 'a number, 0 or more');
export const positive = numberThat((value) => value > 0 && Number.isFinite(value), 'a number above 0');
export const count = numberThat(
  (value) => Number.isInteger(value) && value >= 0,
  'a whole number, 0 or more',
);
export const atLeastOne = numberThat(
  (value) => Number.isInteger(value) && value >= 1,
  'a whole number, 1 or more',
);

export const text: Check = (value, path) => {
  if (typeof value !== 'string' || value === '') invalid(path, `expected a text, got ${shown(value)}`);
};

export const flag: Check = (value, path) => {
  if (typeof value !== 'boolean') invalid(path, `expected true or false, got ${shown(value)}`);
};

/** `[from, to)`. */
export const range: Check = (value, path) => {
  const [from, to] = Array.isArray(value) && value.length === 2 ? value : [];
  if (typeof from !== 'number' || typeof to !== 'number' || from < 0 || !(from < to)) {
    invalid(path, `expected [from, to] with 0 <= from < to, got ${shown(value)}`);
  }
};

export const oneOf =
  (options: readonly string[]): Check =>
  (value, path) => {
    if (!options.some((option) => option === value)) {
      invalid(path, `expected one of ${options.join(', ')}; got ${shown(value)}`);
    }
  };

export const listOf =
  (entry: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) return invalid(path, `expected a list, got ${shown(value)}`);
    value.forEach((item, at) => entry(item, `${path}[${at}]`));
  };

/** An object with any names. */
export const recordOf =
  (entry: Check): Check =>
  (value, path) => {
    if (!isObject(value)) return invalid(path, `expected an object, got ${shown(value)}`);
    for (const [name, item] of Object.entries(value)) entry(item, `${path}.${name}`);
  };

export interface Field {
  readonly check: Check;
  readonly required?: true;
}

/** An object with these names and no others. */
export const objectWith =
  (fields: Readonly<Record<string, Field>>): Check =>
  (value, path) => {
    if (!isObject(value)) return invalid(path, `expected an object, got ${shown(value)}`);
    for (const name of Object.keys(value)) {
      if (Object.hasOwn(fields, name)) continue;
      invalid(`${path}.${name}`, `no such field here; there are ${Object.keys(fields).join(', ')}`);
    }
    for (const [name, { check, required }] of Object.entries(fields)) {
      if (value[name] !== undefined) check(value[name], `${path}.${name}`);
      else if (required) invalid(`${path}.${name}`, 'is missing');
    }
  };
