import { createRetryBudget } from '@paceline/resilience';
import { describe, expect, test } from 'vitest';
import { budgetOf, createWorld, TARGETS } from './test-support/world.ts';
import type { AttemptRecord } from './index.ts';

const { openai, anthropic, google } = TARGETS;
const trail = (attempts: readonly AttemptRecord[]) =>
  attempts.map(({ kind, target, code }) => `${kind} ${target.split('/')[0]} ${code ?? 'ok'}`);

describe('which target is next', () => {
  test('one error is retried on the same target', async () => {
    const { generate } = createWorld({ faults: { openai: [{ fault: 'error-500', attempts: [1] }] } });
    const { attempts } = await generate();
    expect(trail(attempts)).toEqual(['first openai PROVIDER_ERROR', 'retry openai ok']);
    expect(attempts[1]!.startedAfterMs).toBeLessThanOrEqual(attempts[0]!.ms + 250);
  });

  test('a second error on the same target moves on', async () => {
    const { generate } = createWorld({ faults: { openai: [{ fault: 'error-500' }] } });
    const { attempts, servedBy } = await generate();
    expect(trail(attempts)).toEqual([
      'first openai PROVIDER_ERROR',
      'retry openai PROVIDER_ERROR',
      'failover anthropic ok',
    ]);
    expect(servedBy).toBe(anthropic);
  });

  test.each(['overloaded', 'stall', 'cut', 'malformed-event', 'auth', 'quota', 'model-not-found'] as const)(
    'after %s another target is tried at once',
    async (fault) => {
      const { generate } = createWorld({ faults: { openai: [{ fault }] } });
      const { attempts } = await generate();
      expect(attempts.map(({ target }) => target)).toEqual([openai, anthropic]);
      expect(attempts[1]!.startedAfterMs).toBe(attempts[0]!.ms);
    },
  );

  test('the last target that stalled is tried again while less than half of the time is gone', async () => {
    const { failure } = createWorld({ targets: [openai], faults: { openai: [{ fault: 'stall' }] } });
    const error = await failure({ limits: { firstChunkMs: 500 } });
    expect(error.code).toBe('PROVIDER_STALLED');
    expect(trail(error.attempts)).toEqual([
      'first openai PROVIDER_STALLED',
      'retry openai PROVIDER_STALLED',
      'retry openai PROVIDER_STALLED',
    ]);
    const late = await failure({ limits: { firstChunkMs: 500 }, withinMs: 1_800 });
    expect(late.attempts).toHaveLength(2);
    expect(late.code).toBe('PROVIDER_STALLED');
  });

  test('a filtered answer is not taken elsewhere', async () => {
    const { failure } = createWorld({ faults: { openai: [{ fault: 'content-filter' }] } });
    const error = await failure();
    expect(error.code).toBe('CONTENT_FILTERED');
    expect(error.attempts).toHaveLength(1);
  });

  test('a target that failed for good is not tried again, an earlier one that may have recovered is', async () => {
    const { generate } = createWorld({
      targets: [openai, anthropic],
      faults: { openai: [{ fault: 'overloaded', attempts: [1] }], anthropic: [{ fault: 'auth' }] },
    });
    const { attempts } = await generate();
    expect(trail(attempts)).toEqual([
      'first openai PROVIDER_OVERLOADED',
      'failover anthropic AUTH_REJECTED',
      'retry openai ok',
    ]);
  });

  test('several targets that failed end in NO_TARGET_LEFT with each of them', async () => {
    const fault = [{ fault: 'auth' }] as const;
    const { failure } = createWorld({ faults: { openai: fault, anthropic: fault, google: fault } });
    const error = await failure();
    expect(error.code).toBe('NO_TARGET_LEFT');
    expect(error.message).toContain(`${google} (AUTH_REJECTED)`);
    expect(error.attempts).toHaveLength(3);
  });

  test('attempts are counted over all targets', async () => {
    const fault = [{ fault: 'overloaded' }] as const;
    const { failure } = createWorld({
      faults: { openai: fault, anthropic: fault, google: fault },
      config: { policy: { attempts: 2 } },
    });
    expect((await failure()).attempts).toHaveLength(2);
  });

  test('without failover there is one attempt, on the first target, whatever its breaker says', async () => {
    const { failure, gateway } = createWorld({
      faults: { openai: [{ fault: 'error-500' }] },
      config: { policy: { failover: false } },
    });
    for (let call = 0; call < 8; call++) {
      const error = await failure();
      expect(trail(error.attempts)).toEqual(['first openai PROVIDER_ERROR']);
    }
    expect(gateway.targets()[0]?.breaker).toBe('closed');
  });
});

