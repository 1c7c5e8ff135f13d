import { digestOf } from './seal.ts';

/** An entry as it stands in a row. */
export interface WrittenEntry {
  readonly seq: number;
  /** Since the run's start: in a third of the characters, and V8 writes small integers faster than large ones. */
  readonly afterMs: number;
  /** Of the run's state after the entry. */
  readonly stateSum: number;
  /** Its event as JSON, or the name of a long one: see `KEPT_APART`. */
  readonly event: string;
}

/** How far a run, or a part of its entries, has come. */
export interface Link {
  readonly seq: number;
  /** Vouches for all entries up to this one. */
  readonly chain: string;
}

/** Stands before the SHA-256 of an event that is kept apart, in hex. No JSON object begins like that. */
const KEPT_APART = '#';

export function nameOfEvent(key: string): string {
  return `${KEPT_APART}${key}`;
}

/** The key under which a long event is kept, if it is one. */
export function keyOfEvent(event: string): string | undefined {
  return event.startsWith(KEPT_APART) ? event.slice(KEPT_APART.length) : undefined;
}

/** One entry as text. Entries stand one after another, each ended by a line feed, which no JSON on one line contains. */
export function entryText({ afterMs, stateSum, event }: Omit<WrittenEntry, 'seq'>): string {
  return `${afterMs} ${stateSum} ${event}\n`;
}

/** The link of an entry: the links before it, what it says, and by its sum the state it led to. */
export function linkOf(before: string, seq: number, text: string): string {
  // No link and no number holds a colon.
  return digestOf(`${before}:${seq}:${text}`);
}

export interface Followed {
  readonly entries: readonly WrittenEntry[];
  readonly end: Link;
}

/** Reads entries that follow one another from a link on. Whether their end is the right one is for the caller to see. */
export function follow(text: string, from: Link): Followed {
  const entries: WrittenEntry[] = [];
  let { seq, chain } = from;
  for (let at = 0; at < text.length;) {
    const next = nextLineAt(text, at);
    const line = text.slice(at, next);
    seq++;
    chain = linkOf(chain, seq, line);
    entries.push(parsed(seq, line));
    at = next;
  }
  return { entries, end: { seq, chain } };
}

/** Where the next line begins. */
function nextLineAt(text: string, from: number): number {
  const feed = text.indexOf('\n', from);
  return feed === -1 ? text.length : feed + 1;
}

/** What is not an entry gives nonsense, of which the links then tell. */
function parsed(seq: number, line: string): WrittenEntry {
  const [afterMs = '', stateSum = ''] = line.split(' ', 2);
  const event = line.slice(afterMs.length + stateSum.length + 2, -1);
  return { seq, afterMs: Number(afterMs), stateSum: Number(stateSum), event };
}
