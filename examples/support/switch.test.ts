import { readFileSync } from 'node:fs';
import { createGateway } from '@paceline/gateway';
import { seededRandom } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createSimulator, scenarioFor } from '@paceline/simulator';
import { createEngine } from 'paceline';
import { beforeEach, expect, test } from 'vitest';
import { backOffice } from './back-office.ts';
import { model } from './one-model.config.ts';
import support from './workflow.ts';

const TICKET = { text: 'Refund please, the bag ripped.', orderId: 'A-10042', customer: 'c-1' };

beforeEach(() => {
  for (const book of Object.values(backOffice)) book.clear();
});

/** Runs a ticket with every role on the one model, on simulated providers in virtual time. */
async function runOn(target: string) {
  const clock = createVirtualClock();
  const random = seededRandom(1);
  const simulator = createSimulator({ seed: 1, clock, scenario: scenarioFor('calm', { rows: 1 }) });
  const gateway = createGateway({
    roles: { classify: [target], reason: [target], execute: [target] },
    providers: simulator.providers(),
    fetch: simulator.fetch,
    clock,
    random,
    simulated: true,
  });
  const engine = createEngine({ gateway, clock, random });
  const outcome = await clock.run(engine.run(support, TICKET));
  const answeredBy = new Set(simulator.calls.map((call) => `${call.provider}/${call.model}`));
  const { label, outcome: end } = (outcome.ok ? outcome.output : undefined) ?? {};
  return { answeredBy: [...answeredBy], end: { status: outcome.status, label, outcome: end } };
}

test('the model stands in one string of the config', () => {
  const config = readFileSync(new URL('one-model.config.ts', import.meta.url), 'utf8');
  expect(config.split(`'${model}'`)).toHaveLength(2);
});

test.each(['anthropic/claude-haiku-4-5', 'google/gemini-3.5-flash'])(
  'with %s in its place another provider answers, and the ticket ends as before',
  async (other) => {
    const before = await runOn(model);
    for (const book of Object.values(backOffice)) book.clear();
    const after = await runOn(other);
    expect(before.answeredBy).toEqual(['openai/gpt-5-mini']);
    expect(after.answeredBy).toEqual([other]);
    expect(before.end).toEqual({ status: 'succeeded', label: 'refund', outcome: 'refunded' });
    expect(after.end).toEqual(before.end);
  },
);
