import { describe, expect, test } from 'vitest';
import { createGateway } from '../index.ts';
import { createWorld } from '../test-support/world.ts';
import { cannedFetch, cannedGateway, request } from '../test-support/canned.ts';
import type { GatewayConfig, LogConfig, ModelRequest, PayloadLevel } from '../index.ts';
import type { WorldOptions } from '../test-support/world.ts';

type Line = Readonly<Record<string, unknown>>;

/** A world that logs into memory. */
function logged(log: LogConfig, options: WorldOptions = {}) {
  const written: string[] = [];
  const to = { write: (line: string) => void written.push(line) };
  const world = createWorld({ ...options, config: { ...options.config, log: { to, ...log } } });
  const lines = (): readonly Line[] => written.map((line) => JSON.parse(line) as Line);
  const ends = (): readonly Line[] => lines().filter(({ event }) => event === 'call-end');
  return { world, written, lines, ends };
}

const REFUSED = { status: 401, headers: { 'content-type': 'application/json' } };

describe('a line', () => {
  test('about a call says whose it was, where it went and what it took', async () => {
    const { world, written, ends } = logged({});
    const call = { runId: 'run-1', step: 'triage', turn: 2 };
    const result = await world.generate({ call, tenant: 'acme', labels: { team: 'cx' } });
    expect(written).toEqual([expect.stringMatching(/^\{.*\}\n$/)]);
    expect(ends()).toEqual([
      {
        level: 'info',
        time: expect.any(Number),
        pid: process.pid,
        event: 'call-end',
        call: 'run-1/triage/2',
        ...call,
        route: 'classify',
        tenant: 'acme',
        labels: { team: 'cx' },
        outcome: 'ok',
        target: result.servedBy,
        attempts: 1,
        finishReason: 'stop',
        costUsd: result.costUsd,
        inputTokens: result.usage.inputTokens,
        outputTokens: result.usage.outputTokens,
        cachedInputTokens: 0,
        reasoningTokens: 0,
        usageSource: 'reported',
        ms: result.ms,
      },
    ]);
  });

  test('about a failed attempt says which and why, and the call goes on', async () => {
    const { world, lines } = logged({}, { faults: { openai: [{ fault: 'error-500' }] } });
    const { attempts } = await world.generate();
    const failed = attempts.filter(({ outcome }) => outcome === 'error');
    expect(failed.length).toBeGreaterThan(0);
    const warned = lines().filter(({ event }) => event === 'attempt-end');
    expect(warned).toEqual(
      failed.map(({ attempt, target, code, ms, costUsd }) =>
        expect.objectContaining({
          level: 'warn',
          call: 'run-r0/triage/0',
          attempt,
          target,
          code,
          ms,
          costUsd,
        }),
      ),
    );
  });

  test('about a failed call is an error with its code', async () => {
    const { world, ends } = logged({});
    await world.failure({ route: 'nowhere' });
    expect(ends()).toMatchObject([
      { level: 'error', outcome: 'error', code: 'REQUEST_INVALID', route: 'nowhere', attempts: 0 },
    ]);
  });

  test('about a cancelled call is none', async () => {
    const { world, ends } = logged({});
    await world.failure({ signal: AbortSignal.abort() });
    expect(ends()).toMatchObject([{ level: 'info', outcome: 'cancelled', code: 'CANCELLED' }]);
  });
});

describe('the level', () => {
  test.each([
    ['error', []],
    ['warn', []],
    ['info', ['call-end']],
    ['debug', ['call-plan', 'attempt-start', 'attempt-end', 'call-end']],
  ] as const)('%s', async (level, events) => {
    const { world, lines } = logged({ level });
    await world.generate();
    expect(lines().map(({ event }) => event)).toEqual(events);
  });

  test('without a log there is none', async () => {
    const world = createWorld();
    expect(world.gateway.log).toBeUndefined();
  });
});

const PROMPT = 'Where is my refund for the broken lamp?';

