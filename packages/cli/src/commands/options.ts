import { InvalidArgumentError } from 'commander';
import type { Json } from '@paceline/gateway';
import { parseDuration } from '../duration.ts';
import { CliError, messageOf } from '../errors.ts';
import { INTERRUPTED } from '../interrupt.ts';
import type { RunFileResult } from '../show-runs.ts';

/** Parsers for option values, each of which refuses with a message that says what it wanted; and what commands end with. */

export function wholeNumber(minimum: number, maximum = Number.POSITIVE_INFINITY): (text: string) => number {
  const wanted =
    maximum === Number.POSITIVE_INFINITY ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= minimum && value <= maximum)
      return value;
    throw new InvalidArgumentError(`Expected a whole number ${wanted}.`);
  };
}

export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new InvalidArgumentError('Expected a duration with its unit, such as 500ms, 8s, 2m or 30d.');
}

/** @param what names it in the refusal @throws CliError `USAGE` */
export function jsonValue(text: string, what: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new CliError(
      'USAGE',
      `${what} is not JSON (${messageOf(error)}). A string needs its quotes: '"hello"'.`,
    );
  }
}

/** Collects `k=v` over repeated options. */
export function label(text: string, labels?: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected key=value.');
  return { ...labels, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Collects `path=json` over repeated options. */
export function setting(text: string, settings?: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected path=json.');
  try {
    return { ...settings, [text.slice(0, at)]: JSON.parse(text.slice(at + 1)) as unknown };
  } catch {
    throw new InvalidArgumentError('Expected JSON after the "=". A string needs its quotes: \'"pen"\'.');
  }
}

/** Collects values over repeated options. */
export function each(text: string, values: readonly string[] | undefined): readonly string[] {
  return [...(values ?? []), text];
}

/** What a command that ran something ends with. */
export function exitCodeOf({ summary: { failed, left = 0 }, interrupted }: RunFileResult): number {
  if (interrupted !== undefined) return INTERRUPTED[interrupted];
  return failed + left > 0 ? 1 : 0;
}
