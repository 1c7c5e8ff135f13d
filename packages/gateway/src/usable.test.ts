import { describe, expect, test } from 'vitest';
import { createWorld } from './test-support/world.ts';
import type { WorldOptions } from './test-support/world.ts';

const USABLE = { usable: true };
const REJECTED = {
  usable: false,
  reason: 'openai/gpt-5-mini: its credential was rejected',
  learned: true,
};

const alone = (options: WorldOptions = {}) => createWorld({ targets: ['openai/gpt-5-mini'], ...options });

async function fail(world: ReturnType<typeof createWorld>, times: number): Promise<void> {
  for (let at = 0; at < times; at++) {
    await world.failure();
    await world.clock.advance(300);
  }
}

describe('a route is usable', () => {
  test('with a target of which nothing bad is known', () => {
    expect(createWorld().gateway.usable('classify', { withinMs: 0 })).toEqual(USABLE);
  });

  test('with one target left of several', async () => {
    const world = createWorld({ faults: { openai: [{ fault: 'auth' }] } });
    await world.generate();
    await world.generate();
    expect(world.gateway.health().targets[0]?.denied).toHaveLength(1);
    expect(world.gateway.usable('classify', { withinMs: 1_000 })).toEqual(USABLE);
  });

  test('when what stands in the way ends in time, and not a moment earlier', async () => {
    const world = alone({ faults: { openai: [{ fault: 'unavailable-503' }] } });
    await fail(world, 20);
    const retryInMs = world.gateway.health().targets[0]?.breaker.retryInMs ?? 0;
    expect(retryInMs).toBeGreaterThan(0);
    expect(world.gateway.usable('classify', { withinMs: retryInMs })).toEqual(USABLE);
    expect(world.gateway.usable('classify', { withinMs: retryInMs - 1 })).toEqual({
      usable: false,
      reason: expect.stringMatching(/^openai\/gpt-5-mini: its breaker is open for \d+ ms$/),
      learned: true,
    });
  });

  test('for other tenants than the one who was refused', async () => {
    const world = alone({ faults: { openai: [{ fault: 'auth' }] } });
    for (let at = 0; at < 2; at++) await world.failure({ tenant: 'acme' });
    expect(world.gateway.usable('classify', { withinMs: 1_000, tenant: 'acme' })).toEqual(REJECTED);
    expect(world.gateway.usable('classify', { withinMs: 1_000, tenant: 'other' })).toEqual(USABLE);
  });

  test('without failover, whatever has been learned', async () => {
    const world = alone({
      faults: { openai: [{ fault: 'auth' }] },
      config: { policy: { failover: false } },
    });
    await fail(world, 3);
    expect(world.gateway.usable('classify', { withinMs: 1_000 })).toEqual(USABLE);
  });
});

describe('a route is of no use', () => {
  test('when there is none of that name', () => {
    expect(createWorld().gateway.usable('reason', { withinMs: 1_000 })).toEqual({
      usable: false,
      reason: 'no model is bound to it',
      learned: false,
    });
  });

  test('while its only target is put aside', async () => {
    const world = alone({ faults: { openai: [{ fault: 'auth' }] } });
    await fail(world, 2);
    expect(world.gateway.usable('classify', { withinMs: 10_000 })).toEqual(REJECTED);
    await world.clock.advance(300_000);
    expect(world.gateway.usable('classify', { withinMs: 10_000 })).toEqual(USABLE);
  });

  test.each([
    ['quota', 'its quota is exhausted'],
    ['model-not-found', 'it was not found'],
  ] as const)('for %s, and says so', async (fault, why) => {
    const world = alone({ faults: { openai: [{ fault }] } });
    await fail(world, 2);
    expect(world.gateway.usable('classify', { withinMs: 1_000 })).toMatchObject({
      reason: `openai/gpt-5-mini: ${why}`,
    });
  });

  test('without the keys of its targets, each of which is named', () => {
    const { gateway } = createWorld({
      targets: ['openai/gpt-5-mini', 'anthropic/claude-haiku-4-5'],
      config: {
        providers: {
          openai: { wire: 'openai', apiKey: 'env:NO_OPENAI' },
          anthropic: { wire: 'anthropic', apiKey: 'env:NO_ANTHROPIC' },
        },
        env: {},
      },
    });
    expect(gateway.usable('classify', { withinMs: 1_000 })).toEqual({
      usable: false,
      reason:
        'openai/gpt-5-mini: NO_OPENAI is not in the environment (export NO_OPENAI=...); ' +
        'anthropic/claude-haiku-4-5: NO_ANTHROPIC is not in the environment (export NO_ANTHROPIC=...)',
      learned: false,
    });
  });

  test('to a tenant whom none of its targets serves', () => {
    const { gateway } = createWorld({
      targets: ['openai/gpt-5-mini'],
      config: {
        providers: {
          openai: {
            wire: 'openai',
            apiKey: 'env:KEY',
            endpoints: { acme: { tenants: ['acme'] } },
          },
        },
        env: { KEY: 'secret' },
      },
    });
    expect(gateway.usable('classify', { withinMs: 1_000 })).toMatchObject({
      reason: 'its targets serve other tenants',
    });
    expect(gateway.usable('classify', { withinMs: 1_000, tenant: 'acme' })).toEqual(USABLE);
  });
});

test('looking lets no probe through', async () => {
  const world = alone({ faults: { openai: [{ fault: 'unavailable-503' }] } });
  await fail(world, 20);
  const before = world.gateway.health();
  world.gateway.usable('classify', { withinMs: 60_000 });
  expect(world.gateway.health()).toEqual(before);
});
