import { describe, expect, test } from 'vitest';
import { memoryLedger } from './index.ts';
import { createLatencyBook } from './latency-book.ts';
import { createWorld, TARGETS } from './test-support/world.ts';
import type { AttemptRecord, GatewayEvents, ModelResult } from './index.ts';
import type { World } from './test-support/world.ts';

const { openai, anthropic } = TARGETS;
const trail = (attempts: readonly AttemptRecord[]) =>
  attempts.map(({ kind, target, code }) => `${kind} ${target.split('/')[0]} ${code ?? 'ok'}`);

/** What a world's gateway tells under one name, from now on. */
function heard<Name extends keyof GatewayEvents>({ gateway }: World, name: Name): GatewayEvents[Name][0][] {
  const events: GatewayEvents[Name][0][] = [];
  gateway.events.on(name, ((event: GatewayEvents[Name][0]) => void events.push(event)) as never);
  return events;
}

const health = ({ gateway }: World, at = 0) => gateway.health().targets[at]!;

/** A call of the tenant that meets the faults of step `flood`. */
const flood = (row: number) => ({
  tenant: 'flood',
  call: { runId: `run-r${row}`, step: 'flood', turn: 0 },
});

/** The names of the calls in the order in which they ended; `not` for those that failed. */
const order = async ({ clock }: World, calls: Readonly<Record<string, Promise<ModelResult>>>) => {
  const served: string[] = [];
  const all = Object.entries(calls).map(([name, call]) =>
    call.then(
      () => served.push(name),
      () => served.push(`${name} not`),
    ),
  );
  await clock.run(Promise.all(all));
  return served;
};

describe('rate limits that the provider tells of', () => {
  const twoAMinute = { openai: { rateLimit: { requestsPerMinute: 2 } } };

  test('one that is used up is known before the 429', async () => {
    const { generate, simulator, gateway } = createWorld({ simulated: twoAMinute });
    for (const provider of ['openai', 'openai', 'anthropic']) {
      expect(trail((await generate()).attempts)).toEqual([`first ${provider} ok`]);
    }
    expect(simulator.calls.map(({ status }) => status)).toEqual([200, 200, 200]);
    const { rate } = gateway.health().targets[0]!;
    expect(rate.requestsLeft).toBeLessThan(0.5);
    expect(rate.retryInMs).toBeGreaterThan(20_000);
  });

  test('calls side by side do not all take the last of it', async () => {
    const world = createWorld({ simulated: twoAMinute });
    await world.generate();
    const calls = Array.from({ length: 5 }, () => world.gateway.generate(world.ask()));
    const results = await world.clock.run(Promise.all(calls));
    expect(results.filter(({ servedBy }) => servedBy === openai)).toHaveLength(1);
    expect(results.every(({ attempts }) => attempts.length === 1)).toBe(true);
  });

  test('the only target is waited for, and nothing is asked before it is time', async () => {
    const { generate, simulator } = createWorld({ targets: [openai], simulated: twoAMinute });
    for (let call = 0; call < 2; call++) await generate();
    const { attempts } = await generate({ withinMs: 60_000 });
    expect(trail(attempts)).toEqual(['first openai ok']);
    expect(attempts[0]!.startedAfterMs).toBeGreaterThan(25_000);
    expect(simulator.calls).toHaveLength(3);
  });

  test('a wait that does not fit is not begun', async () => {
    const { generate, failure, clock } = createWorld({ targets: [openai], simulated: twoAMinute });
    for (let call = 0; call < 2; call++) await generate();
    const before = clock.nowMs();
    const error = await failure({ withinMs: 10_000 });
    expect(error).toMatchObject({ code: 'RATE_LIMITED', attempts: [] });
    expect(error.retryInMs).toBeGreaterThan(20_000);
    expect(clock.nowMs()).toBe(before);
  });

  test('a call comes back for it when the other targets have failed', async () => {
    const { generate } = createWorld({
      targets: [openai, anthropic],
      simulated: twoAMinute,
      faults: { anthropic: [{ fault: 'auth' }] },
    });
    for (let call = 0; call < 2; call++) await generate();
    const { attempts } = await generate({ withinMs: 60_000 });
    expect(trail(attempts)).toEqual(['first anthropic AUTH_REJECTED', 'failover openai ok']);
  });

  test('tokens count as well', async () => {
    const { generate, ask } = createWorld({ simulated: { openai: { rateLimit: { tokensPerMinute: 400 } } } });
    const long = [{ role: 'user' as const, text: 'refund '.repeat(150) }];
    expect((await generate({ messages: long })).servedBy).toBe(openai);
    expect((await generate({ messages: long })).servedBy).toBe(anthropic);
    expect((await generate({ messages: ask().messages })).servedBy).toBe(openai);
  });
});

