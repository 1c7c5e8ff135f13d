import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { main } from '../cli.ts';
import { testIo } from '../test-support/io.ts';
import type { Io } from '../io.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'paceline-models-'))));
afterEach(() => rm(folder, { recursive: true }));

const flows = fileURLToPath(new URL('../test-support/flows', import.meta.url));

async function paceline(args: readonly string[], overrides: Partial<Io> = {}) {
  const io = testIo({ cwd: folder, env: { XDG_CACHE_HOME: folder }, ...overrides });
  const code = await main(args, io);
  return { code, out: io.out(), err: io.err() };
}

interface Listed {
  readonly count: {
    readonly models: number;
    readonly providers: number;
    readonly offers: Readonly<Record<string, number>>;
  };
  readonly models: readonly Record<string, unknown>[];
}

async function listed(...args: readonly string[]): Promise<Listed> {
  const { out } = await paceline(['models', ...args, '--json']);
  return JSON.parse(out) as Listed;
}

let everything: Promise<Listed> | undefined;

/** The whole list, which is made once. */
function whole(): Promise<Listed> {
  return (everything ??= listed());
}

describe('models', () => {
  test('lists at least 150 models of 15 providers, resold ones not counted', async () => {
    const { count, models } = await whole();
    expect(count.models).toBeGreaterThanOrEqual(150);
    expect(count.offers['maker']).toBeGreaterThanOrEqual(150);
    expect(count.providers).toBeGreaterThanOrEqual(15);
    expect(count.models).toBe(models.filter(({ offer }) => offer !== 'resold').length);
    expect(models.map(({ name }) => name)).toContain('openrouter/openai/gpt-5');
  });

  test('says of how many more nobody knows whether they match, and only then', async () => {
    const config = join(folder, 'paceline.config.mjs');
    const models = {
      'own/thinker': { reasoning: true },
      'own/talker': { reasoning: false },
      'own/riddle': {},
    };
    await writeFile(config, `export default ${JSON.stringify({ roles: {}, customModels: models })};`);
    const asked = ['models', '--provider', 'own', '--config', config];
    const reasoning = await paceline([...asked, '--role', 'reason']);
    expect(reasoning.out).toContain('own/thinker');
    expect(reasoning.out).not.toMatch(/talker|riddle/);
    expect(reasoning.err).toContain('Of 1 more it is not known whether they match');
    expect((await paceline(asked)).err).not.toContain('not known');
  });

  test('says so, and exits with 1, where there are fewer than expected', async () => {
    const few = await paceline(['models', '--provider', 'deepseek', '--expect-models', '100']);
    expect(few.code).toBe(1);
    expect(few.err).toContain('Expected at least 100 models');
    expect((await paceline(['models', '--expect-models', '100000', '--json'])).code).toBe(1);
    expect((await paceline(['models', '--provider', 'deepseek'])).code).toBe(0);
    expect((await paceline(['models', '--provider', 'deepseek', '--expect-providers', '2'])).code).toBe(1);
  });

  test.each([
    [['--provider', 'groq'], ({ provider }: Facts) => provider === 'groq'],
    [['--role', 'reason'], ({ reasoning }: Facts) => reasoning?.value === true],
    [['--role', 'execute'], ({ tools }: Facts) => tools?.value === true],
    [['--role', 'classify'], (info: Facts) => priceOf(info, 'input_mtok') <= 0.5],
    [
      ['--max-price', '2/10'],
      (info: Facts) => priceOf(info, 'input_mtok') <= 2 && priceOf(info, 'output_mtok') <= 10,
    ],
    [['--min-context', '1000000'], ({ contextTokens }: Facts) => (contextTokens?.value ?? 0) >= 1_000_000],
    [['--tools'], ({ tools }: Facts) => tools?.value === true],
  ] as const)('%j lets through what is known to match', async (flags, fits) => {
    const { models } = await listed(...flags);
    const all = (await whole()).models as unknown as readonly Facts[];
    expect(models.length).toBeGreaterThan(0);
    expect(models.map(({ name }) => name)).toEqual(all.filter(fits).map(({ name }) => name));
  });

  test('models that their provider has ended are listed on demand', async () => {
    const { models } = await listed('--provider', 'anthropic');
    const names = models.map(({ name }) => name);
    const ended = (await listed('--provider', 'anthropic', '--ended')).models.map(({ name }) => name);
    expect(names).not.toContain('anthropic/claude-3-opus-20240229');
    expect(ended).toContain('anthropic/claude-3-opus-20240229');
  });

  test('shows a table that marks what nobody knows', async () => {
    const { out, err } = await paceline(['models', '--provider', 'openai']);
    expect(out).toMatch(/^openai\/gpt-4o +maker +128k +16k +yes +no +2\.5 +10$/m);
    expect(out).toMatch(/^openai\/gpt-6-sol +maker +1\.05M +\? +\? +\? /m);
    expect(err).toMatch(/^\d+ models of 1 providers: \d+ of their maker, 0 hosted\. Besides, 0 resold\.$/m);
  });

  test('takes the custom models and prices of a config', async () => {
    await writeFile(
      join(folder, 'own.config.mjs'),
      `export default {
        roles: {},
        customModels: { 'corp/large': { contextTokens: 32000, tools: true } },
        customPrices: { corp: { usdPer: { input_mtok: 1, output_mtok: 2 } } },
      };`,
    );
    const { models, count } = await listed('--config', 'own.config.mjs', '--provider', 'corp');
    expect(models).toMatchObject([
      {
        name: 'corp/large',
        offer: 'custom',
        contextTokens: { value: 32_000, source: 'custom' },
        prices: { source: 'custom' },
        reasoning: null,
      },
    ]);
    expect(count.models).toBe(1);
  });
});

