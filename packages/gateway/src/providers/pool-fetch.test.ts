import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createPoolFetch } from './pool-fetch.ts';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PoolFetch } from './pool-fetch.ts';

let server: Server;
let pool: PoolFetch;

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  server = createServer(handle);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  pool = createPoolFetch();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  await pool.close();
  server.closeAllConnections();
  await new Promise((resolve) => void server.close(resolve));
});

test('sends what it is given and gives back status, headers and a streamed body', async () => {
  const seen: unknown[] = [];
  const origin = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      seen.push([request.method, request.url, request.headers['x-team'], body]);
      response.writeHead(429, { 'retry-after': '3', 'set-cookie': ['a=1', 'b=2'] });
      response.write('one ');
      response.end('two');
    });
  });
  const response = await pool.fetch(`${origin}/v1/chat?alt=sse`, {
    method: 'POST',
    headers: { 'x-team': 'cx' },
    body: '{"model":"m"}',
  });
  expect(seen).toEqual([['POST', '/v1/chat?alt=sse', 'cx', '{"model":"m"}']]);
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('3');
  expect(await response.text()).toBe('one two');
});

test('connections serve one request after the other', async () => {
  const ports = new Set<number | undefined>();
  const origin = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    response.end('ok');
  });
  for (let call = 0; call < 10; call++) await (await pool.fetch(origin)).text();
  // A request made in the very turn in which the one before it ends takes a second connection.
  expect(ports.size).toBeLessThanOrEqual(2);
});

test('a redirect is handed over, not followed', async () => {
  const origin = await serve(
    (_, response) => void response.writeHead(307, { location: 'http://elsewhere.test' }).end(),
  );
  const response = await pool.fetch(origin, { method: 'POST', body: '{}' });
  expect(response.status).toBe(307);
});

test('an abort before the headers rejects with its reason and destroys the socket', async () => {
  const controller = new AbortController();
  let closed: Promise<unknown> = Promise.resolve();
  const origin = await serve((request) => {
    closed = new Promise((resolve) => void request.socket.once('close', resolve));
    controller.abort(new Error('enough'));
  });
  await expect(pool.fetch(origin, { signal: controller.signal })).rejects.toThrow('enough');
  await closed;
});

test.each(['aborting', 'cancelling the body'] as const)('%s mid-answer destroys the socket', async (how) => {
  const controller = new AbortController();
  let closed: Promise<unknown> = Promise.resolve();
  const origin = await serve((request, response) => {
    closed = new Promise((resolve) => void request.socket.once('close', resolve));
    response.write('half an answer');
  });
  const { body } = await pool.fetch(origin, { signal: controller.signal });
  const reader = body!.getReader();
  await reader.read();
  if (how === 'aborting') {
    controller.abort(new Error('enough'));
    await expect(reader.read()).rejects.toThrow('enough');
  } else {
    await reader.cancel();
  }
  await closed;
});

test('a signal that was aborted before sends nothing', async () => {
  let requests = 0;
  const origin = await serve((_, response) => {
    requests++;
    response.end();
  });
  await expect(pool.fetch(origin, { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow(
    'too late',
  );
  expect(requests).toBe(0);
});

test('a connection reset before the headers rejects, one mid-answer breaks the body', async () => {
  const origin = await serve((request, response) => {
    if (request.url === '/early') request.socket.resetAndDestroy();
    else response.write('half an answer', () => request.socket.resetAndDestroy());
  });
  await expect(pool.fetch(`${origin}/early`)).rejects.toThrow();
  const response = await pool.fetch(`${origin}/late`);
  await expect(response.text()).rejects.toThrow();
});

test('closing fails what is in flight', async () => {
  const origin = await serve((_, response) => void response.write('half an answer'));
  const { body } = await pool.fetch(origin);
  const rest = new Response(body).text();
  await pool.close();
  await expect(rest).rejects.toThrow();
});
