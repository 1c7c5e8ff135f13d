import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { systemClock } from '@paceline/resilience';
import { afterEach, describe, expect, test } from 'vitest';
import { createGateway } from './index.ts';
import { cannedFetch, cannedGateway, request } from './test-support/canned.ts';
import { SSE_LIMITS } from './wire/sse-events.ts';
import type { AddressInfo } from 'node:net';
import type { RequestListener, Server } from 'node:http';
import type { GatewayError, ModelResult } from './index.ts';
import type { Canned } from './test-support/canned.ts';

const KB = 1024;
const MB = 1024 * KB;

const event = (data: unknown) => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const chunk = (delta: object, finish_reason: string | null = null) =>
  event({ choices: [{ index: 0, delta, finish_reason }] });
const WHOLE: Canned = { chunks: [chunk({ content: 'Hello.' }), chunk({}, 'stop'), event('[DONE]')] };

/** Of a run of the same piece one object is enough. */
const repeated = (piece: string, times: number): readonly Uint8Array[] => {
  const bytes = Buffer.from(piece);
  return Array.from({ length: times }, () => bytes);
};

/** A call whose first target answers so, and whose second one is healthy. */
async function met(hostile: Canned, tools = false) {
  const first = cannedFetch({ end: 'open', ...hostile });
  const second = cannedFetch(WHOLE);
  const upstream: typeof globalThis.fetch = (input, init) =>
    (String(input).includes('//first') ? first : second).fetch(input, init);
  const { gateway, clock } = cannedGateway('openai', upstream, {
    roles: { classify: ['first/m', 'second/m'] },
    providers: {
      first: { wire: 'openai', baseUrl: 'http://first.test/v1' },
      second: { wire: 'openai', baseUrl: 'http://second.test/v1' },
    },
    policy: {},
  });
  const offered = [{ name: 'find', description: 'Finds.', inputSchema: { type: 'object' } }];
  const result = await clock.run(gateway.generate(request(tools ? { tools: offered } : {})));
  return { result, clock, first: first.state, attempts: result.attempts.map(({ code }) => code ?? 'ok') };
}

function expectPrototypesIntact(): void {
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
}

/** What a call comes to whose first target answers so. */
const answerOf = async (chunks: readonly (string | Uint8Array)[], tools = false): Promise<ModelResult> => {
  const { result, attempts } = await met({ chunks, end: 'fin' }, tools);
  expect(attempts).toEqual(['ok']);
  expectPrototypesIntact();
  return result;
};

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const PIECE = 64 * KB;
/** An event that says nothing, of so many bytes. */
const comment = (bytes: number) => `: ${'a'.repeat(bytes - 4)}\n\n`;

