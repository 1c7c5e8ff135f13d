import { createVirtualClock } from '@paceline/resilience/testing';
import { expect, test } from 'vitest';
import { createSimulator } from './simulator.ts';
import { createWorld, observe, sender } from './test-support/observe.ts';
import { requestOf } from './test-support/requests.ts';
import type { SimulatedCall } from './journal.ts';

test('a call tells who asked what, when, and how it ended', async () => {
  const world = createWorld({ faults: [{ fault: 'error-500', attempts: [1] }] });
  await observe('anthropic', { call: 'run_x-r12/triage/0/1', model: 'claude-haiku' }, world);
  await world.clock.advance(1_000);
  const startedMs = world.clock.nowMs();
  await observe('anthropic', { call: 'run_x-r12/triage/0/2', model: 'claude-haiku' }, world);
  const [first, second] = world.sim.calls;
  expect(first).toEqual({
    provider: 'anthropic',
    wire: 'anthropic',
    model: 'claude-haiku',
    key: 'r12/triage/0/1',
    fault: 'error-500',
    status: 500,
    startedMs: 0,
    endedMs: 40,
    ended: 'faulted',
    body: requestOf('anthropic', { model: 'claude-haiku' }).body,
  });
  expect(second).toMatchObject({
    key: 'r12/triage/0/2',
    fault: null,
    status: 200,
    ended: 'answered',
    startedMs,
  });
  expect(second?.endedMs).toBeGreaterThan(startedMs);
});

test('a call in flight is there already', async () => {
  const { clock, sim } = createWorld();
  const response = sender(sim.fetch, 'http://any')('google', {});
  await clock.advance(0);
  expect(sim.calls).toMatchObject([{ status: null, endedMs: null, ended: null, key: '#0' }]);
  await clock.run(response.then((answer) => answer.text()));
  expect(sim.calls).toMatchObject([{ status: 200, ended: 'answered' }]);
});

test('whoever wants to know is told of each call as it ends', async () => {
  const clock = createVirtualClock();
  const ends: unknown[] = [];
  const scenario = {
    providers: { openai: { wire: 'openai' as const, faults: [{ fault: 'stall' as const, times: 1 }] } },
  };
  const onCallEnd = ({ key, ended }: SimulatedCall) => void ends.push([key, ended]);
  const sim = createSimulator({ seed: 1, clock, scenario, onCallEnd });
  await observe('openai', {}, { clock, sim });
  await observe('openai', {}, { clock, sim });
  expect(ends).toEqual([
    ['#0', 'cancelled'],
    ['#1', 'answered'],
  ]);
});

test('what cannot be read is journalled too', async () => {
  const { clock, sim } = createWorld();
  await clock.run(sim.fetch('http://any/openai/v1/chat/completions', { method: 'POST', body: 'no JSON' }));
  await clock.run(sim.fetch('http://any/nobody', { method: 'POST', body: '{}' }));
  expect(sim.calls).toMatchObject([
    { provider: 'openai', model: '', body: null, ended: 'answered', status: 400 },
    { provider: '', wire: 'openai', model: '', body: null, status: 404 },
  ]);
});

test('each provider counts its own requests where no call is named', async () => {
  const world = createWorld();
  for (const wire of ['openai', 'google', 'openai'] as const) await observe(wire, {}, world);
  expect(world.sim.calls.map(({ provider, key }) => `${provider} ${key}`)).toEqual([
    'openai #0',
    'google #0',
    'openai #1',
  ]);
});

test('the journal keeps the newest calls', async () => {
  const clock = createVirtualClock();
  const scenario = { providers: { openai: { wire: 'openai' as const } } };
  const sim = createSimulator({ seed: 1, clock, scenario, keepCalls: 10 });
  for (let count = 0; count < 25; count++) await observe('openai', { stream: false }, { clock, sim });
  expect(sim.calls.length).toBeGreaterThanOrEqual(10);
  expect(sim.calls.length).toBeLessThanOrEqual(11);
  expect(sim.calls.at(-1)?.key).toBe('#24');
});