describe('waiting', () => {
  test("the provider's hint is a minimum", async () => {
    const { generate } = createWorld({
      targets: [openai],
      faults: { openai: [{ fault: 'rate-limit', retryAfterMs: 2_000, attempts: [1] }] },
    });
    const { attempts } = await generate();
    expect(trail(attempts)).toEqual(['first openai RATE_LIMITED', 'retry openai ok']);
    expect(attempts[1]!.startedAfterMs - attempts[0]!.ms).toBe(2_000);
  });

  test('a hint within a tenth of the time left is waited for, although another target is left', async () => {
    const faults = { openai: [{ fault: 'rate-limit', retryAfterMs: 2_000, attempts: [1] }] } as const;
    const { attempts } = await createWorld({ faults }).generate({ withinMs: 30_000 });
    expect(trail(attempts)).toEqual(['first openai RATE_LIMITED', 'retry openai ok']);
    expect(attempts[1]!.startedAfterMs - attempts[0]!.ms).toBe(2_000);
  });

  test('a hint beyond 10 s is not, however much time is left', async () => {
    const { generate } = createWorld({ faults: { openai: [{ fault: 'rate-limit', retryAfterMs: 11_000 }] } });
    expect((await generate({ withinMs: 600_000 })).attempts[1]?.target).toBe(anthropic);
  });

  test('a long hint is not waited for while another target is left', async () => {
    const { generate } = createWorld({ faults: { openai: [{ fault: 'rate-limit', retryAfterMs: 2_000 }] } });
    const { attempts, servedBy } = await generate();
    expect(servedBy).toBe(anthropic);
    expect(attempts[1]!.startedAfterMs).toBe(attempts[0]!.ms);
  });

  test('a hint that does not fit before the deadline fails now and says when to come back', async () => {
    const { failure, clock } = createWorld({
      targets: [openai],
      faults: { openai: [{ fault: 'rate-limit', retryAfterMs: 5_000 }] },
    });
    const error = await failure({ withinMs: 3_000 });
    expect(error).toMatchObject({ code: 'RATE_LIMITED', retryInMs: 5_000, status: 429 });
    expect(clock.nowMs()).toBeLessThan(100);
  });

  test('an abort ends the wait at once', async () => {
    const { failure, clock } = createWorld({
      targets: [openai],
      faults: { openai: [{ fault: 'rate-limit', retryAfterMs: 10_000 }] },
    });
    const controller = new AbortController();
    clock.setTimer(1_000, () => controller.abort());
    const error = await failure({ signal: controller.signal });
    expect(error.code).toBe('CANCELLED');
    expect(error.attempts).toHaveLength(1);
    expect(clock.nowMs()).toBe(1_000);
    expect(clock.pendingTimers()).toBe(0);
  });
});