interface Facts {
  readonly name: string;
  readonly provider: string;
  readonly reasoning: { readonly value: boolean } | null;
  readonly tools: { readonly value: boolean } | null;
  readonly contextTokens: { readonly value: number } | null;
  readonly prices: { readonly value: readonly { readonly unit: string; readonly usd: number }[] } | null;
}

function priceOf({ prices }: Facts, unit: string): number {
  return prices?.value.find((each) => each.unit === unit)?.usd ?? Infinity;
}

/** @returns what `use` made of a server that answers with the body */
async function served<T>(status: number, body: string, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((_, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api.json`);
  } finally {
    server.close();
  }
}

describe('models update', () => {
  const MODEL = {
    id: 'gpt-6-sol',
    name: 'GPT-6 Sol',
    tool_call: true,
    structured_output: true,
    reasoning: true,
    modalities: { input: ['text', 'image'], output: ['text'] },
    limit: { context: 1_050_000, output: 128_000 },
  };
  const CATALOGUE = { openai: { id: 'openai', models: { 'gpt-6-sol': MODEL } }, unheard: { models: {} } };

  test('keeps what is read of the catalogue, which the list then names as its source', async () => {
    const { code, out } = await served(200, JSON.stringify(CATALOGUE), (url) =>
      paceline(['models', 'update', '--url', url]),
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^models\.dev@\d{4}-\d\d-\d\d: 1 models of 1 providers in /);
    expect(await readdir(join(folder, 'paceline'))).toEqual(['models.json']);
    const { models } = await listed('--provider', 'openai');
    expect(models.find(({ name }) => name === 'openai/gpt-6-sol')).toMatchObject({
      tools: { value: true, source: expect.stringMatching(/^models\.dev@/) },
      maxOutputTokens: { value: 128_000 },
      prices: { source: expect.stringMatching(/^genai-prices@/) },
    });
  });

  test.each([
    { what: 'an error', status: 503, body: 'busy', message: 'status 503' },
    { what: 'a page', status: 200, body: '<html>', message: 'not a catalogue' },
    {
      what: 'another shape',
      status: 200,
      body: '{"openai":{"models":{"x":{"id":7}}}}',
      message: 'not a catalogue',
    },
    { what: 'no provider that we know', status: 200, body: '{}', message: 'not a catalogue' },
  ])('$what changes nothing', async ({ status, body, message }) => {
    await served(200, JSON.stringify(CATALOGUE), (url) => paceline(['models', 'update', '--url', url]));
    const before = await readFile(join(folder, 'paceline', 'models.json'), 'utf8');
    const { code, err } = await served(status, body, (url) => paceline(['models', 'update', '--url', url]));
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(await readFile(join(folder, 'paceline', 'models.json'), 'utf8')).toBe(before);
  });

  test('reads no more than there may be', async () => {
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1_000_000)),
    });
    const { code, err } = await paceline(['models', 'update'], { fetch: async () => new Response(endless) });
    expect(code).toBe(2);
    expect(err).toContain('longer than 20000000 bytes');
  });

  test('needs a place to keep it', async () => {
    const { code, err } = await paceline(['models', 'update'], { env: {} });
    expect(code).toBe(2);
    expect(err).toContain('HOME or XDG_CACHE_HOME');
  });

  test('a damaged file is as if there were none', async () => {
    await served(200, JSON.stringify(CATALOGUE), (url) => paceline(['models', 'update', '--url', url]));
    await writeFile(join(folder, 'paceline', 'models.json'), '{"source":');
    const { models } = await listed('--provider', 'openai');
    expect(models.find(({ name }) => name === 'openai/gpt-6-sol')).toMatchObject({ tools: null });
  });
});

describe('models check', () => {
  test('asks every target and says which did not answer', async () => {
    const { code, out, err } = await paceline([
      'models',
      'check',
      '--config',
      join(flows, 'models.config.ts'),
      '--json',
    ]);
    const pings = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(err).toContain('Asks each of 2 targets for a word');
    expect(code).toBe(1);
    expect(pings).toMatchObject([
      { target: 'openai/gpt-5-mini', ok: true, costUsd: expect.any(Number) },
      { target: 'anthropic/claude-haiku-4-5', ok: false, code: 'AUTH_REJECTED' },
    ]);
  });

  test('without a config or a key there is nothing to ask', async () => {
    const { code, err } = await paceline(['models', 'check']);
    expect(code).toBe(2);
    expect(err).toContain('There is no paceline.config.ts beside the files of this folder');
  });
});
