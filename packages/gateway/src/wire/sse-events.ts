import { createKeptBytes } from './kept-bytes.ts';
import { nestedWithin } from './nesting.ts';
import { eventTexts } from './wires.ts';

const LF = 10;
const CR = 13;
const OPEN_BRACKET = 91;
const OPEN_BRACE = 123;

/** How large the parts of a stream may be. More is an attack or a fault: providers' events run to a few kilobytes. */
export interface SseLimits {
  readonly lineBytes: number;
  /** Of all lines of one event. */
  readonly eventBytes: number;
  /** Blank lines and comments included. */
  readonly events: number;
  /** Arrays and objects inside each other, in the data of one event. */
  readonly depth: number;
}

export const SSE_LIMITS: SseLimits = {
  lineBytes: 1024 * 1024,
  eventBytes: 8 * 1024 * 1024,
  events: 1_000_000,
  depth: 64,
};

/** The limit that a stream has overrun. */
export type Overrun = keyof SseLimits;

/** Cuts a byte stream into whole events and keeps back the unfinished rest. */
export interface EventCutter {
  /** The bytes of all events that `chunk` completes, with those kept back before; `null` if it completes none. */
  push(chunk: Uint8Array): Uint8Array | Overrun | null;
}

/**
 * Whoever reads what `push` returns never sees half an event, so a cut stream cannot end in a malformed one, and a
 * missing end marker can be put after it safely; nor one that is beyond a limit. Looks at each byte once.
 */
export function createSseEvents(limits: SseLimits = SSE_LIMITS): EventCutter {
  const rest = createKeptBytes();
  /** The last byte, and the one before it: a blank line may begin in them. */
  let tail: readonly [number, number] = [0, 0];
  /** Of the unfinished line. */
  let lineBytes = 0;
  /** Opened in the unfinished event, wherever in it. */
  let brackets = 0;
  let events = 0;

  const scan = (chunk: Uint8Array): Scan | Overrun => {
    let end = 0;
    let mayBeDeep = false;
    let lineStart = -lineBytes;
    let eventStart = -rest.length;
    // Local while the bytes go by, for speed: no closure may hold them, nor `chunk`.
    let [before, beforeThat] = tail;
    let opened = brackets;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) opened++;
      else if (byte === LF || byte === CR) {
        if (at - lineStart > limits.lineBytes) return 'lineBytes';
        lineStart = at + 1;
        // Line ends are LF, CR LF or CR: a blank line is LF LF, CR LF CR LF or CR CR.
        if (byte === before || (byte === LF && before === CR && beforeThat === LF)) {
          end = lineStart;
          if (end - eventStart > limits.eventBytes) return 'eventBytes';
          if (++events > limits.events) return 'events';
          eventStart = end;
          mayBeDeep ||= opened > limits.depth;
          opened = 0;
        }
      }
      beforeThat = before;
      before = byte;
    }
    tail = [before, beforeThat];
    brackets = opened;
    lineBytes = chunk.length - lineStart;
    if (lineBytes > limits.lineBytes) return 'lineBytes';
    return chunk.length - eventStart > limits.eventBytes ? 'eventBytes' : { end, mayBeDeep };
  };

  return {
    push(chunk) {
      const scanned = scan(chunk);
      if (typeof scanned === 'string') return scanned;
      const { end, mayBeDeep } = scanned;
      if (end === 0) {
        rest.add(chunk);
        return null;
      }
      const whole = rest.takeWith(chunk.subarray(0, end));
      rest.add(chunk.subarray(end));
      return mayBeDeep && isTooDeep(whole, limits.depth) ? 'depth' : whole;
    },
  };
}

interface Scan {
  /** Just after the last event that is whole; 0 if there is none. */
  readonly end: number;
  /** One of the events has so many brackets that they could stand inside each other. */
  readonly mayBeDeep: boolean;
}

function isTooDeep(events: Uint8Array, depth: number): boolean {
  const text = Buffer.from(events.buffer, events.byteOffset, events.byteLength).toString('utf8');
  return !eventTexts(text).every((data) => nestedWithin(depth, data));
}
