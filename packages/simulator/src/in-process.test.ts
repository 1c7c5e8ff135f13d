import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createWorld, sender } from './test-support/observe.ts';
import { requestOf } from './test-support/requests.ts';
import type { World } from './test-support/observe.ts';
import type { Ask } from './test-support/requests.ts';

const ask = ({ sim }: World, options: Ask = {}) =>
  sender(sim.fetch, 'http://simulator.invalid')('openai', options);

/** Lets the request reach the simulator without any time passing. */
const arrive = ({ clock }: World) => clock.advance(0);

test('an abort before the headers rejects with its reason at once, and nothing is left behind', async () => {
  const world = createWorld();
  const controller = new AbortController();
  const responding = ask(world, { signal: controller.signal });
  await arrive(world);
  controller.abort('enough');
  await expect(responding).rejects.toBe('enough');
  expect(world.sim.calls).toMatchObject([{ ended: 'cancelled', status: null, startedMs: 0, endedMs: 0 }]);
  expect(world.clock.pendingTimers()).toBe(0);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

test('an abort in the middle errs the body with its reason and cancels every timer', async () => {
  const world = createWorld({ faults: [{ fault: 'stall-mid', pingEveryMs: 1_000 }] });
  const controller = new AbortController();
  const response = await world.clock.run(ask(world, { signal: controller.signal }));
  const reading = response.text();
  await world.clock.advance(5_000);
  expect(world.clock.pendingTimers()).toBe(1);
  controller.abort(new Error('too slow'));
  await expect(reading).rejects.toThrow('too slow');
  expect(world.clock.pendingTimers()).toBe(0);
  expect(world.sim.calls[0]).toMatchObject({
    ended: 'cancelled',
    status: 200,
    fault: 'stall-mid',
    endedMs: world.clock.nowMs(),
  });
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

test('a signal that is already aborted sends nothing', async () => {
  const world = createWorld();
  await expect(ask(world, { signal: AbortSignal.abort('no') })).rejects.toBe('no');
  expect(world.sim.calls).toHaveLength(0);
});

test('an abort after the end changes nothing', async () => {
  const world = createWorld();
  const controller = new AbortController();
  const response = await world.clock.run(ask(world, { signal: controller.signal }));
  const text = await world.clock.run(response.text());
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  controller.abort();
  expect(text).toContain('[DONE]');
  expect(world.sim.calls[0]).toMatchObject({ ended: 'answered' });
});

test('a reader that cancels the body leaves', async () => {
  const world = createWorld();
  const controller = new AbortController();
  const response = await world.clock.run(ask(world, { signal: controller.signal }));
  await response.body?.cancel();
  expect(world.sim.calls[0]).toMatchObject({ ended: 'cancelled' });
  expect(world.clock.pendingTimers()).toBe(0);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

test('a reset looks as it does in undici', async () => {
  const before = createWorld({ faults: [{ fault: 'reset' }] });
  const rejected = await before.clock.run(ask(before).catch((error: unknown) => error));
  expect(rejected).toMatchObject({
    name: 'TypeError',
    message: 'fetch failed',
    cause: { code: 'ECONNRESET' },
  });

  const amid = createWorld({ faults: [{ fault: 'cut-reset' }] });
  const response = await amid.clock.run(ask(amid));
  const erred = await amid.clock.run(response.text().catch((error: unknown) => error));
  expect(erred).toMatchObject({ name: 'TypeError', message: 'terminated', cause: { code: 'ECONNRESET' } });
});

test('the request may come as a Request, and its body as bytes', async () => {
  const { clock, sim } = createWorld();
  const { path, body } = requestOf('anthropic', { stream: false });
  const url = `http://any${path}`;
  const text = JSON.stringify(body);
  const asRequest = await clock.run(sim.fetch(new Request(url, { method: 'POST', body: text })));
  const asBytes = await clock.run(
    sim.fetch(new URL(url), { method: 'POST', body: new TextEncoder().encode(text) }),
  );
  expect([asRequest.status, asBytes.status]).toEqual([200, 200]);
  const controller = new AbortController();
  const pending = sim.fetch(new Request(url, { method: 'POST', body: text, signal: controller.signal }));
  controller.abort('stop');
  await expect(pending).rejects.toBe('stop');
});
