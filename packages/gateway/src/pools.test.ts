import { seededRandom } from '@paceline/resilience';
import { describe, expect, test } from 'vitest';
import { checkConfig } from './config-check.ts';
import { createGateway, memoryLedger, missingCredentials } from './index.ts';
import { createLatencyBook } from './latency-book.ts';
import { createWorld, TARGETS } from './test-support/world.ts';
import type { AttemptRecord, GatewayConfig } from './index.ts';
import type { World } from './test-support/world.ts';
import type { FaultRule } from '@paceline/simulator';

const { openai, anthropic } = TARGETS;
const ENV = { KEY_A: 'sk-alpha-0123456789', KEY_B: 'sk-bravo-0123456789', KEY_C: 'sk-charlie-0123456789' };
const [A, B, C] = Object.values(ENV) as [string, string, string];

type Keys = Readonly<Record<string, { readonly apiKey: `env:${string}`; readonly weight?: number }>>;

const TWO: Keys = { a: { apiKey: 'env:KEY_A' }, b: { apiKey: 'env:KEY_B' } };
const THREE: Keys = { ...TWO, c: { apiKey: 'env:KEY_C' } };

interface PoolOptions {
  readonly keys?: Keys;
  readonly faults?: readonly FaultRule[];
  readonly targets?: readonly string[];
  readonly seed?: number;
  readonly config?: Partial<GatewayConfig>;
}

/** A gateway whose OpenAI has several keys. */
function poolOf({ keys = TWO, faults = [], targets = [openai], ...options }: PoolOptions = {}): World {
  const providers = createWorld().simulator.providers();
  return createWorld({
    targets,
    faults: { openai: faults },
    ...options,
    config: {
      providers: { ...providers, openai: { ...providers['openai']!, keys } },
      env: ENV,
      ...options.config,
    },
  });
}

const trail = (attempts: readonly AttemptRecord[]) =>
  attempts.map(({ kind, target, code }) => `${kind} ${target} ${code ?? 'ok'}`);

const parked = ({ gateway }: World) =>
  Object.fromEntries(gateway.health().targets.map(({ name, parked: each }) => [name, each]));

const limited = (key: string, more: Partial<FaultRule> = {}): FaultRule => ({
  fault: 'rate-limit',
  keys: [key],
  ...more,
});

const spent = (key: string, more: Partial<FaultRule> = {}): FaultRule => ({
  fault: 'quota',
  keys: [key],
  ...more,
});

const refused = (key: string, more: Partial<FaultRule> = {}): FaultRule => ({
  fault: 'auth',
  keys: [key],
  ...more,
});

