import { isObject, MAX_NESTING, parseJson } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { SimMessage } from '../wire/wire.ts';

/** What a prompt says, as far as a few simple rules can tell. */
export interface Facts {
  /** The user's words, with the strings of any JSON among them; the middle of a huge text is left out. */
  readonly text: string;
  /** JSON values under a property of this name (`orderId` also finds `order_id`): tool results first, newest first. */
  named(name: string): readonly Json[];
  /** The JSON objects in the prompt, in the same order. */
  readonly objects: readonly JsonObject[];
}

/** Keywords are looked for in this much text, half from the start and half from the end. */
const TEXT_LIMIT = 20_000;

// Bounds on the JSON read from one prompt, which is hostile input.
const MAX_DEPTH = 8;
const MAX_VALUES = 2_000;

export function readFacts(messages: readonly SimMessage[]): Facts {
  const split = messages.toReversed().map(({ role, text }) => ({ role, ...splitJson(text) }));
  const objects = ['tool', 'user', 'system'].flatMap((role) =>
    split.filter((message) => message.role === role).flatMap((message) => message.objects),
  );
  const words = split.flatMap(({ role, prose, objects: found }) =>
    role === 'user' ? [prose, ...found.flatMap(stringsIn)] : [],
  );
  const byName = index(objects);
  return {
    text: bounded(words.join('\n')),
    named: (name) => byName.get(normalised(name)) ?? [],
    objects,
  };
}

function bounded(text: string): string {
  const half = TEXT_LIMIT / 2;
  return text.length <= TEXT_LIMIT ? text : `${text.slice(0, half)}\n${text.slice(-half)}`;
}

const normalised = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

function index(objects: readonly JsonObject[]): ReadonlyMap<string, readonly Json[]> {
  const byName = new Map<string, Json[]>();
  for (const { name, value } of objects.flatMap(valuesIn).slice(0, MAX_VALUES)) {
    const key = normalised(name);
    const known = byName.get(key);
    if (known === undefined) byName.set(key, [value]);
    else known.push(value);
  }
  return byName;
}

interface Named {
  readonly name: string;
  readonly value: Json;
}

/** Every property inside, outer ones first; list items are not named, only what is in them. */
function valuesIn(root: JsonObject): readonly Named[] {
  const found: Named[] = [];
  let level: readonly Json[] = [root];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0 && found.length < MAX_VALUES; depth++) {
    const below: Json[] = [];
    for (const value of level) {
      if (Array.isArray(value)) below.push(...value.slice(0, MAX_VALUES));
      else if (isObject(value)) {
        for (const [name, item] of Object.entries(value)) {
          found.push({ name, value: item });
          below.push(item);
        }
      }
    }
    level = below.slice(0, MAX_VALUES);
  }
  return found.slice(0, MAX_VALUES);
}

const stringsIn = (root: JsonObject): readonly string[] =>
  valuesIn(root)
    .flatMap(({ value }) => (Array.isArray(value) ? value : [value]))
    .filter((value) => typeof value === 'string');

/** Takes the JSON objects out of a text. */
function splitJson(text: string): { readonly prose: string; readonly objects: readonly JsonObject[] } {
  const objects: JsonObject[] = [];
  let prose = '';
  let from = 0;
  let open = text.indexOf('{');
  while (open !== -1) {
    const end = closingBrace(text, open);
    const value = end === -1 ? undefined : parseJson(text.slice(open, end));
    if (isObject(value)) {
      objects.push(value);
      prose += text.slice(from, open);
      from = end;
    }
    open = text.indexOf('{', isObject(value) ? end : open + 1);
  }
  return { prose: prose + text.slice(from), objects };
}

/** Just after the brace that closes the one at `open`; -1 if none does or they nest too deeply. Braces in strings do not count. */
function closingBrace(text: string, open: number): number {
  let depth = 0;
  let inString = false;
  for (let at = open; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1;
    if (depth > MAX_NESTING) return -1;
  }
  return -1;
}
