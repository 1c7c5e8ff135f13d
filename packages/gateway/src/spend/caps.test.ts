import { createRetryBudget } from '@paceline/resilience';
import { describe, expect, test, vi } from 'vitest';
import { memoryLedger } from '../memory-ledger.ts';
import { budgetOf, createWorld, TARGETS } from '../test-support/world.ts';
import type { World, WorldOptions } from '../test-support/world.ts';
import type { CapConfig } from './cap-config.ts';
import type { CapWindow } from './cap.ts';

const ALWAYS: CapWindow = { type: 'always' };
const CX = { labels: { team: 'cx' } };

/** A gateway with caps on targets that cost, in this order, more and more: OpenAI, Google, Anthropic. */
function cappedWorld(caps: readonly CapConfig[], options: WorldOptions = {}): World {
  const { config, ...rest } = options;
  return createWorld({ targets: [TARGETS.openai], ...rest, config: { caps, ...config } });
}

/** What the first attempt of a usual call is held at. */
async function usualHold(targets: readonly string[] = [TARGETS.openai]): Promise<number> {
  const { failure } = cappedWorld([{ per: 'all', usd: 0 }], { targets });
  return Number((await failure()).cap?.neededUsd);
}

const standingOf = ({ gateway, clock }: World, cap: string, value: string) =>
  gateway.ledger.spend.standing({ cap, value, window: ALWAYS }, clock.epochMs());

describe('a hard cap', () => {
  test('holds the worst case while the attempt is in flight, and counts what it cost after', async () => {
    const world = cappedWorld([{ per: 'label:team', usd: 1 }]);
    const call = world.gateway.generate(world.ask(CX));
    await world.clock.advance(50);
    expect(standingOf(world, 'label:team', 'cx')).toEqual({ spentUsd: 0, heldUsd: await usualHold() });
    const { costUsd } = await world.clock.run(call);
    expect(standingOf(world, 'label:team', 'cx')).toEqual({ spentUsd: costUsd, heldUsd: 0 });
  });

  test('says which it is, whose, what was spent and when there is room again', async () => {
    const window = 'month';
    const usd = (await usualHold()) * 1.001;
    const world = cappedWorld([{ per: 'label:team', window, usd }]);
    const { costUsd } = await world.generate(CX);
    const error = await world.failure(CX);
    expect(error).toMatchObject({
      code: 'SPEND_LIMIT_REACHED',
      attempts: [],
      cap: {
        use: { cap: 'label:team per month', value: 'cx', limitUsd: usd },
        spentUsd: costUsd,
        heldUsd: 0,
        resetsAtEpochMs: 1_769_904_000_000,
      },
    });
    expect(error.message).toContain('The cap `label:team per month` of cx has no room for $0.01');
    expect(error.message).toContain('there is room again at 2026-02-01T00:00:00.000Z');
    expect(error.message).toContain('Set `maxOutputTokens`');
    const limited = { ...CX, maxOutputTokens: 8_192 };
    expect((await world.failure(limited)).message).not.toContain('maxOutputTokens');
  });

  test('is that of its value alone, and requests without one share one', async () => {
    const usd = (await usualHold()) * 1.001;
    const world = cappedWorld([{ per: 'label:team', usd }]);
    await world.generate(CX);
    expect((await world.failure(CX)).code).toBe('SPEND_LIMIT_REACHED');
    await world.generate({ labels: { team: 'it' } });
    await world.generate({ labels: { constructor: 'cx' } });
    expect((await world.failure()).cap?.use.value).toBe('');
  });

  test.each<[CapConfig['per'], string, object]>([
    ['all', '', {}],
    ['run', 'run-1', { call: { runId: 'run-1', step: 'triage', turn: 0 } }],
    ['route', 'classify', {}],
    ['credential', 'openai', {}],
    ['tenant', 'acme', { tenant: 'acme' }],
    ['label:user', 'eve', { labels: { user: 'eve' } }],
  ])('per %s', async (per, value, request) => {
    const usd = (await usualHold()) * 1.001;
    const world = cappedWorld([{ per, usd }]);
    const { costUsd } = await world.generate(request);
    expect(standingOf(world, per, value)).toEqual({ spentUsd: costUsd, heldUsd: 0 });
    expect((await world.failure(request)).cap?.use).toMatchObject({ cap: per, value });
  });

  test('for one value alone leaves the others be', async () => {
    const world = cappedWorld([{ per: 'label:team', only: 'cx', usd: 0 }]);
    expect((await world.failure(CX)).code).toBe('SPEND_LIMIT_REACHED');
    expect((await world.generate({ labels: { team: 'it' } })).servedBy).toBe(TARGETS.openai);
  });

  test('lets a cheaper target take what the preferred one has no room for', async () => {
    const usd = (await usualHold()) * 1.001;
    const { generate } = cappedWorld([{ per: 'all', usd }], {
      targets: [TARGETS.anthropic, TARGETS.openai],
    });
    const { attempts } = await generate();
    expect(attempts.map(({ target }) => target)).toEqual([TARGETS.openai]);
  });

  test('of a call counts all its attempts', async () => {
    const usd = (await usualHold()) * 1.001;
    const world = cappedWorld([{ per: 'call', usd }], { faults: { openai: [{ fault: 'cut' }] } });
    const error = await world.failure();
    expect(error).toMatchObject({ code: 'SPEND_LIMIT_REACHED', cap: { use: { cap: 'call' } } });
    expect(error.attempts).toHaveLength(1);
    expect(error.cap?.spentUsd).toBe(error.attempts[0]?.costUsd);
    // The next call has its own.
    expect((await world.failure()).attempts).toHaveLength(1);
  });

  test('is shared by gateways on one ledger', async () => {
    const usd = (await usualHold()) * 1.001;
    const ledger = memoryLedger();
    const [one, other] = [1, 2].map(() => cappedWorld([{ per: 'all', usd }], { config: { ledger } }));
    await one!.generate();
    expect((await other!.failure()).code).toBe('SPEND_LIMIT_REACHED');
  });

  test('lets parallel calls in one after the other where there is room for one at a time', async () => {
    const usd = (await usualHold()) * 1.5;
    const world = cappedWorld([{ per: 'all', usd }]);
    let mostHeld = 0;
    world.gateway.events.on('attempt-start', () => {
      mostHeld = Math.max(mostHeld, standingOf(world, 'all', '').heldUsd);
    });
    const results = await world.clock.run(
      Promise.all([1, 2, 3, 4].map(() => world.gateway.generate(world.ask()))),
    );
    expect(results.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1, 1]);
    expect(mostHeld).toBe(await usualHold());
    expect(standingOf(world, 'all', '').heldUsd).toBe(0);
  });

  test('is kept in the worst case: the output limit that it was reckoned with is sent', async () => {
    const world = cappedWorld([{ per: 'all', usd: 1 }]);
    await world.generate();
    await world.generate({ maxOutputTokens: 50 });
    const uncapped = createWorld({ targets: [TARGETS.openai] });
    await uncapped.generate();
    const sent = [...world.simulator.calls, ...uncapped.simulator.calls].map(
      ({ body }) => (body as { max_completion_tokens?: number }).max_completion_tokens,
    );
    expect(sent).toEqual([8_192, 50, undefined]);
  });
});

