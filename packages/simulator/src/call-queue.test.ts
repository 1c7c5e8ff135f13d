import { describe, expect, test } from 'vitest';
import { createCallQueue } from './call-queue.ts';
import { createWorld, observe, sender } from './test-support/observe.ts';

describe('createCallQueue', () => {
  test('serves one after the other', () => {
    const queue = createCallQueue({ perSecond: 100 });
    expect([0, 0, 0, 5].map((at) => queue.waitMs(at))).toEqual([10, 20, 30, 35]);
    expect(queue.waitMs(1_000)).toBe(10);
  });

  test('is slower while the capacity is smaller, also for those who wait already', () => {
    const queue = createCallQueue({
      perSecond: 100,
      changes: [{ betweenMs: [15, 1_000], factor: 0.5 }],
    });
    // Half of the second one is done by 15 ms, and the other half takes twice as long.
    expect([0, 0, 0].map((at) => queue.waitMs(at))).toEqual([10, 25, 45]);
    expect(queue.waitMs(2_000)).toBe(10);
  });

  test('stands still in an outage, and goes on where it was', () => {
    const queue = createCallQueue({ perSecond: 100, changes: [{ betweenMs: [5, 20_005], factor: 0 }] });
    expect([0, 0, 5_000].map((at) => queue.waitMs(at))).toEqual([20_010, 20_020, 15_030]);
    const forever = createCallQueue({ perSecond: 1, changes: [{ betweenMs: [0, Infinity], factor: 0 }] });
    expect([0, 9].map((at) => forever.waitMs(at))).toEqual([Infinity, Infinity]);
  });

  test('of changes that overlap the first counts', () => {
    const changes = [
      { betweenMs: [0, 100], factor: 0.1 },
      { betweenMs: [0, 1_000], factor: 2 },
    ] as const;
    const queue = createCallQueue({ perSecond: 100, changes });
    expect([0, 200].map((at) => queue.waitMs(at))).toEqual([100, 5]);
  });

  test('turns away whoever finds it full', () => {
    const queue = createCallQueue({ perSecond: 100, maxQueued: 2 });
    expect([0, 0, 0, 0, 10, 10].map((at) => queue.waitMs(at))).toEqual([10, 20, 30, null, 30, null]);
  });
});

const LATENCY = { firstTokenMs: { p50: 40, p95: 40 }, tokensPerSecond: 1e9 };
const crowded = (settings = {}) =>
  createWorld({ latency: LATENCY, capacity: { perSecond: 10 }, ...settings });

test('latency grows with the queue, headers included', async () => {
  const world = crowded();
  const seen = await Promise.all([1, 2, 3].map(() => observe('openai', {}, world)));
  expect(seen.map(({ headersMs }) => Math.round(headersMs ?? NaN))).toEqual([116, 216, 316]);
  expect(seen.map(({ endMs }) => Math.round(endMs))).toEqual([140, 240, 340]);
});

test('whoever leaves keeps the turn: the next call waits for it all the same', async () => {
  const world = crowded();
  const controller = new AbortController();
  const send = sender(world.sim.fetch, 'http://any');
  const left = send('openai', { signal: controller.signal });
  await world.clock.advance(1);
  controller.abort('gone');
  await expect(left).rejects.toBe('gone');
  expect((await observe('openai', {}, world)).endMs).toBeCloseTo(239, 3);
});

test('what does not reach the model takes no turn', async () => {
  const world = crowded({ faults: [{ fault: 'auth', keys: ['bad'] }] });
  const credentials = ['bad', 'bad', 'bad', 'good'];
  const seen = await Promise.all(credentials.map((credential) => observe('openai', { credential }, world)));
  expect(seen.map(({ status, endMs }) => [status, Math.round(endMs)])).toEqual([
    [401, 40],
    [401, 40],
    [401, 40],
    [200, 140],
  ]);
});

test('a full queue answers as overloaded at once', async () => {
  const world = crowded({ capacity: { perSecond: 1, maxQueued: 0 } });
  const seen = await Promise.all([1, 2].map(() => observe('anthropic', {}, world)));
  expect(seen.map(({ status, headersMs }) => [status, Math.round(headersMs ?? NaN)])).toEqual([
    [200, 1_016],
    [529, 5],
  ]);
});
