import { play } from './player.ts';
import type { Clock } from '@paceline/resilience';
import type { Exchange, Stage } from './player.ts';
import type { Incoming } from './respond.ts';

type Fetch = typeof globalThis.fetch;

const encoder = new TextEncoder();

/** A `fetch` that the simulated providers answer in process, on the given clock: for virtual time. */
export function inProcessFetch(receive: (incoming: Incoming) => Exchange, clock: Clock): Fetch {
  return async (input, init) => {
    const { incoming, signal } = await readRequest(input, init);
    signal?.throwIfAborted();
    return perform(receive(incoming), clock, signal);
  };
}

/** Settles as undici's fetch does: the response comes with its headers, and an abort rejects with the signal's reason. */
function perform(exchange: Exchange, clock: Clock, signal: AbortSignal | undefined): Promise<Response> {
  return new Promise((resolve, reject) => {
    let body: ReadableStreamDefaultController<Uint8Array> | undefined;
    const leave = (): void => {
      signal?.removeEventListener('abort', onAbort);
      cancel();
    };
    const fail = (error: unknown): void => {
      if (body === undefined) reject(error);
      else body.error(error);
    };
    const onAbort = (): void => {
      leave();
      fail(signal?.reason);
    };
    const stage: Stage = {
      head({ status, headers }) {
        const stream = new ReadableStream<Uint8Array>({
          start: (controller) => void (body = controller),
          cancel: leave,
        });
        resolve(new Response(stream, { status, headers }));
      },
      write: (text) => body?.enqueue(encoder.encode(text)),
      end(how) {
        signal?.removeEventListener('abort', onAbort);
        if (how === 'reset') fail(connectionReset(body === undefined ? 'fetch failed' : 'terminated'));
        else body?.close();
      },
    };
    const cancel = play(exchange, clock, stage);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** What undici's fetch throws when a peer resets the connection. */
function connectionReset(message: string): TypeError {
  const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  return new TypeError(message, { cause });
}

async function readRequest(
  input: Parameters<Fetch>[0],
  init: Parameters<Fetch>[1],
): Promise<{ incoming: Incoming; signal: AbortSignal | undefined }> {
  const request = input instanceof Request ? input : undefined;
  const url = new URL(request?.url ?? String(input));
  const headers = new Headers(init?.headers ?? request?.headers);
  const body = init?.body ?? null;
  return {
    incoming: {
      method: init?.method ?? request?.method ?? 'GET',
      path: `${url.pathname}${url.search}`,
      headers: Object.fromEntries(headers),
      body: typeof body === 'string' ? body : await (request ?? new Response(body)).text(),
    },
    signal: init?.signal ?? request?.signal ?? undefined,
  };
}