test('the limit that is sent is no higher than what the model is known to write', async () => {
  const world = cappedWorld([{ per: 'all', usd: 1 }], { targets: ['openai/gpt-4-turbo'] });
  await world.generate();
  expect(world.simulator.calls[0]?.body).toMatchObject({ max_tokens: 4_096 });
});

test('a prompt that is to be kept for an hour is held at what that costs', async () => {
  const world = cappedWorld([{ per: 'all', usd: 0 }], { targets: [TARGETS.anthropic] });
  const needed = async (promptCache: '5m' | '1h') =>
    Number((await world.failure({ promptCache: { ttl: promptCache } })).cap?.neededUsd);
  expect(await needed('1h')).toBeGreaterThan(await needed('5m'));
});

describe('what ends an attempt', () => {
  test('whatever it is, nothing stays held', async () => {
    const world = cappedWorld([{ per: 'all', usd: 1 }], {
      targets: Object.values(TARGETS),
      faults: {
        openai: [{ fault: 'cut' }],
        anthropic: [{ fault: 'error-500' }],
        google: [{ fault: 'stall' }],
      },
    });
    const budget = budgetOf(1);
    const error = await world.failure({ budget });
    const costs = error.attempts.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0);
    expect(error.attempts.length).toBeGreaterThan(1);
    expect(standingOf(world, 'all', '').spentUsd).toBeCloseTo(costs, 12);
    expect(standingOf(world, 'all', '').heldUsd).toBe(0);
    expect([budget.money.heldUsd, budget.money.spentUsd]).toEqual([0, standingOf(world, 'all', '').spentUsd]);
  });

  test('a cancelled one counts as what had come by then', async () => {
    const world = cappedWorld([{ per: 'all', usd: 1 }], {
      faults: { openai: [{ fault: 'stall-mid', afterTokens: 5 }] },
    });
    const stop = new AbortController();
    const call = world.gateway.generate(world.ask({ signal: stop.signal })).catch((error: unknown) => error);
    await world.clock.advance(1_000);
    stop.abort();
    expect(await world.clock.run(call)).toMatchObject({ code: 'CANCELLED' });
    const { spentUsd, heldUsd } = standingOf(world, 'all', '');
    expect(heldUsd).toBe(0);
    expect(spentUsd).toBeGreaterThan(0);
  });

  test('one that a retry budget does not allow gives back what was held', async () => {
    const world = cappedWorld([{ per: 'all', usd: 1 }], { faults: { openai: [{ fault: 'error-500' }] } });
    const retries = createRetryBudget({ capacity: 1, perCall: 0, initial: 0 });
    const error = await world.failure({ budget: budgetOf(null, retries) });
    expect(error.code).toBe('RETRY_BUDGET_SPENT');
    expect(standingOf(world, 'all', '')).toEqual({ spentUsd: 0, heldUsd: 0 });
  });

  test('a ledger that cannot hold lets nothing be spent', async () => {
    const ledger = memoryLedger();
    vi.spyOn(ledger.spend, 'reserve').mockRejectedValue(new Error('The disk is full.'));
    const world = cappedWorld([{ per: 'all', usd: 1 }], { config: { ledger } });
    const budget = budgetOf(1);
    const error = await world.failure({ budget });
    expect(error).toMatchObject({ code: 'LEDGER_FAILED', attempts: [] });
    expect(error.message).toContain('The disk is full.');
    expect(budget.money.heldUsd).toBe(0);
    expect(world.gateway.targets()[0]?.inFlight).toBe(0);
  });
});