/** Of one call whose operator, route and request say this. */
async function payload(
  operator: LogConfig,
  says: { readonly route?: PayloadLevel | undefined; readonly request?: PayloadLevel | undefined } = {},
): Promise<Line> {
  const settings = { targets: ['openai/gpt-5-mini'], ...(says.route && { logPayload: says.route }) };
  const { world, ends } = logged(operator, { config: { roles: { classify: settings } } });
  const overrides: Partial<ModelRequest> = says.request ? { logPayload: says.request } : {};
  const { text } = await world.generate(overrides);
  const [{ prompt, answer } = {}] = ends();
  return { prompt, answer, text };
}

describe('the payload', () => {
  test('is not logged unless the operator says so', async () => {
    expect(await payload({})).toMatchObject({ prompt: undefined, answer: undefined });
  });

  test('is logged in full', async () => {
    const { prompt, answer, text } = await payload({ payload: 'full' });
    expect(prompt).toEqual([{ role: 'user', text: PROMPT }]);
    expect(answer).toEqual({ text });
  });

  test('is cut where it is long', async () => {
    const { prompt } = await payload({ payload: 'full', maxPayloadChars: 20 });
    expect(prompt).toEqual({ cut: '[{"role":"user","tex', chars: 66 });
  });

  test('is told by a hash that only the key gives', async () => {
    const hashes = await Promise.all(
      [{}, {}, { hashKey: 'env:ONE' }, { hashKey: 'env:ONE' }, { hashKey: 'env:TWO' }].map(async (key) => {
        const { world, ends } = logged(
          { payload: 'hash', ...(key as LogConfig) },
          { config: { env: { ONE: 'first-hash-key', TWO: 'second-hash-key' } } },
        );
        await world.generate();
        expect(JSON.stringify(ends())).not.toContain('lamp');
        return ends()[0]?.prompt;
      }),
    );
    for (const hash of hashes) expect(hash).toMatch(/^hmac-sha256:[0-9a-f]{64}$/);
    expect(new Set(hashes).size).toBe(4);
    expect(hashes[2]).toBe(hashes[3]);
  });

  test.each([
    { log: 'full', route: undefined, call: 'none', written: 'none' },
    { log: 'full', route: undefined, call: 'hash', written: 'hash' },
    { log: 'full', route: 'none', call: 'full', written: 'none' },
    { log: 'none', route: 'full', call: undefined, written: 'full' },
    { log: 'none', route: 'hash', call: 'full', written: 'hash' },
    { log: 'none', route: undefined, call: 'full', written: 'none' },
    { log: 'hash', route: undefined, call: 'full', written: 'hash' },
  ] as const)('log $log, route $route, call $call: $written', async ({ log, route, call, written }) => {
    const { prompt } = await payload({ payload: log }, { route, request: call });
    const seen = prompt === undefined ? 'none' : typeof prompt === 'string' ? 'hash' : 'full';
    expect(seen).toBe(written);
  });
});

describe('what is logged is redacted', () => {
  const env = { OPENAI_API_KEY: 'canary/key+1', MAIL_KEY: 'canary "mail' };
  const config: Partial<GatewayConfig> = { env, redact: { secrets: ['env:MAIL_KEY'] } };

  test('in every field, payloads included', async () => {
    const body = JSON.stringify({ error: { message: `No: ${env.OPENAI_API_KEY} or ${env.MAIL_KEY}` } });
    const { fetch } = cannedFetch({ ...REFUSED, chunks: [body] });
    const written: string[] = [];
    const { gateway } = cannedGateway('openai', fetch, {
      ...config,
      providers: { openai: { wire: 'openai' } },
      log: { to: { write: (line) => void written.push(line) }, level: 'debug', payload: 'full' },
    });
    const inner = `of ${encodeURIComponent(env.MAIL_KEY)} and ${Buffer.from(env.OPENAI_API_KEY).toString('base64')}`;
    const asked = request({
      messages: [{ role: 'user', text: `the key ${env.OPENAI_API_KEY}` }],
      call: { runId: `run ${env.MAIL_KEY}`, step: env.OPENAI_API_KEY, turn: 0 },
      labels: { [env.MAIL_KEY]: inner },
      tenant: inner,
    });
    await expect(gateway.generate(asked)).rejects.toMatchObject({ code: 'AUTH_REJECTED' });
    expect(written.map((line) => (JSON.parse(line) as Line).event)).toContain('call-end');
    const all = written.join('');
    expect(all).toContain('[redacted]');
    expect(all).not.toContain('canary');
    expect(all).not.toContain(Buffer.from(env.OPENAI_API_KEY).toString('base64'));
  });

  test('before it is cut: half a secret is none the less', async () => {
    const { world, written } = logged(
      { payload: 'full', maxPayloadChars: 30 },
      { config: { redact: { secrets: ['env:MAIL_KEY'] }, env } },
    );
    await world.generate({ messages: [{ role: 'user', text: `${env.MAIL_KEY} and so on and so on` }] });
    expect(written.join('')).not.toContain('cana');
  });
});

