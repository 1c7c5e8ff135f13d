import { isRecord, parseBody } from '../provider-error.ts';
import { createKeptBytes } from './kept-bytes.ts';
import { nestedWithin } from './nesting.ts';
import { SSE_LIMITS } from './sse-events.ts';
import type { EventCutter, SseLimits } from './sse-events.ts';

/**
 * AWS's event stream: binary messages, each of a length (4 bytes, big-endian), the length of its headers (4), a checksum of both (4), the
 * headers, a payload and a checksum (4). The adapter checks the sums.
 * @see https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html
 */
const LENGTH_BYTES = 4;
const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
const LEAST_BYTES = PRELUDE_BYTES + CHECKSUM_BYTES;

/** Hands on whole messages only, and none beyond a limit. */
export function createAwsEvents(limits: Omit<SseLimits, 'lineBytes'> = SSE_LIMITS): EventCutter {
  const rest = createKeptBytes();
  /** Nothing can be told before so many bytes are there. */
  let needed = LENGTH_BYTES;
  let events = 0;
  return {
    push(chunk) {
      if (rest.length + chunk.length < needed) {
        rest.add(chunk);
        return null;
      }
      const bytes = bufferOf(rest.takeWith(chunk));
      let end = 0;
      needed = LENGTH_BYTES;
      while (bytes.length - end >= LENGTH_BYTES) {
        const size = bytes.readUInt32BE(end);
        if (size < LEAST_BYTES || size > limits.eventBytes) return 'eventBytes';
        if (bytes.length - end < size) {
          needed = size;
          break;
        }
        if (++events > limits.events) return 'events';
        if (!nestedWithin(limits.depth, payloadOf(bytes.subarray(end, end + size)))) return 'depth';
        end += size;
      }
      rest.add(bytes.subarray(end));
      return end === 0 ? null : bytes.subarray(0, end);
    },
  };
}

/**
 * What each whole message says: `{ [event type]: payload }`, and an exception as `{ error: { type, ... } }`. Like the other formats, an
 * event that cannot be read says nothing.
 */
export function awsEventData(bytes: Uint8Array): readonly unknown[] {
  const all = bufferOf(bytes);
  const events: unknown[] = [];
  for (let at = 0; at < all.length;) {
    const size = all.readUInt32BE(at);
    events.push(dataOf(all.subarray(at, at + size)));
    at += size;
  }
  return events;
}

function dataOf(message: Buffer): unknown {
  const headers = headersOf(message);
  const payload = parseBody(payloadOf(message));
  const type = headers.get(':event-type');
  if (type !== undefined) return { [type]: payload };
  const name = headers.get(':exception-type') ?? headers.get(':error-code');
  if (name === undefined) return {};
  const said = isRecord(payload) ? payload : { message: headers.get(':error-message') ?? '' };
  return { error: { type: name, ...said } };
}

function payloadOf(message: Buffer): string {
  return message
    .subarray(PRELUDE_BYTES + message.readUInt32BE(LENGTH_BYTES), -CHECKSUM_BYTES)
    .toString('utf8');
}

/** The value type of a header that is text; the only one with which an event says what it is. */
const TEXT = 7;

/** The headers up to the first that is no text. */
function headersOf(message: Buffer): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  const end = Math.min(PRELUDE_BYTES + message.readUInt32BE(LENGTH_BYTES), message.length - CHECKSUM_BYTES);
  for (let at = PRELUDE_BYTES; at < end;) {
    const nameEnd = at + 1 + message.readUInt8(at);
    const valueStart = nameEnd + 3;
    if (valueStart > end || message.readUInt8(nameEnd) !== TEXT) break;
    const valueEnd = valueStart + message.readUInt16BE(nameEnd + 1);
    headers.set(message.toString('utf8', at + 1, nameEnd), message.toString('utf8', valueStart, valueEnd));
    at = valueEnd;
  }
  return headers;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