describe('a soft cap', () => {
  test('sends calls to the cheapest target of their route from there on', async () => {
    const targets = [TARGETS.anthropic, TARGETS.google, TARGETS.openai];
    const world = cappedWorld([{ per: 'label:team', window: '24h', softUsd: 0.000_01 }], { targets });
    const [first, second, other] = [
      await world.generate(CX),
      await world.generate(CX),
      await world.generate({ labels: { team: 'it' } }),
    ].map(({ attempts: [attempt] }) => [attempt?.target, attempt?.reason]);
    expect(first).toEqual([TARGETS.anthropic, 'preferred']);
    expect(second).toEqual([TARGETS.openai, 'soft-cap']);
    expect(other).toEqual([TARGETS.anthropic, 'preferred']);
  });

  test('counts what is in flight', async () => {
    const targets = [TARGETS.anthropic, TARGETS.openai];
    const world = cappedWorld([{ per: 'all', softUsd: 0.01, usd: 5 }], { targets });
    const first = world.gateway.generate(world.ask());
    await world.clock.advance(50);
    const second = await world.generate();
    const reasons = [await first, second].map(({ attempts: [attempt] }) => attempt?.reason);
    expect(reasons).toEqual(['preferred', 'soft-cap']);
  });

  test('stops no call', async () => {
    const world = cappedWorld([{ per: 'all', softUsd: 0 }]);
    expect((await world.generate()).attempts[0]?.reason).toBe('soft-cap');
  });
});

describe('a target without a known price', () => {
  const unpriced = 'openai/gpt-unheard-of';

  test('is passed over on a hard cap', async () => {
    const world = cappedWorld([{ per: 'all', usd: 1 }], { targets: [unpriced, TARGETS.openai] });
    const plans: unknown[] = [];
    world.gateway.events.on('call-plan', ({ skipped }) => plans.push(skipped));
    expect((await world.generate()).servedBy).toBe(TARGETS.openai);
    expect(plans).toEqual([[{ name: unpriced, reason: 'price-unknown' }]]);
    const budget = budgetOf(1);
    expect((await createWorld({ targets: [unpriced, TARGETS.openai] }).generate({ budget })).servedBy).toBe(
      TARGETS.openai,
    );
  });

  test('leaves the call without a target where there is no other, with the mend', async () => {
    const error = await cappedWorld([{ per: 'all', usd: 1 }], { targets: [unpriced] }).failure();
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain('policy.unpricedUsd');
  });

  test('counts as what the config says', async () => {
    const world = cappedWorld([{ per: 'all', usd: 0.25 }], {
      targets: [unpriced],
      config: { policy: { unpricedUsd: 0.1 } },
    });
    const budget = budgetOf(1);
    expect((await world.generate({ budget })).costUsd).toBeNull();
    await world.generate({ budget });
    expect(standingOf(world, 'all', '')).toEqual({ spentUsd: 0.2, heldUsd: 0 });
    expect(budget.money.spentUsd).toBe(0.2);
    expect((await world.failure({ budget })).cap?.neededUsd).toBe(0.1);
  });

  test('is asked where nothing is capped, or softly', async () => {
    expect((await createWorld({ targets: [unpriced] }).generate()).servedBy).toBe(unpriced);
    const soft = cappedWorld([{ per: 'all', softUsd: 1 }], { targets: [unpriced] });
    expect((await soft.generate()).servedBy).toBe(unpriced);
  });
});
