import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { systemClock } from '@paceline/resilience';
import { afterEach, expect, test, vi } from 'vitest';
import { createSimulator } from './simulator.ts';
import { httpFetch } from './test-support/http-fetch.ts';
import { sender, watch } from './test-support/observe.ts';
import { readAnswer } from './test-support/read-answer.ts';
import { WIRES } from './test-support/requests.ts';
import type { Listening } from './listen.ts';
import type { FaultRule } from './scenario/scenario.ts';
import type { Simulator } from './simulator.ts';

const QUICK = { firstTokenMs: { p50: 4, p95: 5 }, tokensPerSecond: 10_000 };

const open: Listening[] = [];
afterEach(async () => {
  for (const listening of open.splice(0)) await listening.close();
});

async function serve(faults: readonly FaultRule[] = []): Promise<{ sim: Simulator; url: string }> {
  const providers = Object.fromEntries(WIRES.map((wire) => [wire, { wire, latency: QUICK, faults }]));
  const sim = createSimulator({ seed: 1, scenario: { providers } });
  const listening = await sim.listen();
  open.push(listening);
  return { sim, url: listening.url };
}

const observe = (url: string, wire: (typeof WIRES)[number], signal?: AbortSignal) =>
  watch(sender(httpFetch, url)(wire, signal === undefined ? {} : { signal }), () => systemClock.nowMs());

test.each(WIRES)('a whole %s stream arrives over the socket', async (wire) => {
  const { sim, url } = await serve();
  const seen = await observe(url, wire);
  expect(seen).toMatchObject({ status: 200, end: 'closed' });
  expect(seen.headers).toMatchObject({ 'x-simulated': 'true', 'transfer-encoding': 'chunked' });
  expect(readAnswer(wire, seen.text).text).toContain('simulated answer');
  expect(sim.calls).toMatchObject([{ provider: wire, ended: 'answered', status: 200, fault: null }]);
});

test('the address given by `providers` is the one that answers', async () => {
  const { sim, url } = await serve();
  expect(sim.providers(url)).toEqual({
    openai: { wire: 'openai', baseUrl: `${url}/openai/v1`, identifyCalls: true },
    anthropic: { wire: 'anthropic', baseUrl: `${url}/anthropic/v1`, identifyCalls: true },
    google: { wire: 'google', baseUrl: `${url}/google/v1beta`, identifyCalls: true },
  });
});

test.each(WIRES)(
  'cut on %s: the body ends with the connection, and a client takes it for a clean end',
  async (wire) => {
    const { url } = await serve([{ fault: 'cut' }]);
    const seen = await observe(url, wire);
    expect(seen).toMatchObject({ status: 200, end: 'closed' });
    expect(seen.headers).not.toHaveProperty('transfer-encoding');
    expect(seen.headers['connection']).toBe('close');
    const { text, finish } = readAnswer(wire, seen.text);
    expect(text).toMatch(/^This/);
    expect(finish).toBeNull();
  },
);

test.each([
  ['reset', null],
  ['cut-reset', 200],
] as const)('%s: the socket is reset', async (fault, status) => {
  const { sim, url } = await serve([{ fault }]);
  const seen = await observe(url, 'openai');
  expect(seen).toMatchObject({ status, end: 'reset' });
  expect(sim.calls[0]).toMatchObject({ fault, ended: 'faulted', status });
});

test('an RST really is one, not a FIN', async () => {
  const { url } = await serve([{ fault: 'reset' }]);
  const client = httpRequest(`${url}/openai/v1/chat/completions`, { method: 'POST' });
  client.end(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }] }));
  const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
  expect(error.message).toBe('read ECONNRESET'); // a FIN would say "socket hang up"
});

test.each(['stall', 'stall-mid', 'held-open'] as const)(
  '%s: headers come at once; when the client leaves, the journal says so',
  async (fault) => {
    const { sim, url } = await serve([{ fault }]);
    const controller = new AbortController();
    const response = await sender(httpFetch, url)('anthropic', { signal: controller.signal });
    expect(response.status).toBe(200);
    expect(sim.calls[0]).toMatchObject({ status: 200, ended: null });
    controller.abort();
    await vi.waitFor(() => expect(sim.calls[0]).toMatchObject({ fault, ended: 'cancelled' }));
  },
);

test('stall-silent: when the client leaves, the journal says so', async () => {
  const { sim, url } = await serve([{ fault: 'stall-silent' }]);
  const controller = new AbortController();
  const watching = observe(url, 'anthropic', controller.signal);
  await vi.waitFor(() => expect(sim.calls).toHaveLength(1));
  controller.abort();
  expect((await watching).status).toBeNull();
  await vi.waitFor(() => expect(sim.calls[0]).toMatchObject({ status: null, ended: 'cancelled' }));
});

test('closing ends calls in flight', async () => {
  const { sim, url } = await serve([{ fault: 'stall' }]);
  const watching = observe(url, 'google');
  await vi.waitFor(() => expect(sim.calls[0]?.status).toBe(200));
  await open.pop()?.close();
  expect((await watching).end).toBe('reset');
  await vi.waitFor(() => expect(sim.calls[0]?.ended).toBe('cancelled'));
});

test('a body beyond the limit is answered 413 in the shape of the provider', async () => {
  const { url } = await serve();
  const body = 'x'.repeat(16 * 1024 * 1024 + 1);
  const response = await httpFetch(`${url}/anthropic/v1/messages`, { method: 'POST', body });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'request_too_large' } });
});

test('what is not HTTP, or stops in the middle, does no harm', async () => {
  const { sim, url } = await serve();
  const port = Number(new URL(url).port);
  for (const bytes of [
    '\u0000\u0001 nonsense\r\n\r\n',
    'POST /openai/v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{"mo',
  ]) {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(bytes);
    socket.destroy();
    await once(socket, 'close');
  }
  expect((await observe(url, 'openai')).status).toBe(200);
  expect(sim.calls).toHaveLength(1);
});

test('a port that is taken is an error of the one who asked for it', async () => {
  const { sim, url } = await serve();
  await expect(sim.listen({ port: Number(new URL(url).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
