import { Agent } from 'undici';
import type { Dispatcher } from 'undici';

export interface PoolFetch {
  readonly fetch: typeof globalThis.fetch;
  /** Cuts all connections; requests in flight fail. */
  close(): Promise<void>;
}

/** Between calls of a chain a warm connection saves a TCP and a TLS handshake; load balancers cut idle ones at 60 s. */
const KEEP_ALIVE_MS = 30_000;

/**
 * Network reads, of at most 64 KB, that may wait for their reader. The gateway reads at once, so only an upstream that floods us
 * gets here; pausing the socket instead costs undici's parser dearly (measured: seconds of CPU at 16 streams).
 */
const MOST_CHUNKS_WAITING = 1_024;

/**
 * A fetch over kept-alive HTTP/1.1 connections, as much of one as the provider adapters use: a URL, headers, a body that is
 * a string, a signal. It costs half the CPU of the built-in one. It follows no redirect (they would carry the credential
 * to another origin), has no time-out of its own (the watchdogs have), and an abort destroys the socket, which is how
 * providers learn to stop generating.
 */
export function createPoolFetch(): PoolFetch {
  const agent = new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Over HTTP/2 an abort ends one stream of a connection that other calls share; a socket per call is simpler to trust.
    allowH2: false,
  });
  return {
    fetch: (input, init = {}) =>
      new Promise((resolve, reject) => {
        const { signal } = init;
        if (signal?.aborted) return reject(signal.reason);
        const url = new URL(input instanceof Request ? input.url : input);
        agent.dispatch(
          {
            origin: url.origin,
            path: url.pathname + url.search,
            method: init.method ?? 'GET',
            headers: Object.fromEntries(new Headers(init.headers)),
            body: typeof init.body === 'string' ? init.body : null,
          },
          new Exchange({ signal: signal ?? null, resolve, reject }),
        );
      }),
    close: () => agent.destroy(),
  };
}

interface Settlement {
  readonly signal: AbortSignal | null;
  readonly resolve: (response: Response) => void;
  readonly reject: (error: unknown) => void;
}

/** One request and its response, fed by undici's parser without a Node stream in between. */
class Exchange implements Dispatcher.DispatchHandler {
  private readonly settlement: Settlement;
  private request: Dispatcher.DispatchController | undefined;
  private body: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(settlement: Settlement) {
    this.settlement = settlement;
    settlement.signal?.addEventListener('abort', this.abort, { once: true });
  }

  onRequestStart(request: Dispatcher.DispatchController): void {
    this.request = request;
    if (this.settlement.signal?.aborted === true) this.abort();
  }

  onResponseStart(
    _request: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.body = controller),
        cancel: () => this.abort(),
      },
      { highWaterMark: MOST_CHUNKS_WAITING },
    );
    this.settlement.resolve(new Response(body, { status, headers: toHeaders(headers) }));
  }

  onResponseData(request: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.body?.enqueue(chunk);
    if (this.body?.desiredSize === 0)
      request.abort(new RangeError('The response came faster than it was read.'));
  }

  onResponseEnd(): void {
    this.unlisten();
    this.body?.close();
  }

  onResponseError(_request: Dispatcher.DispatchController, error: Error): void {
    this.unlisten();
    this.settlement.reject(error);
    this.body?.error(error);
  }

  private readonly abort = (): void => {
    this.unlisten();
    const reason: unknown = this.settlement.signal?.reason;
    const error =
      reason instanceof Error ? reason : new DOMException('The request was aborted.', 'AbortError');
    this.request?.abort(error);
    // Still waiting for a connection: nobody else would settle the promise before there is one.
    this.settlement.reject(error);
  };

  private unlisten(): void {
    this.settlement.signal?.removeEventListener('abort', this.abort);
  }
}

function toHeaders(raw: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw)) {
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== undefined) headers.append(name, each);
  }
  return headers;
}