describe('is hung up on at once, and another target answers', () => {
  test.each<{ what: string; chunks: Canned['chunks']; limit: number; says: RegExp }>([
    {
      what: 'a line of 100 MB',
      chunks: ['data: ', ...repeated('a'.repeat(PIECE), 1_600)],
      limit: SSE_LIMITS.lineBytes,
      says: /longer than 1 MB/,
    },
    {
      what: 'an event of 100 MB in short lines',
      chunks: repeated('data: a\n'.repeat(8 * KB), 1_600),
      limit: SSE_LIMITS.eventBytes,
      says: /larger than 8 MB/,
    },
    {
      what: 'two million events that say nothing',
      chunks: repeated(':\n\n'.repeat(10_000), 200),
      limit: 3 * SSE_LIMITS.events,
      says: /1,000,000 events/,
    },
    {
      what: '100 MB of events',
      chunks: repeated(comment(PIECE), 1_600),
      limit: 64 * MB,
      says: /larger than 64 MB/,
    },
    {
      what: 'JSON of 100,000 levels',
      chunks: [event(deep(100_000)), ...repeated(comment(PIECE), 100)],
      limit: 200_000,
      says: /deeper than 64/,
    },
    {
      what: 'JSON of 65 levels where text belongs',
      chunks: [`data: {"choices":[{"delta":{"content":${deep(61)}}}]}\n\n`, ...repeated(comment(PIECE), 100)],
      limit: KB,
      says: /deeper than 64/,
    },
    {
      what: 'JSON of 100,000 levels behind a string that never ends',
      chunks: [`event: "\ndata: ${deep(100_000)}\n\n`, ...repeated(comment(PIECE), 100)],
      limit: 200_000,
      says: /deeper than 64/,
    },
  ])('$what', async ({ chunks, limit, says }) => {
    const { result, first, attempts } = await met({ chunks });
    expect(attempts).toEqual(['PROVIDER_MALFORMED', 'ok']);
    expect(result.attempts[0]?.message).toMatch(says);
    expect(result.text).toBe('Hello.');
    expect(first.hungUp).toBe(true);
    // What was not asked for cannot have been held; upstream is one piece ahead of its reader.
    expect(first.bytes).toBeLessThanOrEqual(limit + 2 * PIECE);
  });

  test('keys that reach for prototypes', async () => {
    const poison = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"choices":[]}';
    const { attempts, first } = await met({ chunks: [event(poison)] });
    expect(attempts).toEqual(['PROVIDER_MALFORMED', 'ok']);
    expect(first.hungUp).toBe(true);
    expectPrototypesIntact();
  });

  test('an error answer without end', async () => {
    const json = { 'content-type': 'application/json' };
    const nested = `{"error":${'{"error":'.repeat(100_000)}`;
    const { attempts, first } = await met({
      status: 503,
      headers: json,
      chunks: [nested, ...repeated('a'.repeat(PIECE), 1_600)],
    });
    expect(attempts).toEqual(['PROVIDER_OVERLOADED', 'ok']);
    expect(first).toMatchObject({ hungUp: true });
    expect(first.bytes).toBeLessThanOrEqual(nested.length + PIECE);
  });

  test('a flood after the end of an answer, which is complete all the same', async () => {
    const flood = repeated(comment(PIECE), 1_600);
    const { attempts, first, clock } = await met({ chunks: [...WHOLE.chunks, ...flood] });
    expect(attempts).toEqual(['ok']);
    await clock.advance(0);
    expect(first.hungUp).toBe(true);
    expect(first.bytes).toBeLessThanOrEqual(64 * MB + 2 * PIECE);
  });

  test('a line without end after the stop reason, where the answer is complete as well', async () => {
    const chunks = [chunk({ content: 'Hi.' }, 'stop'), 'data: ', ...repeated('a'.repeat(PIECE), 1_600)];
    const { attempts, first, result } = await met({ chunks });
    expect(attempts).toEqual(['ok']);
    expect(result.text).toBe('Hi.');
    expect(first.hungUp).toBe(true);
  });
});

