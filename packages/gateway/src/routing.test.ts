import { deadlineIn, seededRandom } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createSimulator } from '@paceline/simulator';
import { beforeAll, describe, expect, test } from 'vitest';
import { createGateway, missingCredentials } from './index.ts';
import { cannedFetch, request } from './test-support/canned.ts';
import type { FaultRule } from '@paceline/simulator';
import type {
  EndpointConfig,
  GatewayConfig,
  GatewayError,
  GatewayEvents,
  ModelRequest,
  RouteSettings,
} from './index.ts';

/** A package is read from the disk in real time, in which a virtual clock runs ahead: a first call would seem to take seconds. */
beforeAll(() => import('@ai-sdk/azure'));

interface Place {
  readonly firstTokenMs?: number;
  readonly faults?: readonly FaultRule[];
}

type Places = Readonly<Record<string, Place>>;

/** Where a simulated provider of this name listens. */
const at = (place: string) => ({ baseUrl: `http://simulator.invalid/${place}/v1` });

/** A gateway whose role `classify` has the given settings, on simulated providers of the given names and speeds. */
function createWorld(places: Places, classify: RouteSettings, config: Partial<GatewayConfig> = {}) {
  const clock = createVirtualClock();
  const providers = Object.fromEntries(
    Object.entries(places).map(([name, { firstTokenMs = 100, faults = [] }]) => {
      const latency = { firstTokenMs: { p50: firstTokenMs, p95: 1.2 * firstTokenMs }, tokensPerSecond: 200 };
      return [name, { wire: 'openai' as const, latency, faults }];
    }),
  );
  const simulator = createSimulator({ seed: 1, clock, scenario: { providers } });
  const gateway = createGateway({
    roles: { classify },
    providers: simulator.providers(),
    fetch: simulator.fetch,
    clock,
    random: seededRandom(1),
    ...config,
  });
  const plans: GatewayEvents['call-plan'][0][] = [];
  gateway.events.on('call-plan', (plan) => void plans.push(plan));
  let calls = 0;
  const generate = (overrides: Partial<ModelRequest> = {}) =>
    clock.run(
      gateway.generate({
        route: 'classify',
        messages: [{ role: 'user', text: 'Where is my refund?' }],
        answer: { type: 'text' },
        deadline: deadlineIn(clock, 20_000),
        signal: new AbortController().signal,
        call: { runId: `run-r${calls++}`, step: 'triage', turn: 0 },
        ...overrides,
      }),
    );
  /** Who served that many calls, one after the other, and why he was tried. */
  const served = async (count: number, overrides: Partial<ModelRequest> = {}) => {
    const who: string[] = [];
    for (let call = 0; call < count; call++) {
      const { servedBy, attempts } = await generate(overrides);
      who.push(`${servedBy} ${attempts.at(-1)?.reason}`);
    }
    return who;
  };
  return { clock, simulator, gateway, generate, served, plans };
}

const count = (who: readonly string[], name: string) => who.filter((each) => each.startsWith(name)).length;

