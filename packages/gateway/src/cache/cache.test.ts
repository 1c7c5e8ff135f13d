import { describe, expect, test } from 'vitest';
import { createVirtualClock } from '@paceline/resilience/testing';
import type { ModelRequest } from '../request.ts';
import { createWorld } from '../test-support/world.ts';
import type { WorldOptions } from '../test-support/world.ts';
import { createAnswerStore } from './store.ts';
import type { ModelResult } from '../result.ts';

/** A world with a cache, and how many requests went upstream. */
function cached(options: WorldOptions = {}) {
  const world = createWorld({ ...options, config: { cache: {}, ...options.config } });
  let sent = 0;
  world.gateway.events.on('attempt-start', () => sent++);
  return { ...world, sent: () => sent };
}

const answer = (text: string) => ({ text }) as ModelResult;

describe('an equal request', () => {
  test('is given the same answer, at no cost and without an attempt', async () => {
    const world = cached();
    const hits: string[] = [];
    world.gateway.events.on('cache-hit', ({ call, servedBy }) => hits.push(`${call.runId} ${servedBy}`));
    const first = await world.generate({ temperature: 0 });
    const again = await world.generate({ temperature: 0 });
    expect(first).not.toHaveProperty('cached');
    expect(again).toEqual({ ...first, cached: true, costUsd: 0, attempts: [], ms: 0 });
    expect(world.sent()).toBe(1);
    expect(hits).toEqual(['run-r1 openai/gpt-5-mini']);
  });

  test('is one with temperature 0, or one that says so', async () => {
    const world = cached();
    await world.generate();
    await world.generate();
    await world.generate({ cache: 'use' });
    expect(await world.generate({ cache: 'use' })).toMatchObject({ cached: true });
    expect(world.sent()).toBe(3);
  });

  const base: Partial<ModelRequest> = { temperature: 0, tenant: 'one', maxOutputTokens: 50 };
  test.each<[string, Partial<ModelRequest>]>([
    ['tenant', { tenant: 'two' }],
    ['message', { messages: [{ role: 'user', text: 'Where is my other refund?' }] }],
    ['schema', { answer: { type: 'json', name: 'answer', schema: { type: 'object' } } }],
    ['tool', { tools: [{ name: 'look', description: 'Looks.', inputSchema: { type: 'object' } }] }],
    ['length', { maxOutputTokens: 51 }],
    ['logprobs', { logprobs: true }],
    ['temperature', { temperature: 0.1, cache: 'use' }],
    ['targets', { route: 'other' }],
  ])('is not one with another %s', async (_, other) => {
    const world = cached({ config: { routes: { other: ['anthropic/claude-haiku-4-5'] } } });
    await world.generate(base);
    expect(await world.generate({ ...base, ...other })).not.toHaveProperty('cached');
    expect(world.sent()).toBe(2);
  });

  test('makes a call of its own if it wants one', async () => {
    const world = cached();
    await world.generate({ temperature: 0 });
    expect(await world.generate({ temperature: 0, cache: 'skip' })).not.toHaveProperty('cached');
    expect(await world.generate({ temperature: 0, cache: 'refresh' })).not.toHaveProperty('cached');
    expect(world.sent()).toBe(3);
  });

  test('makes one without a cache', async () => {
    const world = createWorld();
    await world.generate({ temperature: 0 });
    expect(await world.generate({ temperature: 0 })).not.toHaveProperty('cached');
  });

  test('makes one when the answer is too old', async () => {
    const world = cached({ config: { cache: { ttlMs: 1_000 } } });
    const { ms } = await world.generate({ temperature: 0 });
    await world.clock.advance(999);
    expect(await world.generate({ temperature: 0 })).toMatchObject({ cached: true });
    await world.clock.advance(1);
    expect(ms).toBeGreaterThan(0);
    expect(await world.generate({ temperature: 0 })).not.toHaveProperty('cached');
  });

  test('is streamed as one piece', async () => {
    const world = cached();
    const { text } = await world.generate({ temperature: 0 });
    const events = await world.clock.run(
      (async () => {
        const seen: unknown[] = [];
        for await (const event of world.gateway.stream(world.ask({ temperature: 0 }))) seen.push(event);
        return seen;
      })(),
    );
    expect(events).toMatchObject([
      { type: 'text-delta', text },
      { type: 'end', result: { cached: true, text } },
    ]);
  });
});

