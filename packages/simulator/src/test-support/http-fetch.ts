import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Simulator } from '../simulator.ts';

/** As much of `fetch` over a real socket as the tests need. */
export const httpFetch: Simulator['fetch'] = (input, init) =>
  new Promise((resolve, reject) => {
    const { method = 'GET', headers, body, signal } = init ?? {};
    const options = {
      method,
      headers: Object.fromEntries(new Headers(headers)),
      ...(signal ? { signal } : {}),
    };
    const request = httpRequest(String(input), options, (response) => {
      const stream = Readable.toWeb(response) as ReadableStream<Uint8Array>;
      const heard = new Headers(response.headers as Record<string, string>);
      resolve(new Response(stream, { status: response.statusCode ?? 0, headers: heard }));
    });
    request.once('error', reject);
    request.end(body);
  });