describe('what a person has to mend', () => {
  test.each([
    ['auth', 'credential-rejected'],
    ['quota', 'quota-exhausted'],
    ['model-not-found', 'model-not-found'],
  ] as const)('after %s twice in a row calls pass the target over', async (fault, reason) => {
    const world = createWorld({ faults: { openai: [{ fault }] } });
    const plans = heard(world, 'call-plan');
    for (const attempts of [2, 2, 1]) expect((await world.generate()).attempts).toHaveLength(attempts);
    expect(plans.at(-1)?.skipped).toEqual([{ name: openai, reason }]);
    expect(health(world).denied).toMatchObject([{ tenant: '' }]);
    expect(health(world).breaker.phase).toBe('closed');
    await world.clock.advance(300_000);
    expect((await world.generate()).attempts).toHaveLength(2);
    expect((await world.generate()).attempts).toHaveLength(1);
  });

  test('one refusal between answers does not count', async () => {
    const { generate } = createWorld({
      faults: {
        openai: [
          { fault: 'auth', rows: [1, 2] },
          { fault: 'auth', rows: [3, 4] },
        ],
      },
    });
    const served: string[] = [];
    for (let call = 0; call < 6; call++) served.push((await generate()).servedBy);
    expect(served).toEqual([openai, anthropic, openai, anthropic, openai, openai]);
  });

  test('one tenant’s trouble is not the others’', async () => {
    const { generate } = createWorld({ faults: { openai: [{ fault: 'auth', step: 'flood' }] } });
    for (const attempts of [2, 2, 1])
      expect((await generate(flood(attempts))).attempts).toHaveLength(attempts);
    expect((await generate({ tenant: 'quiet' })).servedBy).toBe(openai);
    expect((await generate()).servedBy).toBe(openai);
  });

  test('the last target is asked all the same, though not by every call', async () => {
    const world = createWorld({ targets: [openai], faults: { openai: [{ fault: 'auth', rows: [0, 4] }] } });
    for (let call = 0; call < 3; call++) expect((await world.failure()).attempts).toHaveLength(1);
    const error = await world.failure();
    expect(error).toMatchObject({ code: 'AUTH_REJECTED', attempts: [] });
    expect(error.retryInMs).toBeGreaterThan(200_000);
    await world.clock.advance(250);
    expect((await world.generate()).attempts).toMatchObject([{ reason: 'forced-probe' }]);
    expect(health(world).denied).toEqual([]);
    expect((await world.generate()).attempts).toMatchObject([{ reason: 'preferred' }]);
  });
});