describe('equal requests at once', () => {
  test('make one call', async () => {
    const world = cached();
    const calls = Array.from({ length: 20 }, () => world.gateway.generate(world.ask({ temperature: 0 })));
    const results = await world.clock.run(Promise.all(calls));
    expect(world.sent()).toBe(1);
    expect(results.filter((result) => result.cached)).toHaveLength(19);
    expect(new Set(results.map(({ text }) => text)).size).toBe(1);
  });

  test('make each their own when the one they waited for came to nothing', async () => {
    const world = cached();
    const leaving = new AbortController();
    const first = world.gateway.generate(world.ask({ temperature: 0, signal: leaving.signal }));
    const second = world.gateway.generate(world.ask({ temperature: 0 }));
    first.catch(() => {});
    await world.clock.advance(10);
    leaving.abort();
    expect(await world.clock.run(second)).not.toHaveProperty('cached');
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('wait no longer than each may', async () => {
    const world = cached();
    const first = world.gateway.generate(world.ask({ temperature: 0 }));
    const hurried = world.gateway.generate(world.ask({ temperature: 0, withinMs: 20 }));
    const leaving = new AbortController();
    const left = world.gateway.generate(world.ask({ temperature: 0, signal: leaving.signal }));
    const ends = Promise.allSettled([hurried, left]);
    await world.clock.advance(10);
    leaving.abort();
    expect(await world.clock.run(ends)).toMatchObject([
      { reason: { code: 'DEADLINE_EXCEEDED', attempts: [] } },
      { reason: { code: 'CANCELLED', attempts: [] } },
    ]);
    expect(await world.clock.run(first)).not.toHaveProperty('cached');
    expect(world.sent()).toBe(1);
  });
});

test('an answer that was cut off at its token limit is not given again', async () => {
  const world = cached();
  const short = { temperature: 0, maxOutputTokens: 1 };
  expect(await world.generate(short)).toMatchObject({ finishReason: 'length' });
  expect(await world.generate(short)).not.toHaveProperty('cached');
});

test('a call that failed leaves nothing behind', async () => {
  const world = cached({
    targets: ['openai/gpt-5-mini'],
    faults: { openai: [{ fault: 'auth', rows: [0, 1] }] },
  });
  expect(await world.failure({ temperature: 0 })).toMatchObject({ code: 'AUTH_REJECTED' });
  await world.clock.advance(120_000);
  expect(await world.generate({ temperature: 0 })).not.toHaveProperty('cached');
});

describe('the store', () => {
  test('stays within its size, forgetting what was used longest ago', () => {
    const store = createAnswerStore({ clock: createVirtualClock(), ttlMs: 1_000, maxBytes: 2_000 });
    for (const key of ['a', 'b', 'c']) store.put(key, answer(key));
    store.get('a');
    store.put('d', answer('d'));
    expect(['a', 'b', 'c', 'd'].filter((key) => store.get(key) !== undefined)).toEqual(['a', 'c', 'd']);
  });

  test('does not take what would fill it alone', () => {
    const store = createAnswerStore({ clock: createVirtualClock(), ttlMs: 1_000, maxBytes: 2_000 });
    store.put('small', answer('x'));
    store.put('large', answer('x'.repeat(1_000)));
    expect(store.get('large')).toBeUndefined();
    expect(store.get('small')).toBeDefined();
  });

  test('holds one answer for a key', () => {
    const store = createAnswerStore({ clock: createVirtualClock(), ttlMs: 1_000, maxBytes: 2_000 });
    for (let i = 0; i < 100; i++) store.put('a', answer(String(i)));
    store.put('b', answer('b'));
    expect(store.get('a')).toEqual(answer('99'));
    expect(store.get('b')).toBeDefined();
  });
});
