import type { Clock } from '@paceline/resilience';
import { noEvidence } from './evidence.ts';
import { TappedBody } from './tapped-body.ts';
import type { Evidence } from './evidence.ts';
import type { Wire } from './wires.ts';

export interface TapOptions {
  readonly fetch: typeof globalThis.fetch;
  /** `null`: a model of the user's own, in a format we do not know. Its stream passes unread. */
  readonly wire: Wire | null;
  readonly clock: Clock;
  /** Aborting it closes the connection, whatever the adapter is waiting for. */
  readonly signal: AbortSignal;
  /** Response headers have arrived. */
  readonly onHeaders: () => void;
}

export interface Tap {
  /** Stands between the adapter and the network for one attempt. */
  readonly fetch: typeof globalThis.fetch;
  readonly evidence: Readonly<Evidence>;
}

const LARGEST_ERROR_BYTES = 64 * 1024;

/** A fetch that watches the exchange go by. */
export function createTap({ fetch, wire, clock, signal, onHeaders }: TapOptions): Tap {
  const evidence = noEvidence();
  return {
    evidence,
    async fetch(input, init) {
      evidence.sent = true;
      const response = await fetch(input, { ...init, signal, redirect: 'manual' });
      const { status, headers, body } = response;
      evidence.status = status;
      evidence.headers = headers;
      onHeaders();
      if (body === null) return response;
      if (response.ok && wire === null) return response;
      if (wire !== null && isEventStream(response)) {
        const tapped = new TappedBody(body.getReader(), { wire, clock, signal, evidence });
        return new Response(new ReadableStream(tapped, { highWaterMark: 0 }), { status, headers });
      }
      evidence.body = await boundedText(body.getReader(), signal);
      return new Response(evidence.body, { status, headers });
    },
  };
}

/** Some servers forget to name the type. What names another one is a page or an error, whatever its status says. */
function isEventStream({ ok, headers }: Response): boolean {
  return ok && !/json|html/.test(headers.get('content-type') ?? '');
}

async function boundedText(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  const stop = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (let left = LARGEST_ERROR_BYTES; left > 0;) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value.subarray(0, left));
      left -= value.length;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
  return Buffer.concat(chunks).toString('utf8');
}
