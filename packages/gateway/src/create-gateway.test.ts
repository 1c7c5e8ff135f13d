import { systemClock } from '@paceline/resilience';
import { createSimulator } from '@paceline/simulator';
import { afterEach, describe, expect, test } from 'vitest';
import { createGateway, memoryLedger, resolveConfig } from './index.ts';
import { createWorld, TARGETS, WIRE_NAMES } from './test-support/world.ts';
import { request } from './test-support/canned.ts';
import type { ConfigContext, Gateway } from './index.ts';
import type { Listening } from '@paceline/simulator';

describe('over real sockets', () => {
  let listening: Listening;
  let gateway: Gateway;

  async function open(
    faults: Parameters<typeof createSimulator>[0]['scenario']['providers'][string]['faults'] = [],
  ) {
    const latency = { firstTokenMs: { p50: 2, p95: 4 }, tokensPerSecond: 5_000 };
    const providers = Object.fromEntries(
      WIRE_NAMES.map((wire) => [wire, { wire, latency, faults: wire === 'openai' ? faults : [] }]),
    );
    const simulator = createSimulator({ seed: 1, scenario: { providers } });
    listening = await simulator.listen();
    gateway = createGateway({
      roles: { classify: Object.values(TARGETS), reason: [TARGETS.google] },
      providers: simulator.providers(listening.url),
    });
    return simulator;
  }
  const ask = (overrides = {}) =>
    gateway.generate(request({ deadline: { atMs: systemClock.nowMs() + 10_000 }, ...overrides }));

  afterEach(async () => {
    await gateway.close();
    await listening.close();
  });

  test('each wire answers', async () => {
    await open();
    expect((await ask()).servedBy).toBe(TARGETS.openai);
    expect((await ask({ route: 'reason' })).servedBy).toBe(TARGETS.google);
  });

  test.each(['reset', 'cut', 'cut-reset', 'error-500'] as const)('%s is survived', async (fault) => {
    await open([{ fault }]);
    const { servedBy, attempts } = await ask();
    expect(servedBy).toBe(TARGETS.anthropic);
    expect(attempts[0]?.outcome).toBe('error');
  });

  test('a cancelled call closes its connection', async () => {
    const simulator = await open([{ fault: 'stall' }]);
    const controller = new AbortController();
    gateway.events.once('attempt-start', () => queueMicrotask(() => controller.abort()));
    await expect(ask({ signal: controller.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(simulator.calls.filter(({ ended }) => ended === 'answered')).toEqual([]);
  });
});

test('a listener that throws does not disturb the call', async () => {
  const { gateway, generate } = createWorld();
  const uncaught: unknown[] = [];
  const catchIt = (error: unknown) => void uncaught.push(error);
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', catchIt);
  gateway.events.on('attempt-end', () => {
    throw new Error('from a listener');
  });
  expect((await generate()).servedBy).toBe(TARGETS.openai);
  process.off('uncaughtException', catchIt);
  for (const other of others) process.on('uncaughtException', other);
  expect(uncaught).toEqual([new Error('from a listener')]);
});

test('a ledger that throws fails its call and keeps no place', async () => {
  const ledger = memoryLedger();
  const broken = {
    ...ledger,
    recordLatency: () => {
      throw new Error('disk full');
    },
  };
  const { gateway, generate } = createWorld({ config: { ledger: broken } });
  await expect(generate()).rejects.toThrow('disk full');
  expect(gateway.targets()[0]).toMatchObject({ inFlight: 0, breaker: 'closed' });
});

describe('resolveConfig', () => {
  const { clock } = createWorld();
  const context: ConfigContext = {
    clock,
    random: { next: () => 0 },
    seed: 7,
    virtual: true,
    rows: 3,
    env: { SOME: 'value' },
  };

  test('fills in the clock, chance and environment of the run', async () => {
    const roles = { classify: ['openai/gpt-5-mini'] };
    expect(await resolveConfig({ roles }, context)).toEqual({
      roles,
      clock,
      random: context.random,
      env: context.env,
    });
    expect(await resolveConfig({ roles, env: {} }, context)).toMatchObject({ env: {} });
  });

  test('calls a factory with the context', async () => {
    const config = await resolveConfig(
      async ({ seed, rows }) => ({ roles: { classify: [`mock/${seed}-${rows}`] } }),
      context,
    );
    expect(config.roles).toEqual({ classify: ['mock/7-3'] });
  });
});

test('the memory ledger keeps each key apart', () => {
  const ledger = memoryLedger();
  for (let ms = 1; ms <= 100; ms++) ledger.recordLatency('a', ms);
  expect(ledger.latency('a')).toEqual({ samples: 100, p50Ms: 50, p95Ms: 95, p98Ms: 98 });
  expect(ledger.latency('b')).toBeNull();
});

test('a call is priced before it is made, where the price table knows the model', () => {
  const { gateway } = createWorld();
  const tokens = { inputTokens: 1_000_000, outputTokens: 0 };
  const usd = gateway.priceUsd('openai/gpt-5-mini', tokens);
  expect(usd).toBeGreaterThan(0);
  expect(gateway.priceUsd('openai/gpt-5-mini', { ...tokens, inputTokens: 2_000_000 })).toBeCloseTo(
    2 * Number(usd),
  );
  expect(gateway.priceUsd('openai/unknown', tokens)).toBeNull();
});

describe('secretIn', () => {
  const header = { 'x-api-key': 'Token canary-header', 'x-title': 'no-secret-at-all' };
  const gateway = createGateway({
    roles: { classify: ['openai/gpt-5-mini', 'own/model'] },
    providers: { own: { wire: 'openai', baseUrl: 'https://own.test/v1', headers: header } },
    env: { OPENAI_API_KEY: 'canary-openai-key', UNUSED_KEY: 'canary-unused-key' },
  });

  test('names the credentials of the config that a text holds', () => {
    expect(gateway.secretIn?.('it is canary-openai-key')).toBe('OPENAI_API_KEY');
    expect(gateway.secretIn?.('it is canary-header')).toBe('x-api-key');
    expect(gateway.secretIn?.('canary-unused-key no-secret-at-all')).toBeNull();
  });

  test('is absent where there are none', () => {
    expect(createGateway({ roles: {}, env: {} }).secretIn).toBeUndefined();
  });
});
