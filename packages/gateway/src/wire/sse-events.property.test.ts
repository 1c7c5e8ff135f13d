import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBody } from '../provider-error.ts';
import { createSseEvents, SSE_LIMITS } from './sse-events.ts';
import { eventData } from './wires.ts';
import type { Overrun, SseLimits } from './sse-events.ts';

const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
const event = fc.record({
  data: fc.array(
    fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll(/[\r\n]/g, ' ')),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  comment: fc.boolean(),
});

/** A stream in one style of line ends, and the data of its events. */
const sseStream = fc
  .record({ events: fc.array(event, { maxLength: 8 }), end: lineEnd })
  .map(({ events, end }) => {
    const text = events
      .map(({ data, comment }) =>
        [...(comment ? [': ping'] : []), ...data.map((line) => `data: ${line}`), '', ''].join(end),
      )
      .join('');
    return {
      bytes: Buffer.from(text),
      data: events.map((each) => each.data.map((line) => line.trim()).join('\n')),
    };
  });

const asData = (bytes: Uint8Array) => eventData(Buffer.from(bytes).toString('utf8'));

/** Cuts at the given places. */
function cutUp(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, at) => bytes.subarray(places[at], end));
}

/** What comes out when the pieces are handed over one by one. */
function feed(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const events = createSseEvents();
  return cutUp(bytes, cuts).flatMap((piece) => {
    const whole = events.push(piece);
    if (typeof whole === 'string') throw new Error(whole);
    return whole === null ? [] : [whole];
  });
}

test('however the bytes are cut, the events come out whole and in order', () => {
  fc.assert(
    fc.property(sseStream, fc.array(fc.nat(500), { maxLength: 12 }), ({ bytes }, cuts) => {
      const pieces = feed(bytes, cuts);
      expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
      expect(pieces.flatMap(asData)).toEqual(asData(bytes));
    }),
  );
});

test('the data of an event is its data lines, and nothing else', () => {
  fc.assert(
    fc.property(sseStream, ({ bytes, data }) => {
      expect(asData(bytes)).toEqual(data.map(parseBody));
    }),
  );
});

test('an unfinished event is kept back', () => {
  fc.assert(
    fc.property(sseStream, fc.nat(500), ({ bytes }, cut) => {
      const events = createSseEvents();
      const given = events.push(bytes.subarray(0, cut));
      if (given === null || typeof given === 'string') return;
      expect(Buffer.from(given).toString('latin1')).toMatch(/(\n\n|\r\n\r\n|\r\r)$/);
    }),
  );
});

/** The limit that the first of these pieces to be refused has overrun. */
function overrun(pieces: readonly (string | Uint8Array)[], limits: Partial<SseLimits>): Overrun | null {
  const events = createSseEvents({ ...SSE_LIMITS, ...limits });
  for (const piece of pieces) {
    const answer = events.push(Buffer.from(piece));
    if (typeof answer === 'string') return answer;
  }
  return null;
}

test.each<{ limit: Overrun; most: number; within: string; beyond: string }>([
  { limit: 'lineBytes', most: 9, within: 'data: abc\n\n', beyond: 'data: abcd\n\n' },
  { limit: 'lineBytes', most: 9, within: 'data: abc', beyond: 'data: abcd' },
  { limit: 'lineBytes', most: 9, within: 'data: abc\r\n\r\n', beyond: 'data: abcd\r\n\r\n' },
  {
    limit: 'eventBytes',
    most: 17,
    within: 'data: a\n\ndata: b\ndata: c\n\n',
    beyond: 'data: a\n\ndata: b\ndata: cd\n\n',
  },
  {
    limit: 'eventBytes',
    most: 16,
    within: 'data: a\n\ndata: b\ndata: c\n',
    beyond: 'data: a\n\ndata: b\ndata: cd\n',
  },
  { limit: 'events', most: 2, within: 'data: a\n\n:\n\n:', beyond: 'data: a\n\n:\n\n:\n\n' },
  { limit: 'events', most: 2, within: '\n\n\n', beyond: '\n\n\n\n' },
  { limit: 'depth', most: 2, within: 'data: [{"a":"[[["}]\n\n', beyond: 'data: [{"a":[]}]\n\n' },
  { limit: 'depth', most: 2, within: 'data: [[],[],[]]\n\n', beyond: 'data: [[],[[]]]\n\n' },
  { limit: 'depth', most: 2, within: 'data: [[\ndata: ]]\n\n', beyond: 'data: [[\ndata: []]]\n\n' },
  { limit: 'depth', most: 2, within: ': [[[\n\n', beyond: '\uFEFFdata: [[[]]]\n\n' },
  { limit: 'depth', most: 1, within: 'event: "\ndata: []\n\n', beyond: 'event: "\ndata: [[]]\n\n' },
  { limit: 'depth', most: 1, within: 'data: []\n\n', beyond: ': ]]\ndata: [[]]\n\n' },
])('$limit of $most: up to it, and not beyond', ({ limit, most, within, beyond }) => {
  fc.assert(
    fc.property(fc.array(fc.nat(500), { maxLength: 12 }), (cuts) => {
      expect(overrun(cutUp(Buffer.from(within), cuts), { [limit]: most })).toBeNull();
      expect(overrun(cutUp(Buffer.from(beyond), cuts), { [limit]: most })).toBe(limit);
    }),
  );
});

test('no more is kept than an event may have, however small the pieces', () => {
  const piece = Buffer.from('data: \n'.repeat(16 * 1024));
  const pieces = Math.floor(SSE_LIMITS.eventBytes / piece.length);
  const within = Array.from({ length: pieces }, () => piece);
  expect(overrun(within, {})).toBeNull();
  expect(overrun([...within, piece], {})).toBe('eventBytes');
  expect(overrun(['data: ', 'a'.repeat(SSE_LIMITS.lineBytes)], {})).toBe('lineBytes');
});
