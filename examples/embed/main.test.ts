import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway } from '@paceline/gateway';
import type { Gateway } from '@paceline/gateway';
import { createSimulator, scenarioFor } from '@paceline/simulator';
import { createEngine } from 'paceline';
import type { Engine } from 'paceline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { roles } from '../support/paceline.config.ts';
import { answer } from './main.ts';

let gateway: Gateway;
let engine: Engine;
let server: Server;

beforeAll(async () => {
  const simulator = createSimulator({ seed: 1, scenario: scenarioFor('calm', { rows: 1 }) });
  gateway = createGateway({
    roles,
    simulated: true,
    providers: simulator.providers(),
    fetch: simulator.fetch,
  });
  engine = createEngine({ gateway });
  server = createServer((incoming, response) => void answer(engine, incoming, response)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
});

afterAll(async () => {
  server.close();
  await engine.close();
  await gateway.close();
});

function send(body: string, { method = 'POST', path = '/tickets' } = {}) {
  const { port } = server.address() as AddressInfo;
  const sent = request({ host: '127.0.0.1', port, method, path }).end(body);
  const answered = new Promise<{ status: number | undefined; body: unknown }>((resolve, reject) => {
    sent.on('error', reject).on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(text) }));
    });
  });
  return { sent, answered };
}

test('a ticket is answered with its resolution', async () => {
  const ticket = { text: 'The app crashes when I open a route.', orderId: 'A-10233' };
  expect(await send(JSON.stringify(ticket)).answered).toEqual({
    status: 200,
    body: {
      label: 'bug',
      outcome: 'ticket-opened',
      reply: expect.any(String),
      reference: expect.stringMatching(/^S-/),
    },
  });
});

test.each([
  { body: '{', status: 400, word: 'SyntaxError' },
  { body: '{"text":5}', status: 400, word: 'INPUT_INVALID' },
  { body: JSON.stringify({ text: 'x'.repeat(200_000) }), status: 413, word: 'too long' },
  { body: '', method: 'GET', status: 404, word: 'POST /tickets' },
  { body: '{}', path: '/elsewhere', status: 404, word: 'POST /tickets' },
])('refused with $status: $word', async ({ body, status, word, ...where }) => {
  const answered = await send(body, where).answered;
  expect(answered.status).toBe(status);
  expect(JSON.stringify(answered.body)).toContain(word);
});

test('who hangs up is not worked for any longer', async () => {
  const started = new Promise((resolve) => engine.events.once('step-start', resolve));
  const ended = new Promise((resolve) => engine.events.once('run-end', resolve));
  const { sent, answered } = send('{"text":"Where is my refund?","orderId":"A-10233"}');
  answered.catch(() => {});
  await started;
  sent.destroy();
  expect(await ended).toMatchObject({ outcome: { status: 'cancelled' } });
});