describe('a destination that fails', () => {
  test('by throwing costs its lines alone, which are counted', async () => {
    const written: string[] = [];
    let isBroken = true;
    const write = (line: string): void => {
      if (isBroken) throw new Error('No.');
      written.push(line);
    };
    const world = createWorld({ config: { log: { to: { write } } } });
    await expect(world.generate()).resolves.toMatchObject({ finishReason: 'stop' });
    isBroken = false;
    await world.generate();
    expect(written.map((line) => JSON.parse(line) as Line)).toMatchObject([
      { event: 'log-drop', lines: 1 },
      { event: 'call-end', call: 'run-r1/triage/0' },
    ]);
  });

  test('to make JSON of a field costs that line alone', () => {
    const { world, written } = logged({});
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    world.gateway.log?.write('error', { event: 'odd', circular });
    world.gateway.log?.write('error', { event: 'next' });
    expect(written).toEqual([expect.stringContaining('"next"')]);
  });

  test('by not taking lines has them dropped and counted', async () => {
    const written: string[] = [];
    const to = { writableLength: 5_000_000, write: (line: string) => void written.push(line) };
    const world = createWorld({ config: { log: { to } } });
    await world.generate();
    await world.generate();
    expect(written).toEqual([]);
    to.writableLength = 0;
    await world.generate();
    expect(written.map((line) => JSON.parse(line) as Line)).toMatchObject([
      { level: 'warn', event: 'log-drop', lines: 2 },
      { event: 'call-end', call: 'run-r2/triage/0' },
    ]);
  });

  test('by telling so does not end the process', () => {
    let listener: unknown;
    createWorld({ config: { log: { to: { write() {}, on: (_, heard) => (listener = heard) } } } });
    expect(listener).toBeTypeOf('function');
  });
});

test('a key in the wrong place of a config is not quoted', () => {
  const key = ['sk', 'proj', 'a1b2c3d4e5f6g7h8i9'].join('-');
  expect(() => createGateway({ roles: { classify: [`${key}/model`] } })).toThrow('`[redacted]`');
});

test('after `close` nothing is written', async () => {
  const { world, written } = logged({});
  await world.gateway.close();
  world.gateway.log?.write('error', { event: 'late' });
  expect(written).toEqual([]);
  expect(world.gateway.log?.hears('error')).toBe(false);
});

const bad = (config: Partial<GatewayConfig>) => () =>
  createGateway({ roles: { classify: ['openai/gpt-5-mini'] }, env: { SHORT: 'abc' }, ...config });

describe('a config is refused', () => {
  test.each<[string, Partial<GatewayConfig>]>([
    ['log.level', { log: { level: 'loud' as never } }],
    ['log.to', { log: { to: 'printer' as never } }],
    ['log.to', { log: { to: { file: '/dev/null/paceline.log' } } }],
    ['log.hashKey: MISSING', { log: { hashKey: 'env:MISSING' } }],
    ['log.hashKey: SHORT', { log: { hashKey: 'env:SHORT' } }],
    ['redact.secrets[0]', { redact: { secrets: ['a-secret-itself' as never] } }],
    ['baseUrl', { providers: { openai: { wire: 'openai', baseUrl: 'https://me:pass@api.test/v1' } } }],
  ])('%s', (field, config) => {
    expect(bad(config)).toThrow(field);
    expect(bad(config)).not.toThrow(/a-secret-itself|me:pass/);
  });
});
