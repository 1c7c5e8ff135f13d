import { createServer } from 'node:http';
import { play } from './player.ts';
import type { Clock } from '@paceline/resilience';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Exchange, Stage } from './player.ts';
import type { Incoming } from './respond.ts';
import type { Script } from './script.ts';

export interface ListenOptions {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** 0 takes any free one. @default 0 */
  readonly port?: number;
}

export interface Listening {
  /** The origin to call, e.g. `http://127.0.0.1:40123`: the loopback address where it listens on all there are. */
  readonly url: string;
  /** Stops at once: connections are closed and calls in flight count as cancelled. */
  close(): Promise<void>;
}

/** Larger request bodies are answered 413. */
const BODY_LIMIT_BYTES = 16 * 1024 * 1024;

/** Longer than any client's pool keeps an idle connection, so that no request meets a socket we are closing. */
const KEEP_ALIVE_MS = 120_000;

/**
 * Serves the simulated providers over HTTP, for real time.
 * @throws Error of `node:net` when the port cannot be had, e.g. `EADDRINUSE`
 */
export async function listen(
  receive: (incoming: Incoming) => Exchange,
  clock: Clock,
  { host = '127.0.0.1', port = 0 }: ListenOptions,
): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    readRequest(request).then(
      (incoming) => perform(receive(incoming), clock, response),
      () => response.destroy(), // the client left while it was still sending
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${hostInUrl(host)}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** "All addresses" (0.0.0.0 and ::) is none that a client could call. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function perform(exchange: Exchange, clock: Clock, response: ServerResponse): void {
  const cancel = play(exchange, clock, socketStage(exchange.script, response));
  if (response.destroyed) cancel();
  else response.once('close', cancel);
}

function socketStage(script: Script, response: ServerResponse): Stage {
  return {
    head({ status, headers }) {
      if (script.end.how === 'fin') {
        // Neither a length nor chunks: the closing connection alone ends the body.
        response.useChunkedEncodingByDefault = false;
        response.shouldKeepAlive = false;
      }
      response.writeHead(status, headers);
      response.flushHeaders();
    },
    write: (text) => void response.write(text),
    end(how) {
      if (how === 'reset') response.socket?.resetAndDestroy();
      else response.end();
    },
  };
}

async function readRequest(request: IncomingMessage): Promise<Incoming> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  return {
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: firstValues(request.headersDistinct),
    body: bytes > BODY_LIMIT_BYTES ? null : Buffer.concat(chunks).toString('utf8'),
  };
}

function firstValues(headers: NodeJS.Dict<string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values?.[0] ?? '']));
}
