import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBody } from '../provider-error.ts';
import { createSseEvents } from './sse-events.ts';
import { eventData } from './wires.ts';

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

/** Cuts at the given places and hands the pieces over one by one. */
function feed(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const events = createSseEvents();
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).flatMap((end, at) => {
    const whole = events.push(bytes.subarray(places[at], end));
    if (whole === 'too-large') throw new Error('too large');
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
      if (given === null || given === 'too-large' || given.length === 0) return;
      expect(Buffer.from(given).toString('latin1')).toMatch(/(\n\n|\r\n\r\n|\r\r)$/);
    }),
  );
});

test('an event beyond 1 MB is too large, however small its pieces', () => {
  const events = createSseEvents();
  const piece = Buffer.alloc(64 * 1024, 'a');
  const answers = Array.from({ length: 20 }, () => events.push(piece));
  expect(answers.slice(0, 16)).toEqual(Array.from({ length: 16 }, () => null));
  expect(answers.at(-1)).toBe('too-large');
});