describe('strategies, through the wire', () => {
  test('weighted: a canary gets its share', async () => {
    const { served } = createWorld(
      { a: {}, b: {} },
      { targets: ['a/main', 'b/canary'], strategy: 'weighted', weights: [90, 10] },
    );
    const who = await served(300);
    // 30 of 300, give or take three standard deviations.
    expect(count(who, 'b/canary weighted')).toBeGreaterThan(14);
    expect(count(who, 'b/canary weighted')).toBeLessThan(46);
    expect(count(who, 'a/main weighted') + count(who, 'b/canary weighted')).toBe(300);
  });

  test('cheapest: by the price of this prompt, and the next one when it fails', async () => {
    const priced = {
      a: { ...at('a'), wire: 'openai', pricedAs: 'openai' },
      b: { ...at('b'), wire: 'openai', pricedAs: 'openai' },
      c: { ...at('c'), wire: 'openai' },
    } as const;
    const targets = ['c/unheard-of', 'a/gpt-5.2', 'b/gpt-5-mini'];
    const { generate, served } = createWorld(
      { a: {}, b: { faults: [{ fault: 'error-500', rows: [1, 2] }] }, c: {} },
      { targets, strategy: 'cheapest' },
      { providers: priced },
    );
    expect(await served(1)).toEqual(['b/gpt-5-mini cheapest']);
    const { attempts } = await generate();
    expect(attempts.at(0)).toMatchObject({ target: 'b/gpt-5-mini', reason: 'cheapest', outcome: 'error' });
  });

  test('fastest: tries everybody, settles, and follows when the fast one slows down', async () => {
    const slowLater: FaultRule = { fault: 'slow', betweenMs: [60_000, 1e9], firstTokenMs: 250 };
    const { clock, served } = createWorld(
      { a: { firstTokenMs: 160 }, b: { firstTokenMs: 100, faults: [slowLater] } },
      { targets: ['a/m', 'b/m'], strategy: 'fastest' },
    );
    const start = await served(6);
    expect([count(start, 'a/m explored'), count(start, 'b/m explored')]).toEqual([3, 3]);
    expect(count(await served(60), 'b/m fastest')).toBeGreaterThan(54);
    await clock.advance(60_000);
    await served(100);
    expect(count(await served(60), 'a/m fastest')).toBeGreaterThan(54);
  });

  test('sticky: a conversation, else a run, stays where it is, and comes back', async () => {
    const { served, generate } = createWorld(
      { a: {}, b: {}, c: {} },
      { targets: ['a/m', 'b/m', 'c/m'], strategy: 'sticky' },
    );
    expect(new Set(await served(20, { conversation: 'one' })).size).toBe(1);
    const call = { runId: 'run-r7', step: 'triage', turn: 0 };
    expect(new Set(await served(20, { call })).size).toBe(1);
    expect(new Set(await served(60))).toEqual(new Set(['a/m sticky', 'b/m sticky', 'c/m sticky']));
    expect((await generate({ conversation: 'one' })).attempts).toHaveLength(1);
  });
});

const azure = (endpoints: Record<string, EndpointConfig>) =>
  ({ azure: { wire: 'openai', pricedAs: 'openai', endpoints } }) as const;

describe('endpoints', () => {
  const both = azure({ eu: at('eu'), us: at('us') });

  test('a bare name stands for all of them, the nearest first', async () => {
    const { served, gateway } = createWorld(
      { eu: { firstTokenMs: 300 }, us: { firstTokenMs: 100 } },
      { targets: ['azure/gpt-5-mini'] },
      { providers: both },
    );
    expect(gateway.targets().map(({ name }) => name)).toEqual(['azure/gpt-5-mini@eu', 'azure/gpt-5-mini@us']);
    await served(6);
    expect(count(await served(60), 'azure/gpt-5-mini@us nearest')).toBeGreaterThan(54);
  });

  test('one that is down is left out by its own breaker, not by its neighbour', async () => {
    const { served, gateway, simulator, plans } = createWorld(
      { eu: { faults: [{ fault: 'error-500' }] }, us: {} },
      { targets: ['azure/gpt-5-mini@eu', 'azure/gpt-5-mini'] },
      { providers: both },
    );
    await served(12);
    expect(gateway.targets().map(({ breaker }) => breaker)).toEqual(['open', 'closed']);
    const tried = simulator.calls.length;
    expect(await served(1)).toEqual(['azure/gpt-5-mini@us fallback']);
    expect(simulator.calls).toHaveLength(tried + 1);
    expect(plans.at(-1)).toMatchObject({
      route: 'classify',
      strategy: 'ordered',
      candidates: [{ name: 'azure/gpt-5-mini@us', reason: 'fallback' }],
      skipped: [{ name: 'azure/gpt-5-mini@eu', reason: 'breaker-open' }],
    });
  });

  test('a tenant with an endpoint of its own uses it alone, and nobody else does', async () => {
    const { served, generate, plans } = createWorld(
      { eu: {}, us: {} },
      { targets: ['azure/gpt-5-mini'] },
      { providers: azure({ eu: at('eu'), us: { ...at('us'), tenants: ['acme'] } }) },
    );
    expect(await served(20, { tenant: 'acme' })).toEqual(Array(20).fill('azure/gpt-5-mini@us preferred'));
    expect(await served(20, { tenant: 'other' })).toEqual(Array(20).fill('azure/gpt-5-mini@eu preferred'));
    expect((await generate()).servedBy).toBe('azure/gpt-5-mini@eu');
    expect(plans.at(-1)?.skipped).toEqual([{ name: 'azure/gpt-5-mini@us', reason: 'other-tenant' }]);
  });

  test('a tenant without any endpoint that serves it is told so', async () => {
    const { generate } = createWorld(
      { eu: {} },
      { targets: ['azure/gpt-5-mini'] },
      { providers: azure({ eu: { ...at('eu'), tenants: ['acme'] } }) },
    );
    const error = (await generate({ tenant: 'other' }).catch((reason: unknown) => reason)) as GatewayError;
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('other tenants'),
    });
  });
});

