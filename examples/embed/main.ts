import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createGateway, resolveConfig } from '@paceline/gateway';
import { systemClock, systemRandom } from '@paceline/resilience';
import { createEngine } from 'paceline';
import type { Engine } from 'paceline';
import config from '../support/paceline.config.ts';
import support from '../support/workflow.ts';

const MOST_CHARS = 100_000;

/** `POST /tickets` with `{"text": "..."}` answers with what the support chain made of it. */
export async function answer(
  engine: Engine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const reply = (status: number, body: unknown): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (request.method !== 'POST' || request.url !== '/tickets') return reply(404, { error: 'POST /tickets' });
  const left = new AbortController();
  response.once('close', () => left.abort()); // who hangs up is not worked for any longer
  try {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) if (text.length <= MOST_CHARS) text += chunk;
    if (text.length > MOST_CHARS) return reply(413, { error: 'The ticket is too long.' });
    const options = { deadlineMs: 6_000, labels: { source: 'http' }, signal: left.signal };
    const outcome = await engine.run(support, JSON.parse(text), options);
    if (outcome.ok) reply(200, outcome.output);
    else reply(outcome.error.code === 'INPUT_INVALID' ? 400 : 503, outcome.error);
  } catch (error) {
    reply(error instanceof SyntaxError ? 400 : 500, { error: String(error) });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const context = {
    clock: systemClock,
    random: systemRandom,
    seed: 1,
    virtual: false,
    rows: 1,
    env: process.env,
  };
  const gateway = createGateway(await resolveConfig(config, context));
  const engine = createEngine({ gateway });
  const server = createServer((request, response) => void answer(engine, request, response));
  server.listen(8080, () => console.log('Listening: POST http://localhost:8080/tickets'));
  process.once('SIGTERM', async () => {
    server.close();
    await engine.close({ drainMs: 8_000 });
    await gateway.close();
  });
}
