import { request } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAULT_CATALOGUE, FAULTS } from '@paceline/simulator';
import { expect, test } from 'vitest';
import { main } from '../cli.ts';
import { testIo } from '../test-support/io.ts';

/** Starts `paceline sim` on a free port. */
async function start(args: readonly string[], cwd = process.cwd()) {
  const io = testIo({ cwd });
  const ended = main(['sim', '--port', '0', ...args], io);
  await expect.poll(() => io.listening()).toBe(true);
  return { io, ended };
}

function post(url: string, body: unknown): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode, text }));
      },
    );
    sent.on('error', reject).end(JSON.stringify(body));
  });
}

const ASK = { model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Where is my refund?' }] };

test('prints the addresses, answers, tells each call with --verbose and stops on Ctrl-C', async () => {
  const { io, ended } = await start(['--scenario', 'calm', '--verbose', '--seed', '7']);
  const [url = ''] = /http:\S+\/chat\/completions/.exec(io.out()) ?? [];
  expect(io.out()).toMatch(/scenario calm, seed 7/);
  for (const format of ['openai', 'anthropic', 'google']) expect(io.out()).toContain(`(${format} format)`);

  const messages = [{ role: 'user', content: 'Where is my refund?' }];
  const answer = await post(url, { model: 'gpt-5-mini', messages });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text)).toMatchObject({ object: 'chat.completion' });
  await expect.poll(() => io.out()).toMatch(/^openai\/gpt-5-mini {2}200 {2}answered {2}\d+ ms {2}#0$/m);

  io.interrupt();
  expect(await ended).toBe(0);
  expect(io.out()).toMatch(/Stopped\.\n$/);
  await expect(post(url, {})).rejects.toThrow();
});

test('takes a scenario from a file, and says what is wrong with one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'paceline-sim-'));
  try {
    await writeFile(join(folder, 'good.json'), '{"providers":{"acme":{"wire":"anthropic"}}}');
    await writeFile(join(folder, 'bad.json'), '{"providers":{"acme":{"wire":"telex"}}}');
    const { io, ended } = await start(['--scenario', 'good.json'], folder);
    expect(io.out()).toMatch(/acme +http:\/\/127\.0\.0\.1:\d+\/acme\/v1 +\(anthropic format\)/);
    expect(io.out()).not.toContain('curl');
    io.interrupt();
    expect(await ended).toBe(0);

    const refused = testIo({ cwd: folder });
    expect(await main(['sim', '--scenario', 'bad.json'], refused)).toBe(2);
    expect(refused.err()).toMatch(/Scenario bad\.json: .*acme\.wire/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a port that is taken is said plainly', async () => {
  const first = await start([]);
  const [, port = ''] = /127\.0\.0\.1:(\d+)/.exec(first.io.out()) ?? [];
  const second = testIo();
  expect(await main(['sim', '--port', port], second)).toBe(2);
  expect(second.err()).toContain(`Cannot listen on 127.0.0.1:${port}: `);
  first.io.interrupt();
  await first.ended;
});

test('on all addresses it prints one that can be called, and says who can reach it', async () => {
  const { io, ended } = await start(['--host', '0.0.0.0']);
  expect(io.out()).toContain('Listening on 0.0.0.0: whoever can reach this machine can call them.');
  const [url = ''] = /http:\S+\/chat\/completions/.exec(io.out()) ?? [];
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/);
  expect(await post(url, ASK)).toMatchObject({ status: 200 });
  io.interrupt();
  expect(await ended).toBe(0);
});

test('--fault strikes on every provider, and nothing else does', async () => {
  const { io, ended } = await start(['--fault', 'auth', '--fault', 'S04']);
  expect(io.out()).toMatch(/scenario calm/);
  expect(io.out()).toContain('Fault on all of them, at rate 1: {"fault":"auth"}');
  const [url = ''] = /http:\S+\/chat\/completions/.exec(io.out()) ?? [];
  const statuses = new Set<number | undefined>();
  for (let nth = 0; nth < 12; nth++) statuses.add((await post(url, ASK)).status);
  expect(statuses).toEqual(new Set([401, 503]));
  io.interrupt();
  expect(await ended).toBe(0);
});

test('--fault-rate 0 leaves all calls alone, and a request still gets the fault it asks for', async () => {
  const { io, ended } = await start(['--fault', 'auth', '--fault-rate', '0']);
  const [url = ''] = /http:\S+\/chat\/completions/.exec(io.out()) ?? [];
  expect(await post(url, ASK)).toMatchObject({ status: 200 });
  expect(await post(url, { ...ASK, model: 'gpt-5-mini+error-500' })).toMatchObject({ status: 500 });
  io.interrupt();
  expect(await ended).toBe(0);
});

test.each([
  [['--fault', 'explode'], /--fault.*fault\.fault: expected one of stall, /s],
  [['--fault', 'cut:afterMs=3'], /"cut" does not read it; it reads afterTokens/],
  [['--port', '99999'], /--port .*Expected a whole number from 0 to 65535/],
  [['--fault', 'auth', '--fault-rate', '10'], /Expected a share from 0 to 1/],
])('%j is refused with the mend', async (args, message) => {
  const io = testIo();
  expect(await main(['sim', '--port', '0', ...args], io)).toBe(2);
  expect(io.err()).toMatch(message);
});

test('the help names every fault', async () => {
  const io = testIo();
  await main(['sim', '--help'], io);
  const lines = io.out().split('\n');
  for (const [name, { doc }] of Object.entries({ ...FAULTS, ...FAULT_CATALOGUE })) {
    expect(lines.some((line) => line.startsWith(`  ${name} `) && line.endsWith(`  ${doc}`))).toBe(true);
  }
});
