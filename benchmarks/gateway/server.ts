import { createServer } from 'node:http';
import { EVENTS } from './answer.ts';
import type { AddressInfo } from 'node:net';

// A process of its own: what answering costs is nobody's cost per call.
const server = createServer((request, response) => {
  request.resume();
  request.once('end', () => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let next = 0;
    // One write and one turn of the loop for each event, as a model's server would flush it.
    const write = (): void => {
      response.write(EVENTS[next++]);
      if (next < EVENTS.length) setImmediate(write);
      else response.end();
    };
    write();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.(`http://127.0.0.1:${port}`);
});
process.once('disconnect', () => process.exit(0));
