import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { ANSWER, EVENTS, type PrepareSubject } from './answer.ts';
import { prepareAiSdk } from './subjects/ai-sdk.ts';
import { preparePaceline } from './subjects/paceline.ts';
import { prepareUndici } from './subjects/undici.ts';
import type { AddressInfo } from 'node:net';

const SUBJECTS: readonly (readonly [string, PrepareSubject])[] = [
  ['undici', prepareUndici],
  ['ai-sdk', prepareAiSdk],
  ['paceline', preparePaceline],
];

test.each(SUBJECTS)('%s reads the whole answer', async (_, prepare) => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(EVENTS.join(''));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const makeCall = await prepare(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  expect(await Promise.all([makeCall(), makeCall()])).toEqual([ANSWER, ANSWER]);
  server.closeAllConnections();
  server.close();
});