describe('places', () => {
  test('a rate limit cuts them, quiet seconds bring them back', async () => {
    const world = createWorld({
      targets: [openai],
      faults: { openai: [{ fault: 'rate-limit', retryAfterMs: 100, rows: [0, 1], attempts: [1] }] },
      config: { policy: { maxInFlightPerTarget: 10 } },
    });
    const changes = heard(world, 'limit-change');
    await world.generate();
    expect(health(world).limit).toEqual({ now: 7, max: 10, inFlight: 0 });
    expect(changes).toEqual([{ target: openai, limit: 7 }]);
    const burst = () =>
      world.clock.run(Promise.all(Array.from({ length: 8 }, () => world.gateway.generate(world.ask()))));
    for (let second = 0; second < 12; second++) {
      await world.clock.advance(1_000);
      await burst();
    }
    expect(health(world).limit.now).toBe(10);
  });

  test('a target that recovered gets its calls back step by step', async () => {
    const world = createWorld({
      targets: [openai],
      faults: { openai: [{ fault: 'overloaded', betweenMs: [0, 5_000] }] },
      config: { policy: { maxInFlightPerTarget: 40 } },
    });
    for (let call = 0; call < 3; call++) await world.failure();
    await world.clock.advance(8_000);
    for (let call = 0; call < 2; call++) await world.generate();
    expect(health(world)).toMatchObject({ breaker: { phase: 'closed' }, limit: { max: 40 } });
    expect(health(world).limit.now).toBeLessThanOrEqual(8);
    await world.clock.advance(10_000);
    expect(health(world).limit.now).toBe(40);
  });

  const onePlace = { targets: [openai], config: { policy: { maxInFlightPerTarget: 1 } } } as const;

  test('tenants that wait for one take turns', async () => {
    const world = createWorld(onePlace);
    const call = (tenant: string) => world.gateway.generate(world.ask({ tenant }));
    const served = await order(world, { a1: call('a'), a2: call('a'), a3: call('a'), b1: call('b') });
    expect(served).toEqual(['a1', 'b1', 'a2', 'a3']);
  });

  test('heavier tenants get more turns', async () => {
    const world = createWorld({
      ...onePlace,
      config: { policy: { maxInFlightPerTarget: 1, tenantWeights: { b: 4 } } },
    });
    const call = (tenant: string) => world.gateway.generate(world.ask({ tenant }));
    const calls = { a1: call('a'), a2: call('a'), b1: call('b'), b2: call('b'), b3: call('b') };
    expect(await order(world, calls)).toEqual(['a1', 'b1', 'b2', 'b3', 'a2']);
  });

  test('a full queue drops the least critical call', async () => {
    const world = createWorld(onePlace);
    const call = (criticality: 'sheddable' | 'critical-plus') =>
      world.gateway.generate(world.ask({ criticality }));
    const calls = Object.fromEntries(Array.from({ length: 5 }, (_, at) => [`low ${at}`, call('sheddable')]));
    const served = await order(world, { ...calls, high: call('critical-plus') });
    expect(served[0]).toBe('low 4 not');
    expect(served).toContain('high');
  });

  test('the last target is not waited for when too little time is left for an answer', async () => {
    const world = createWorld(onePlace);
    for (let call = 0; call < 3; call++) await world.generate();
    const usualMs = health(world).firstChunk!.p50Ms;
    const [, late] = await world.clock.run(
      Promise.allSettled([
        world.gateway.generate(world.ask()),
        world.gateway.generate(world.ask({ withinMs: usualMs + 50 })),
      ]),
    );
    expect(late).toMatchObject({ reason: { code: 'QUEUE_FULL', attempts: [] } });
  });
});

describe('slowness', () => {
  const patient = { limits: { firstChunkMs: 10_000 } };

  /** Ten slow answers of a target that is known to be quick. */
  async function meetSlowness(targets: readonly string[]): Promise<World> {
    const ledger = memoryLedger();
    const book = createLatencyBook(ledger);
    for (let call = 0; call < 400; call++) {
      book.record(openai, {
        promptTokens: 20,
        firstChunkMs: 80 + (call % 40),
        restMs: 500,
        outputTokens: 20,
      });
    }
    const faults = { openai: [{ fault: 'slow', firstTokenMs: 3_000 }] } as const;
    const world = createWorld({ targets, faults, config: { ledger } });
    for (let call = 0; call < 10; call++) expect((await world.generate(patient)).servedBy).toBe(openai);
    return world;
  }

  test('opens the breaker where there is another target', async () => {
    const world = await meetSlowness([openai, anthropic]);
    expect(health(world).breaker.phase).toBe('open');
    expect((await world.generate(patient)).servedBy).toBe(anthropic);
  });

  test('is better than nothing where there is none', async () => {
    const world = await meetSlowness([openai]);
    expect(health(world).breaker.phase).toBe('closed');
  });
});

test('calls that an overloaded target would refuse are held back, but never all', async () => {
  const world = createWorld({
    targets: [openai],
    faults: { openai: [{ fault: 'overloaded' }] },
    config: { policy: { attempts: 1, breaker: { failuresToOpen: 1_000, minimumCalls: 1_000 } } },
  });
  for (let call = 0; call < 10; call++) expect((await world.failure()).attempts).toHaveLength(1);
  expect(health(world).throttle).toBeGreaterThan(0.9);
  const attempts: number[] = [];
  for (let call = 0; call < 20; call++) {
    const error = await world.failure();
    expect(error.code).toBe('PROVIDER_OVERLOADED');
    attempts.push(error.attempts.length);
    await world.clock.advance(50);
  }
  expect(attempts).toContain(0);
  // One in 250 ms is let through whatever has been.
  expect(attempts).toContain(1);
});

test('a hundred calls at once survive everyday faults, on one target as on two', async () => {
  const faults = { openai: [{ fault: 'error-500', probability: 0.16 }] } as const;
  for (const targets of [[openai], [openai, anthropic]]) {
    const world = createWorld({ targets, faults });
    const calls = Array.from({ length: 100 }, () => world.gateway.generate(world.ask()));
    const settled = await world.clock.run(Promise.allSettled(calls));
    expect(settled.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(95);
    expect(health(world).breaker.phase).toBe('closed');
  }
});
