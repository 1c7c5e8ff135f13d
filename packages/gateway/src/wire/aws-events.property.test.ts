import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { awsMessage } from '../test-support/aws-messages.ts';
import { awsEventData, createAwsEvents } from './aws-events.ts';

const message = fc.record({
  type: fc.constantFrom('messageStart', 'contentBlockDelta', 'messageStop'),
  payload: fc.record({ text: fc.string({ unit: 'grapheme', maxLength: 20 }) }),
});
const messages = fc.array(message, { maxLength: 6 });
const bytesOf = (all: readonly { type: string; payload: object }[]) =>
  Buffer.concat(all.map(({ type, payload }) => awsMessage(type, payload)));

/** What comes out when the bytes are handed over in pieces of the given sizes, over and over. */
function feed(bytes: Buffer, sizes: readonly number[]): unknown[] {
  const events = createAwsEvents();
  const data: unknown[] = [];
  let at = 0;
  for (let piece = 0; at < bytes.length; piece++) {
    const end = at + (sizes[piece % sizes.length] ?? 1);
    const whole = events.push(bytes.subarray(at, end));
    if (typeof whole === 'string') throw new Error(whole);
    if (whole !== null) data.push(...awsEventData(whole));
    at = end;
  }
  return data;
}

test('messages come out whole and in order, however the bytes are cut', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(messages, sizes, (all, pieces) => {
      expect(feed(bytesOf(all), pieces)).toEqual(all.map(({ type, payload }) => ({ [type]: payload })));
    }),
  );
});

test('a message that is not whole never comes out', () => {
  fc.assert(
    fc.property(messages, message, fc.nat(), (all, last, cut) => {
      const tail = bytesOf([last]);
      const bytes = Buffer.concat([bytesOf(all), tail.subarray(0, cut % tail.length)]);
      expect(feed(bytes, [7])).toHaveLength(all.length);
    }),
  );
});

test('a message without its last byte is kept back until that comes', () => {
  const bytes = awsMessage('messageStop', { stopReason: 'end_turn' });
  const events = createAwsEvents();
  expect(events.push(bytes.subarray(0, -1))).toBeNull();
  expect(events.push(bytes.subarray(-1))).toEqual(bytes);
});

test('nothing that upstream sends makes it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 16, max: 250 }), (noise, size) => {
      // Believable lengths, so that the noise is taken for messages.
      const bytes = Buffer.from(noise);
      for (let at = 0; at + 8 <= bytes.length; at += size) bytes.writeUInt32BE(size, at);
      const whole = createAwsEvents().push(bytes);
      if (whole !== null && typeof whole !== 'string') awsEventData(whole);
    }),
  );
});

test('an exception is an error with its name', () => {
  const data = awsEventData(awsMessage('throttlingException', { message: 'Slow down.' }, 'exception'));
  expect(data).toEqual([{ error: { type: 'throttlingException', message: 'Slow down.' } }]);
});

test.each([
  ['eventBytes', { eventBytes: 80 }],
  ['events', { events: 1 }],
  ['depth', { depth: 2 }],
])('what is beyond a limit does not come out: %s', (limit, lower) => {
  const events = createAwsEvents({ eventBytes: 1_000, events: 9, depth: 9, ...lower });
  const deep = bytesOf([
    { type: 'messageStop', payload: { a: { b: {} } } },
    { type: 'messageStop', payload: {} },
  ]);
  expect(events.push(deep)).toBe(limit);
});
