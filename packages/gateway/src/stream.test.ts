import { describe, expect, test } from 'vitest';
import { cannedFetch, cannedGateway, request } from './test-support/canned.ts';
import { createWorld, TARGETS } from './test-support/world.ts';
import type { ModelRequest, ModelStreamEvent } from './index.ts';
import type { World } from './test-support/world.ts';

const { openai, anthropic } = TARGETS;

function listen({ clock, gateway, ask }: World, overrides: Partial<ModelRequest> = {}) {
  const events: ModelStreamEvent[] = [];
  const read = async () => {
    for await (const event of gateway.stream(ask(overrides))) events.push(event);
  };
  return { events, done: clock.run(read().catch((error: unknown) => error)) };
}

const textOf = (events: readonly ModelStreamEvent[]) =>
  events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');

test('text comes in pieces as it is written, and the result at the end', async () => {
  const { events, done } = listen(createWorld({ targets: [openai] }));
  await done;
  const end = events.at(-1);
  expect(events.length).toBeGreaterThan(3);
  expect(events.slice(0, -1).every(({ type }) => type === 'text-delta')).toBe(true);
  expect(end).toMatchObject({ type: 'end', result: { text: textOf(events), servedBy: openai } });
});

describe('a failure', () => {
  test('before any text is silent', async () => {
    const { events, done } = listen(createWorld({ faults: { openai: [{ fault: 'overloaded' }] } }));
    await done;
    expect(events.some(({ type }) => type === 'restart')).toBe(false);
    expect(events.at(-1)).toMatchObject({
      type: 'end',
      result: { servedBy: anthropic, text: textOf(events) },
    });
  });

  test('after text shows as one restart, and what follows is the whole answer', async () => {
    const { events, done } = listen(createWorld({ faults: { openai: [{ fault: 'cut', afterTokens: 5 }] } }));
    await done;
    const at = events.findIndex(({ type }) => type === 'restart');
    expect(at).toBeGreaterThan(0);
    expect(events[at]).toEqual({ type: 'restart', target: anthropic, code: 'PROVIDER_INTERRUPTED' });
    expect(events.filter(({ type }) => type === 'restart')).toHaveLength(1);
    const end = events.at(-1);
    expect(end).toMatchObject({
      type: 'end',
      result: { servedBy: anthropic, text: textOf(events.slice(at)) },
    });
  });

  test('of the attempts in between is silent too', async () => {
    const faults = {
      openai: [{ fault: 'cut', afterTokens: 5 }],
      anthropic: [{ fault: 'overloaded' }],
    } as const;
    const { events, done } = listen(createWorld({ faults }));
    await done;
    expect(events.filter(({ type }) => type === 'restart')).toEqual([
      { type: 'restart', target: TARGETS.google, code: 'PROVIDER_OVERLOADED' },
    ]);
  });

  test('of the whole call is thrown after the text that came', async () => {
    const faults = { openai: [{ fault: 'cut', afterTokens: 5 }] } as const;
    const { events, done } = listen(createWorld({ targets: [openai], faults }));
    expect(await done).toMatchObject({ code: 'PROVIDER_INTERRUPTED', attempts: [{}, {}, {}] });
    expect(textOf(events).length).toBeGreaterThan(0);
    expect(events.some(({ type }) => type === 'end')).toBe(false);
  });
});

const chunk = (delta: object, finish_reason: string | null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

test('an answer without text supersedes text that was shown', async () => {
  const call = {
    index: 0,
    id: 'call_1',
    type: 'function',
    function: { name: 'openTicket', arguments: '{}' },
  };
  const cut = cannedFetch({ chunks: [chunk({ content: 'Let me' }, null)] });
  const whole = cannedFetch({ chunks: [chunk({ tool_calls: [call] }, 'tool_calls')] });
  const upstream: typeof globalThis.fetch = (input, init) =>
    (String(input).includes('//first') ? cut : whole).fetch(input, init);
  const { gateway } = cannedGateway('openai', upstream, {
    roles: { classify: ['first/m', 'second/m'] },
    providers: {
      first: { wire: 'openai', baseUrl: 'http://first.test/v1' },
      second: { wire: 'openai', baseUrl: 'http://second.test/v1' },
    },
    policy: {},
  });
  const events: ModelStreamEvent[] = [];
  for await (const event of gateway.stream(request())) events.push(event);
  expect(events).toEqual([
    { type: 'text-delta', text: 'Let me' },
    { type: 'restart', target: 'second/m', code: 'PROVIDER_INTERRUPTED' },
    { type: 'end', result: expect.objectContaining({ text: '', finishReason: 'tool-calls' }) },
  ]);
});

test('leaving early cancels upstream within the same turn', async () => {
  const { gateway, ask, simulator, clock } = createWorld({ targets: [openai] });
  const records: unknown[] = [];
  gateway.events.on('attempt-end', ({ record }) => records.push(record));
  const leave = async () => {
    for await (const { type } of gateway.stream(ask())) {
      expect(type).toBe('text-delta');
      break;
    }
    return simulator.calls[0]?.ended;
  };
  expect(await clock.run(leave())).toBe('cancelled');
  await clock.advance(0);
  expect(records).toMatchObject([
    { outcome: 'cancelled', code: 'CANCELLED', usage: { source: 'estimated' } },
  ]);
  expect(clock.pendingTimers()).toBe(0);
});

test("the caller's signal ends the stream with CANCELLED", async () => {
  const world = createWorld({ targets: [openai] });
  const controller = new AbortController();
  world.clock.setTimer(20, () => controller.abort());
  const { done } = listen(world, { signal: controller.signal });
  expect(await done).toMatchObject({ code: 'CANCELLED' });
  expect(world.simulator.calls[0]).toMatchObject({ ended: 'cancelled', endedMs: 20 });
  expect(world.clock.nowMs()).toBe(20);
});

test('a slow consumer does not stall the upstream', async () => {
  const { gateway, ask, clock } = createWorld({ targets: [openai] });
  const read = async () => {
    const events: ModelStreamEvent[] = [];
    for await (const event of gateway.stream(ask({ limits: { chunkMs: 100 } }))) {
      events.push(event);
      await new Promise<void>((resolve) => void clock.setTimer(1_000, resolve));
    }
    return events;
  };
  const events = await clock.run(read());
  expect(events.at(-1)).toMatchObject({ type: 'end', result: { attempts: [{ outcome: 'ok' }] } });
});
