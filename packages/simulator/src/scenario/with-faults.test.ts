import { expect, test } from 'vitest';
import { createWorld, observe } from '../test-support/observe.ts';
import { scenarioFor } from './scenarios.ts';
import { validateScenario } from './validate-scenario.ts';
import { withFaults } from './with-faults.ts';
import type { FaultRule, Scenario } from './scenario.ts';

const BARE: Scenario = { providers: { openai: { wire: 'openai' } } };

/** How many of 300 calls meet each fault. */
async function met(faults: readonly FaultRule[], share?: number): Promise<Record<string, number>> {
  const { openai } = withFaults(BARE, faults, share).providers;
  const world = createWorld(openai);
  for (let call = 0; call < 300; call++) await observe('openai', { call: `x-r${call}/a/0/1` }, world);
  const counts: Record<string, number> = {};
  for (const { fault } of world.sim.calls) counts[fault ?? 'none'] = (counts[fault ?? 'none'] ?? 0) + 1;
  return counts;
}

test('one fault strikes every call', async () => {
  expect(await met([{ fault: 'error-500' }])).toEqual({ 'error-500': 300 });
});

test('several share the calls equally', async () => {
  const counts = await met([{ fault: 'error-500' }, { fault: 'auth' }, { fault: 'reset' }]);
  expect(counts['none']).toBeUndefined();
  for (const fault of ['error-500', 'auth', 'reset']) {
    expect(counts[fault]).toBeGreaterThan(70);
    expect(counts[fault]).toBeLessThan(130);
  }
});

test('a share strikes that share of the calls', async () => {
  const counts = await met([{ fault: 'error-500' }, { fault: 'auth' }], 0.2);
  expect(counts['none']).toBeGreaterThan(210);
  expect(counts['none']).toBeLessThan(270);
  expect(counts['auth']).toBeGreaterThan(15);
});

test('a probability of its own is kept', async () => {
  const counts = await met([{ fault: 'error-500', probability: 0 }, { fault: 'auth' }]);
  expect(counts['error-500']).toBeUndefined();
});

test('it stands before the rules of every provider, and the scenario stays valid', () => {
  const everyday = scenarioFor('everyday', { rows: 10 });
  const both = validateScenario(withFaults(everyday, [{ fault: 'stall' }]));
  for (const name of ['openai', 'anthropic', 'google']) {
    expect(both.providers[name]?.faults?.[0]).toEqual({ fault: 'stall', probability: 1 });
    expect(both.providers[name]?.faults?.slice(1)).toEqual(everyday.providers[name]?.faults);
  }
  expect(withFaults(everyday, [])).toEqual(everyday);
});