const problems = (openaiEntry: object): string => {
  try {
    checkConfig({ roles: { classify: [openai] }, providers: { openai: openaiEntry } });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('weights', () => {
  /** How many of so many calls each key got, each a run of its own. */
  async function shares(keys: Keys, more: PoolOptions & { readonly tools?: boolean } = {}) {
    const world = poolOf({ keys, seed: 7, ...more });
    const counts: Record<string, number> = {};
    const tools = more.tools === true ? [{ name: 'find', description: '', inputSchema: {} }] : [];
    for (let call = 0; call < 200; call++) {
      const [first] = (await world.generate({ tools })).attempts;
      const key = first!.target.split('@')[1]!;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  }
  const uneven: Keys = { a: { apiKey: 'env:KEY_A', weight: 3 }, b: { apiKey: 'env:KEY_B' } };

  // Of 200 draws with a chance of 3/4, 126 to 174 are within four standard deviations.
  test('each key gets its share of the calls', async () => {
    const { a, b } = await shares(uneven);
    expect(a).toBeGreaterThan(125);
    expect(a).toBeLessThan(175);
    expect(a! + b!).toBe(200);
  });

  test('and of the conversations, where each keeps its key', async () => {
    const { a } = await shares(uneven, { tools: true });
    expect(a).toBeGreaterThan(125);
    expect(a).toBeLessThan(175);
  });

  test('a weight of 0 is for when no other key is left', async () => {
    const keys: Keys = { a: { apiKey: 'env:KEY_A' }, b: { apiKey: 'env:KEY_B', weight: 0 } };
    expect(await shares(keys)).toEqual({ a: 200 });
    const world = poolOf({ keys, faults: [limited(A)] });
    expect((await world.generate()).servedBy).toBe(`${openai}@b`);
  });

  test.each(['fastest', 'sticky'] as const)('a %s route shares them out as well', async (strategy) => {
    const config = { roles: { classify: { targets: [openai], strategy } } };
    const { a } = await shares(uneven, { config });
    expect(a).toBeGreaterThan(125);
    expect(a).toBeLessThan(175);
  });

  test('on a sticky route a pool counts as one target, however many keys it has', async () => {
    const config = { roles: { classify: { targets: [openai, anthropic], strategy: 'sticky' as const } } };
    const world = poolOf({ keys: THREE, config });
    let pooled = 0;
    for (let call = 0; call < 200; call++) pooled += (await world.generate()).servedBy === anthropic ? 0 : 1;
    expect(pooled).toBeGreaterThan(70);
    expect(pooled).toBeLessThan(130);
  });

  test('the turns of a conversation stay with one key, and its prompt cache', async () => {
    const world = poolOf({ keys: THREE });
    const call = { runId: 'run-1', step: 'act' };
    const tools = [{ name: 'find', description: '', inputSchema: {} }];
    const served = new Set<string>();
    for (let turn = 0; turn < 20; turn++)
      served.add((await world.generate({ tools, call: { ...call, turn } })).servedBy);
    expect(served.size).toBe(1);
  });
});

describe('a rate limit', () => {
  test('is the key’s: the next one is asked at once', async () => {
    // A single target would be waited for.
    const world = poolOf({ faults: [limited(A, { retryAfterMs: 300 })] });
    let attempts: readonly AttemptRecord[] = [];
    while (attempts.length < 2) ({ attempts } = await world.generate());
    expect(trail(attempts)).toEqual([`first ${openai}@a RATE_LIMITED`, `failover ${openai}@b ok`]);
    expect(attempts[1]!.startedAfterMs).toBe(attempts[0]!.ms);
  });

  test('keeps calls away from the key until it is over', async () => {
    const world = poolOf({ faults: [limited(A, { retryAfterMs: 30_000 })] });
    while (parked(world)[`${openai}@a`] === null) await world.generate();
    const before = world.simulator.calls.length;
    for (let call = 0; call < 20; call++) expect((await world.generate()).servedBy).toBe(`${openai}@b`);
    expect(world.simulator.calls).toHaveLength(before + 20);
    expect(parked(world)[`${openai}@a`]?.code).toBe('RATE_LIMITED');
    await world.clock.advance(30_000);
    expect(parked(world)[`${openai}@a`]).toBeNull();
  });

  test('without a word of its end is one for a second, then for two', async () => {
    const world = poolOf({
      keys: { a: { apiKey: 'env:KEY_A' } },
      faults: [limited(A, { retryAfterMs: 0 })],
      config: { policy: { attempts: 1 } },
    });
    for (const forMs of [1_000, 2_000, 4_000]) {
      await world.failure();
      expect(parked(world)[`${openai}@a`]).toEqual({ code: 'RATE_LIMITED', forMs });
      await world.clock.advance(forMs);
    }
  });

  test('of all keys is waited for, if that leaves time for an answer', async () => {
    const world = poolOf({ faults: [A, B].map((key) => limited(key, { retryAfterMs: 3_000, times: 1 })) });
    const { attempts } = await world.generate();
    expect(trail(attempts).at(-1)).toMatch(/ok$/);
    expect(attempts).toHaveLength(3);
    expect(attempts[2]!.startedAfterMs).toBeGreaterThanOrEqual(3_000);
  });

  test('of all keys that lasts too long says when the first is back, and asks nobody', async () => {
    const world = poolOf({
      faults: [limited(A, { retryAfterMs: 600_000 }), limited(B, { retryAfterMs: 900_000 })],
    });
    const error = await world.failure();
    expect(error).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
    expect(error.attempts).toHaveLength(2);
    const asked = world.simulator.calls.length;
    const again = await world.failure();
    expect(again).toMatchObject({ code: 'RATE_LIMITED', attempts: [] });
    expect(again.retryInMs).toBeGreaterThan(599_000);
    expect(again.retryInMs).toBeLessThanOrEqual(600_000);
    expect(again.message).toContain(`${openai}@a (RATE_LIMITED)`);
    expect(world.simulator.calls).toHaveLength(asked);
    expect(world.gateway.usable('classify', { withinMs: 20_000 })).toMatchObject({
      usable: false,
      learned: true,
    });
  });
});

test('a call that waits for a place is not sent with a key that was parked meanwhile', async () => {
  const world = poolOf({
    keys: { a: { apiKey: 'env:KEY_A' } },
    faults: [limited(A, { retryAfterMs: 600_000 })],
    config: { policy: { maxInFlightPerTarget: 1 } },
  });
  const calls = Array.from({ length: 3 }, () => world.gateway.generate(world.ask()));
  const settled = await world.clock.run(Promise.allSettled(calls));
  expect(settled.map((each) => each.status === 'rejected' && each.reason.code)).toEqual(
    Array(3).fill('RATE_LIMITED'),
  );
  expect(world.simulator.calls).toHaveLength(1);
});

test('targets without keys are left alone for as long as a rate limit says, too', async () => {
  const world = createWorld({
    targets: [openai, anthropic],
    faults: {
      openai: [{ fault: 'rate-limit', retryAfterMs: 600_000, times: 1 }],
      anthropic: [{ fault: 'rate-limit', retryAfterMs: 700_000, rows: [1, 2] }],
    },
  });
  expect((await world.generate()).attempts).toHaveLength(2);
  const error = await world.failure();
  expect(error).toMatchObject({ code: 'RATE_LIMITED' });
  expect(trail(error.attempts)).toEqual([`first ${anthropic} RATE_LIMITED`]);
  expect(await world.failure()).toMatchObject({ code: 'RATE_LIMITED', attempts: [] });
  await world.clock.advance(600_000);
  expect((await world.generate()).servedBy).toBe(openai);
});

describe('a used up quota', () => {
  test('parks the key until the provider says it is full again', async () => {
    const world = poolOf({ faults: [spent(A, { retryAfterMs: 21_600_000, times: 1 })] });
    while (parked(world)[`${openai}@a`] === null) await world.generate();
    expect(parked(world)[`${openai}@a`]!.code).toBe('QUOTA_EXHAUSTED');
    await world.clock.advance(21_000_000);
    for (let call = 0; call < 20; call++) expect((await world.generate()).servedBy).toBe(`${openai}@b`);
    await world.clock.advance(600_000);
    const served = new Set<string>();
    for (let call = 0; call < 20; call++) served.add((await world.generate()).servedBy);
    expect(served).toEqual(new Set([`${openai}@a`, `${openai}@b`]));
  });

  test('without a word of its end parks it for a minute, then for two, at most for an hour', async () => {
    const world = poolOf({ keys: { a: { apiKey: 'env:KEY_A' } }, faults: [spent(A)] });
    const minutes: number[] = [];
    for (let time = 0; time < 8; time++) {
      expect((await world.failure()).attempts).toHaveLength(1);
      const { forMs } = parked(world)[`${openai}@a`]!;
      minutes.push(forMs / 60_000);
      await world.clock.advance(forMs);
    }
    expect(minutes).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  test('of all keys says so, and when the first is back', async () => {
    const world = poolOf({
      faults: [spent(A, { retryAfterMs: 7_200_000 }), spent(B, { retryAfterMs: 3_600_000 })],
    });
    expect(await world.failure()).toMatchObject({ code: 'QUOTA_EXHAUSTED', retryInMs: 3_600_000 });
    await world.clock.advance(1_600_000);
    expect(await world.failure()).toMatchObject({
      code: 'QUOTA_EXHAUSTED',
      attempts: [],
      retryInMs: 2_000_000,
    });
    const use = world.gateway.usable('classify', { withinMs: 20_000 });
    expect(use).toMatchObject({ usable: false, reason: expect.stringContaining('its quota is exhausted') });
  });
});

describe('a key that is refused', () => {
  test('is parked alone, and named by its variable', async () => {
    const world = poolOf({ faults: [refused(A)] });
    const records: AttemptRecord[] = [];
    world.gateway.events.on('attempt-end', ({ record }) => void records.push(record));
    while (parked(world)[`${openai}@a`] === null) await world.generate();
    expect(parked(world)).toMatchObject({
      [`${openai}@a`]: { code: 'AUTH_REJECTED', forMs: expect.any(Number) },
    });
    expect(parked(world)[`${openai}@b`]).toBeNull();
    const [failed] = records.filter(({ code }) => code === 'AUTH_REJECTED');
    expect(failed!.message).toMatch(/^The key in KEY_A: /);
    expect(JSON.stringify([records, world.gateway.health()])).not.toContain(A);
  });

  test('one flagged request does not shut out a key', async () => {
    // 403 may be meant for the request alone.
    const world = poolOf({
      keys: { a: { apiKey: 'env:KEY_A' } },
      config: { fetch: async () => forbidden() },
    });
    await world.failure();
    expect(parked(world)[`${openai}@a`]).toBeNull();
  });
});

const forbidden = () => Response.json({ error: { message: 'Flagged.' } }, { status: 403 });

test('what ails the provider ails it under every key: another provider is asked before the next key', async () => {
  const world = poolOf({ keys: THREE, targets: [openai, anthropic], faults: [{ fault: 'overloaded' }] });
  const { attempts } = await world.generate();
  expect(attempts.map(({ target }) => target.split('@')[0])).toEqual([openai, anthropic]);
});

test('a provider that is slow is hedged with another provider, not with another key', async () => {
  const ledger = memoryLedger();
  const book = createLatencyBook(ledger);
  for (const target of [`${openai}@a`, `${openai}@b`, anthropic]) {
    for (let call = 0; call < 100; call++)
      book.record(target, {
        promptTokens: 20,
        // One in ten is slow, so that only the slowest are hedged.
        firstChunkMs: call % 10 === 0 ? 1_500 : 100,
        restMs: 500,
        outputTokens: 20,
      });
  }
  const world = poolOf({
    faults: [{ fault: 'slow', firstTokenMs: 3_000, rows: [30, 31] }],
    config: { ledger, roles: { classify: { targets: [openai, anthropic], hedge: true } } },
  });
  let attempts: readonly AttemptRecord[] = [];
  for (let call = 0; call <= 30; call++) ({ attempts } = await world.generate());
  expect(attempts.map(({ kind, target }) => `${kind} ${target.split('@')[0]}`)).toEqual([
    `first ${openai}`,
    `hedge ${anthropic}`,
  ]);
});

describe('origins', () => {
  test('a key is sent to its own origin and to no other', async () => {
    const seen: string[] = [];
    const { clock, ask } = createWorld();
    const gateway = createGateway({
      clock,
      roles: { classify: [openai, 'proxy/gpt-5-mini', 'deepseek/deepseek-chat'] },
      providers: {
        openai: { keys: TWO },
        proxy: { wire: 'openai', baseUrl: 'https://proxy.example/v1', keys: { c: { apiKey: 'env:KEY_C' } } },
      },
      env: { ...ENV, OPENAI_API_KEY: 'sk-default', DEEPSEEK_API_KEY: 'sk-deep' },
      random: seededRandom(1),
      policy: { attempts: 8 },
      async fetch(input, init) {
        const key = new Headers(init?.headers).get('authorization')?.replace('Bearer ', '');
        seen.push(`${new URL(String(input)).origin} ${key}`);
        return Response.json({ error: { message: 'Slow down.' } }, { status: 429 });
      },
    });
    await clock.run(gateway.generate(ask()).catch(() => {}));
    await gateway.close();
    expect(new Set(seen)).toEqual(
      new Set([
        `https://api.openai.com ${A}`,
        `https://api.openai.com ${B}`,
        `https://proxy.example ${C}`,
        'https://api.deepseek.com sk-deep',
      ]),
    );
  });
});

describe('the config', () => {
  test.each([
    [{ keys: {} }, 'providers.openai.keys: Expected at least one.'],
    [{ keys: TWO, apiKey: 'env:KEY_C' }, 'providers.openai: Leave `apiKey` out'],
    [
      { keys: TWO, endpoints: { eu: { baseUrl: 'https://eu.example.com' } } },
      'Give each endpoint its own `apiKey` instead',
    ],
    [
      { keys: { ...TWO, c: { apiKey: 'env:KEY_A' } } },
      'providers.openai.keys.c: `env:KEY_A` is listed twice.',
    ],
    [{ keys: { a: { apiKey: 'env:KEY_A', weight: 0 } } }, 'Expected at least one weight above 0.'],
    [{ keys: { a: { apiKey: 'env:KEY_A', weight: -1 } } }, 'providers.openai.keys.a.weight'],
    [{ keys: { a: { apiKey: 'sk-literal' } } }, 'a key itself never stands in a config'],
    [
      { keys: { a: { apiKey: 'env:KEY_A', baseUrl: 'https://other.example.com' } } },
      'providers.openai.keys.a',
    ],
    [{ wire: 'openai-compatible', keys: TWO }, 'providers.openai: needs a `baseUrl`.'],
  ])('refuses %j', (entry, message) => expect(problems(entry)).toContain(message));

  test('names the keys that are missing, and uses the others', async () => {
    const providers = { openai: { keys: THREE } };
    const env = { KEY_B: B };
    expect(missingCredentials({ roles: { classify: [openai] }, providers, env })).toEqual(['KEY_A', 'KEY_C']);
    const world = poolOf({ keys: THREE, config: { env } });
    for (let call = 0; call < 5; call++) expect((await world.generate()).servedBy).toBe(`${openai}@b`);
  });

  test('every key is a secret, also one that no route uses, and known by its variable', () => {
    const { gateway } = poolOf({ keys: THREE, targets: [`${openai}@a`] });
    expect([A, B, C].map((key) => gateway.secretIn?.(`curl -H "authorization: Bearer ${key}"`))).toEqual(
      Object.keys(ENV),
    );
  });

  test('one key may be named alone', async () => {
    const world = poolOf({ targets: [`${openai}@b`], keys: TWO });
    for (let call = 0; call < 5; call++) expect((await world.generate()).servedBy).toBe(`${openai}@b`);
  });
});