describe('credentials stay with their origin', () => {
  const provider = {
    wire: 'openai',
    baseUrl: 'http://home.test/v1',
    apiKey: 'env:SHARED',
    headers: { 'x-account': 'account-0' },
    endpoints: {
      plain: {},
      neighbour: { baseUrl: 'http://home.test/other/v1' },
      own: { apiKey: 'env:OWN' },
      abroad: { baseUrl: 'http://abroad.test/v1', apiKey: 'env:ABROAD' },
    },
  } as const;
  const env = {
    SHARED: 'key-shared',
    OWN: 'key-of-own',
    ABROAD: 'key-abroad',
    OPENAI_API_KEY: 'key-default',
  };

  /** What the first request of a call to this target carries. */
  async function sentTo(target: string, providers: GatewayConfig['providers'] = { p: provider }) {
    const { fetch, requests } = cannedFetch({
      status: 401,
      chunks: ['{"error":{"message":"key-of-own is wrong"}}'],
    });
    const clock = createVirtualClock();
    const gateway = createGateway({
      roles: { classify: [target] },
      providers: providers ?? {},
      fetch,
      clock,
      env,
    });
    const error: GatewayError = await clock.run(gateway.generate(request()).catch((reason) => reason));
    const { url, headers } = requests[0] ?? expect.unreachable('nothing was sent');
    return {
      message: error.message,
      host: new URL(url).host,
      key: headers.get('authorization')?.replace('Bearer ', ''),
      account: headers.get('x-account'),
    };
  }

  test.each([
    { endpoint: 'plain', host: 'home.test', key: 'key-shared', account: 'account-0' },
    { endpoint: 'neighbour', host: 'home.test', key: 'key-shared', account: 'account-0' },
    { endpoint: 'own', host: 'home.test', key: 'key-of-own', account: 'account-0' },
    { endpoint: 'abroad', host: 'abroad.test', key: 'key-abroad', account: null },
  ])('$endpoint', async ({ endpoint, ...sent }) => {
    expect(await sentTo(`p/m@${endpoint}`)).toMatchObject(sent);
  });

  test('a default key goes to no base URL that an endpoint names', async () => {
    const openai = {
      wire: 'openai',
      endpoints: { eu: { baseUrl: 'https://eu.test/v1' }, main: {} },
    } as const;
    expect((await sentTo('openai/m@eu', { openai })).key).toBe('none');
    expect(await sentTo('openai/m@main', { openai })).toMatchObject({
      host: 'api.openai.com',
      key: 'key-default',
    });
  });

  test("an endpoint's key is removed from what a provider says", async () => {
    const { message } = await sentTo('p/m@own');
    expect(message).toContain('[redacted] is wrong');
    expect(message).not.toContain('key-of-own');
  });

  test('each key that an endpoint lacks is listed', () => {
    const config = {
      roles: { classify: ['p/m'] },
      providers: { p: provider },
      env: { SHARED: 'key-shared' },
    };
    expect(missingCredentials(config)).toEqual(['OWN', 'ABROAD']);
  });
});