describe('is an answer all the same', () => {
  const end = [chunk({}, 'stop'), event('[DONE]')];

  test('text that is not UTF-8: what cannot be read is marked', async () => {
    const [before = '', after = ''] = chunk({ content: 'a?b' }).split('?');
    const bytes = Buffer.concat([Buffer.from(before), Buffer.of(0xff, 0xc3), Buffer.from(after)]);
    expect((await answerOf([bytes, ...end])).text).toBe('a\uFFFD\uFFFDb');
  });

  test('half a character in each of two events', async () => {
    const halves = [chunk({ content: '\ud83d' }), chunk({ content: '\ude00' })];
    expect((await answerOf([...halves, ...end])).text).toBe('\u{1F600}');
  });

  test('a character cut in two by the network', async () => {
    const bytes = Buffer.from(chunk({ content: '\u{1F600}' }));
    const at = bytes.indexOf(0xf0) + 2;
    expect((await answerOf([bytes.subarray(0, at), bytes.subarray(at), ...end])).text).toBe('\u{1F600}');
  });

  test('an event of several MB in single bytes', async () => {
    const padding = `:${'a'.repeat(199)}\n`.repeat(5 * KB);
    const bytes = Buffer.from(padding + chunk({ content: 'Hello.' }));
    const chunks = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    expect((await answerOf([...chunks, ...end])).text).toBe('Hello.');
  });

  const calls = (...deltas: readonly object[]) =>
    deltas.map((delta) => chunk({ tool_calls: [{ index: 0, type: 'function', ...delta }] }));

  test("a tool's input, one byte an event", async () => {
    const input = { query: 'a"[{'.repeat(5_000) };
    const opening = calls({ id: 'call_1', function: { name: 'find', arguments: '' } });
    const bytes = Array.from(JSON.stringify(input), (byte) => ({ function: { arguments: byte } }));
    const { toolCalls } = await answerOf([...opening, ...calls(...bytes), chunk({}, 'tool_calls')], true);
    expect(toolCalls).toEqual([{ id: 'call_1', name: 'find', input }]);
  });

  test('keys that reach for prototypes, in the input of a tool', async () => {
    const input = '{"__proto__":{"polluted":1},"query":"x"}';
    const opening = calls({ id: 'call_1', function: { name: 'find', arguments: input } });
    const { toolCalls } = await answerOf([...opening, chunk({}, 'tool_calls')], true);
    expect(JSON.stringify(toolCalls[0]?.input)).toBe(input);
    expect(toolCalls[0]?.input).not.toHaveProperty('polluted');
  });

  test('two tool calls of one id', async () => {
    const twice = [0, 1].map((index) =>
      chunk({
        tool_calls: [
          { index, id: 'same', type: 'function', function: { name: 'find', arguments: `{"n":${index}}` } },
        ],
      }),
    );
    const { toolCalls } = await answerOf([...twice, chunk({}, 'tool_calls')], true);
    expect(toolCalls.map(({ input }) => input)).toEqual([{ n: 0 }, { n: 1 }]);
  });
});

describe('over a socket', () => {
  let server: Server | undefined;
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => void server?.close(resolve));
  });

  /** What a call comes to when a server on the loopback address answers like this. */
  async function served(answer: RequestListener) {
    const listening = createServer(answer);
    server = listening;
    await new Promise<void>((resolve) => void listening.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(listening.address() as AddressInfo).port}/v1`;
    const gateway = createGateway({
      roles: { classify: ['local/m'] },
      providers: { local: { wire: 'openai', baseUrl } },
      policy: { failover: false },
    });
    const deadline = { atMs: systemClock.nowMs() + 60_000 };
    const error = await gateway.generate(request({ deadline })).then(
      () => null,
      (thrown: GatewayError) => thrown,
    );
    await gateway.close();
    return error;
  }

  test.each([200, 500])(
    'a body that grows a thousandfold when unpacked is never unpacked (%d)',
    async (status) => {
      const bomb = gzipSync('data: {"choices":[]}\n\n'.repeat(1_000_000));
      expect(bomb.length).toBeLessThan(100 * KB);
      const error = await served((_, response) => {
        response.writeHead(status, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
        response.end(bomb);
      });
      expect(error?.code).toBe(status === 200 ? 'PROVIDER_INTERRUPTED' : 'PROVIDER_ERROR');
    },
  );

  test('a line without end is hung up on', async () => {
    let sent = 0;
    const left = Promise.withResolvers<void>();
    const error = await served((_, response) => {
      response.once('close', left.resolve);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const more = () => {
        while (!response.destroyed && response.write('a'.repeat(PIECE))) sent += PIECE;
      };
      response.on('drain', more);
      more();
    });
    expect(error?.code).toBe('PROVIDER_MALFORMED');
    await left.promise;
    // What was on its way when the limit was reached.
    expect(sent).toBeLessThan(SSE_LIMITS.lineBytes + 32 * MB);
  });
});
