import type { Json } from '@paceline/gateway';
import type { z } from 'zod';
import { check } from '../define/schema.ts';
import { EngineError } from '../errors.ts';
import { messageOf } from './failure.ts';
import { toJson } from './json.ts';

/**
 * The context with some of its values replaced, by path.
 * @throws EngineError `FORK_INVALID` naming the path that leads nowhere, or those that do not fit
 */
export function changedContext(
  context: Json,
  set: Readonly<Record<string, unknown>>,
  schema: z.ZodType,
): Json {
  const paths = Object.entries(set);
  if (paths.length === 0) return context;
  const changed = paths.reduce((before, [path, value]) => withValue(before, path, value), context);
  const checked = check(schema, changed);
  if (!checked.ok)
    throw invalid(
      `with ${paths.map(([path]) => `\`${path}\``).join(', ')} the context would not fit: ${checked.problem}`,
    );
  return changed;
}

function withValue(context: Json, path: string, value: unknown): Json {
  const [root, ...keys] = path.split('.');
  if (root !== 'context') throw invalid(`\`${path}\` is no path in the context, such as \`context.plan\``);
  try {
    return replaced(context, keys, toJson(value));
  } catch (error) {
    throw invalid(`\`${path}\` cannot be set: ${messageOf(error)}`);
  }
}

/** @throws Error if the path leads through what is not there */
function replaced(tree: Json, [key, ...rest]: readonly string[], value: Json): Json {
  if (key === undefined) return value;
  if (Array.isArray(tree)) {
    const at = Number(key);
    if (!(at in tree)) throw new Error(`there is no item ${key}`);
    return tree.with(at, replaced(tree[at] as Json, rest, value));
  }
  if (typeof tree !== 'object' || tree === null)
    throw new Error(`there is nothing in which \`${key}\` could be`);
  if (rest.length > 0 && !Object.hasOwn(tree, key)) throw new Error(`there is no \`${key}\``);
  const inner = (tree as Readonly<Record<string, Json>>)[key] as Json;
  return { ...tree, [key]: replaced(inner, rest, value) };
}

/** A fork that cannot be. */
export function invalid(why: string): EngineError {
  return new EngineError('FORK_INVALID', `Cannot fork: ${why}.`);
}