describe('breakers', () => {
  const broken = { faults: { openai: [{ fault: 'overloaded' }] } } as const;

  test('an open one is passed over without an attempt, and told of', async () => {
    const { generate, gateway } = createWorld(broken);
    const changes: string[] = [];
    gateway.events.on('breaker-change', ({ target, phase }) => changes.push(`${target} ${phase}`));
    for (let call = 0; call < 5; call++) expect((await generate()).attempts).toHaveLength(2);
    expect(changes).toEqual([`${openai} open`]);
    expect(gateway.targets()[0]).toMatchObject({ name: openai, breaker: 'open', routes: ['classify'] });
    const { attempts } = await generate();
    expect(trail(attempts)).toEqual(['first anthropic ok']);
  });

  test('a target that recovered is probed and used again', async () => {
    const { generate, gateway, clock } = createWorld({
      faults: { openai: [{ fault: 'overloaded', betweenMs: [0, 5_000] }] },
    });
    for (let call = 0; call < 5; call++) await generate();
    await clock.advance(8_000);
    for (let call = 0; call < 2; call++) expect((await generate()).servedBy).toBe(openai);
    expect(gateway.targets()[0]?.breaker).toBe('closed');
  });

  test('a target that stays down is asked again every 15 s or so, so that it is soon back in use', async () => {
    const { generate, clock } = createWorld({
      faults: { openai: [{ fault: 'overloaded', betweenMs: [0, 120_000] }] },
    });
    while (clock.nowMs() < 120_000) {
      await generate();
      await clock.advance(1_000);
    }
    let servedBy = '';
    while (servedBy !== openai && clock.nowMs() < 140_000) {
      ({ servedBy } = await generate());
      await clock.advance(1_000);
    }
    expect(servedBy).toBe(openai);
  });

  test('the last target is never given up: one call in 250 ms gets through, the others are told when to come back', async () => {
    const { failure, clock, simulator } = createWorld({ ...broken, targets: [openai] });
    for (let call = 0; call < 2; call++) await failure();
    const before = simulator.calls.length;
    const forced = await failure();
    expect(trail(forced.attempts)).toEqual(['first openai PROVIDER_OVERLOADED']);
    expect(simulator.calls.length).toBe(before + 1);
    const refused = await failure();
    expect(refused.code).toBe('BREAKER_OPEN');
    expect(refused.retryInMs).toBeGreaterThan(0);
    expect(refused.attempts).toEqual([]);
    await clock.advance(250);
    expect((await failure()).attempts).toHaveLength(1);
  });

  test('the last target is back in use as soon as a call that got through is answered', async () => {
    const { generate, failure, gateway, clock } = createWorld({
      targets: [openai],
      faults: { openai: [{ fault: 'overloaded', betweenMs: [0, 2_000] }] },
    });
    while (gateway.targets()[0]?.breaker === 'closed') await failure();
    expect(clock.nowMs()).toBeLessThan(2_000);
    await clock.advance(2_000);
    const forced = await generate();
    expect(forced.attempts[0]?.reason).toBe('forced-probe');
    for (let call = 0; call < 2; call++) expect((await generate()).attempts).toHaveLength(1);
    expect(gateway.targets()[0]?.breaker).toBe('closed');
    expect(clock.nowMs()).toBeLessThan(5_000);
  });

  test('attempts given up early, with little time left, do not open it', async () => {
    const { generate, failure, gateway } = createWorld({ targets: [openai] });
    for (let call = 0; call < 60; call++) await generate();
    for (let call = 0; call < 20; call++) await failure({ withinMs: 30 });
    expect(gateway.targets()[0]?.breaker).toBe('closed');
  });

  test('rate limits do not open it', async () => {
    const { failure, gateway, clock } = createWorld({
      targets: [openai],
      faults: { openai: [{ fault: 'rate-limit', retryAfterMs: 2_000 }] },
    });
    for (let call = 0; call < 20; call++) {
      const { code, attempts } = await failure({ withinMs: 1_000 });
      expect([code, attempts.length]).toEqual(['RATE_LIMITED', 1]);
      await clock.advance(2_000);
    }
    expect(gateway.targets()[0]?.breaker).toBe('closed');
  });
});

