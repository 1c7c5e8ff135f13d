import { listOf } from './chart.ts';
import type { OneOrMany, RawTransition, RawTransitions } from './chart.ts';

/** A changed workflow may differ in a hundred places; the first few tell which edit it was. */
const MOST_CHANGES = 5;

/** What differs between two shapes (see `workflowShape`), in one line for a message; empty if nothing does. */
export function shapeDifference(before: string, after: string): string {
  const changes = shapeChanges(before, after);
  const more = changes.length - MOST_CHANGES;
  return [...changes.slice(0, MOST_CHANGES), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

/** Every difference with its place: what is gone, what is new, what has changed. */
export function shapeChanges(before: string, after: string): readonly string[] {
  const was = partsOf(before);
  const is = partsOf(after);
  return [
    ...missing(was, is).map((place) => `${place} is gone`),
    ...missing(is, was).map((place) => `${place} is new`),
    ...[...was].flatMap(([place, { fields }]) => {
      const now = is.get(place);
      return now === undefined ? [] : fieldChanges(place, fields, now.fields);
    }),
  ];
}

type Fields = Readonly<Record<string, unknown>>;

/** A named piece of a workflow. */
interface Part {
  /** The place of what it is part of; gone or new with it. */
  readonly of: string;
  readonly fields: Fields;
}

type Parts = Map<string, Part>;

/** Parts that the other side does not have; not those of a part that is missing as a whole. */
function missing(own: Parts, other: Parts): readonly string[] {
  return [...own].flatMap(([place, { of }]) =>
    other.has(place) || (own.has(of) && !other.has(of)) ? [] : [place],
  );
}

interface ShapeFields {
  readonly machine: NodeFields;
  readonly steps: readonly NamedFields[];
  readonly signals: readonly NamedFields[];
}

type NamedFields = Fields & { readonly name: string };

interface NodeFields extends Fields {
  readonly states?: Readonly<Record<string, NodeFields>>;
  readonly invoke?: OneOrMany<InvokeFields>;
  readonly on?: Readonly<Record<string, RawTransitions>>;
  readonly after?: Readonly<Record<string, RawTransitions>>;
  readonly always?: RawTransitions;
  readonly onDone?: RawTransitions;
}

interface InvokeFields extends Fields {
  readonly id: string;
  readonly onDone?: RawTransitions;
  readonly onError?: RawTransitions;
}

function partsOf(shape: string): Parts {
  const { machine, steps, signals } = JSON.parse(shape) as ShapeFields;
  const parts: Parts = new Map();
  addState(parts, machine, { path: '', of: '' });
  for (const { name, ...fields } of steps) parts.set(`step \`${name}\``, { of: '', fields });
  for (const { name, ...fields } of signals) parts.set(`signal \`${name}\``, { of: '', fields });
  return parts;
}

function addState(parts: Parts, node: NodeFields, { path, of }: { path: string; of: string }): void {
  const { states = {}, invoke, on = {}, after = {}, always, onDone, ...fields } = node;
  const place = path === '' ? 'the machine' : `state \`${path}\``;
  parts.set(place, { of, fields });
  for (const { id, onDone: done, onError: error, ...own } of listOf(invoke)) {
    const invoked = `invoke \`${id}\` of ${place}`;
    parts.set(invoked, { of: place, fields: own });
    addEdges(parts, invoked, { onDone: done, onError: error });
  }
  addEdges(parts, place, { always, onDone });
  for (const [event, edges] of Object.entries(on)) addEdges(parts, place, { [`on \`${event}\``]: edges });
  for (const [delay, edges] of Object.entries(after)) addEdges(parts, place, { [`after ${delay}`]: edges });
  for (const [key, inner] of Object.entries(states)) {
    addState(parts, inner, { path: path === '' ? key : `${path}.${key}`, of: place });
  }
}

function addEdges(parts: Parts, of: string, edges: Readonly<Record<string, RawTransitions | undefined>>) {
  for (const [name, transitions] of Object.entries(edges)) {
    listOf(transitions).forEach((transition, at) => {
      const branch = at === 0 ? '' : `, branch ${at + 1}`;
      parts.set(`${name}${branch} of ${of}`, { of, fields: edgeFields(transition) });
    });
  }
}

/** A target by its name alone, alone in a list, or as one of several fields is the same. */
function edgeFields(transition: string | RawTransition | undefined): Fields {
  const fields = typeof transition === 'object' ? transition : { target: transition };
  return { ...fields, target: listOf(fields.target).join(', ') };
}

function fieldChanges(place: string, was: Fields, is: Fields): readonly string[] {
  return keysOf(was, is).flatMap((key) => {
    const leaf = firstDifference([key], was[key], is[key]);
    return leaf === undefined ? [] : [`${leaf.path.join('.')} of ${place} ${inWords(leaf)}`];
  });
}

interface Leaf {
  readonly path: readonly string[];
  readonly was: unknown;
  readonly is: unknown;
}

function firstDifference(path: readonly string[], was: unknown, is: unknown): Leaf | undefined {
  if (JSON.stringify(was) === JSON.stringify(is)) return undefined;
  if (!isTree(was) || !isTree(is)) return { path, was, is };
  const inner = keysOf(was, is).map((key) => firstDifference([...path, key], was[key], is[key]));
  return inner.find((leaf) => leaf !== undefined);
}

function keysOf(was: Fields, is: Fields): readonly string[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])];
}

/** An object in which a change can be told more exactly: neither a function nor an action of XState's. */
function isTree(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { source, type } = value as Fields;
  return typeof source !== 'string' && !(typeof type === 'string' && type.startsWith('xstate.'));
}

/** Beyond it, saying what a value was and is now would hide the rest of the message. */
const LONGEST_VALUE = 60;

const HOLDS_CODE = /"source":"|"xstate\./;

function inWords({ was, is }: Leaf): string {
  if (was === undefined || was === '') return 'is new';
  if (is === undefined || is === '') return 'is gone';
  const [before, after] = [JSON.stringify(was), JSON.stringify(is)];
  const texts = [before, after];
  const isReadable = texts.every((text) => text.length <= LONGEST_VALUE && !HOLDS_CODE.test(text));
  return isReadable ? `changed from ${before} to ${after}` : 'changed';
}