describe('budgets', () => {
  test("a run's retry budget stops its calls, retries and failovers alike", async () => {
    const { failure } = createWorld({ faults: { openai: [{ fault: 'auth' }] } });
    const budget = budgetOf(null, createRetryBudget({ capacity: 0 }));
    const error = await failure({ budget });
    expect(error.code).toBe('RETRY_BUDGET_SPENT');
    expect(error.attempts).toHaveLength(1);
  });

  test("a target's own budget stops its retries, and the call goes on elsewhere", async () => {
    const faults = { openai: [{ fault: 'error-500', attempts: [1] }] } as const;
    // A breaker would step in long before.
    const config = { policy: { breaker: { failuresToOpen: 1_000, failureRatioToOpen: 1 } } };
    const alone = createWorld({ faults, config, targets: [openai] });
    const paired = createWorld({ faults, config, targets: [openai, anthropic] });
    // A bucket of 10, 0.1 in for each call and 1 out for each retry, is empty after 11.
    for (let call = 0; call < 11; call++) {
      expect((await alone.generate()).servedBy).toBe(openai);
      expect((await paired.generate()).servedBy).toBe(openai);
    }
    expect(await alone.failure()).toMatchObject({
      code: 'RETRY_BUDGET_SPENT',
      attempts: [{ target: openai }],
    });
    expect(trail((await paired.generate()).attempts)).toEqual([
      'first openai PROVIDER_ERROR',
      'failover anthropic ok',
    ]);
  });

  test('a stall costs a retry twice as much', async () => {
    const retries = createRetryBudget({ capacity: 10, perCall: 0 });
    const { failure } = createWorld({ targets: [openai], faults: { openai: [{ fault: 'stall' }] } });
    await failure({ budget: budgetOf(null, retries), limits: { firstChunkMs: 100 } });
    expect(retries.level).toBe(6);
  });

  test('no attempt is made once the money is spent, and failed attempts count', async () => {
    const { failure } = createWorld({ faults: { openai: [{ fault: 'cut' }] } });
    // Just enough for the first attempt.
    const { cap } = await failure({ budget: budgetOf(0) });
    const budget = budgetOf(Number(cap?.neededUsd));
    const error = await failure({ budget });
    expect(error.code).toBe('SPEND_LIMIT_REACHED');
    expect(error.attempts).toHaveLength(1);
    expect(error.attempts[0]).toMatchObject({ code: 'PROVIDER_INTERRUPTED', usage: { source: 'estimated' } });
    expect(budget.money.spentUsd).toBe(error.attempts[0]?.costUsd);
    expect((await failure({ budget })).attempts).toEqual([]);
  });
});

describe('places', () => {
  test('calls beyond a target places wait for one', async () => {
    const { gateway, ask, clock } = createWorld({
      targets: [openai],
      config: { policy: { maxInFlightPerTarget: 1 } },
    });
    const calls = [gateway.generate(ask()), gateway.generate(ask()), gateway.generate(ask())];
    await clock.advance(1);
    expect(gateway.targets()[0]).toMatchObject({ inFlight: 1, queued: 2 });
    const results = await clock.run(Promise.all(calls));
    expect(results.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1]);
    expect(gateway.targets()[0]).toMatchObject({ inFlight: 0, queued: 0 });
  });

  test('a full queue sends the call to the next target, or fails it without an attempt', async () => {
    const { gateway, ask, clock } = createWorld({
      targets: [openai],
      config: { policy: { maxInFlightPerTarget: 1 } },
    });
    const calls = Array.from({ length: 6 }, () => gateway.generate(ask()));
    const settled = await clock.run(Promise.allSettled(calls));
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(settled[5]).toMatchObject({ reason: { code: 'QUEUE_FULL', attempts: [] } });
  });
});

test('a target without its credential is passed over; a route without any names the variables', async () => {
  const { generate, failure } = createWorld({
    config: {
      roles: { classify: ['groq/llama-3.3-70b-versatile', openai], reason: ['groq/llama-3.3-70b-versatile'] },
      env: {},
    },
  });
  expect(trail((await generate()).attempts)).toEqual(['first openai ok']);
  const error = await failure({ route: 'reason' });
  expect(error.code).toBe('CONFIG_INVALID');
  expect(error.message).toContain('GROQ_API_KEY');
});
