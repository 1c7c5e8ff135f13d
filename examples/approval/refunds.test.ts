import { createGateway } from '@paceline/gateway';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createSimulator } from '@paceline/simulator';
import { createEngine, memoryJournal } from 'paceline';
import type { Engine, EngineEvents } from 'paceline';
import { beforeEach, expect, test } from 'vitest';
import refunds, { bank } from './refunds.ts';

const DAY_MS = 86_400_000;

beforeEach(() => bank.clear());

type Wait = EngineEvents['step-wait'][0]['wait'];

const nextWait = ({ events }: Engine): Promise<Wait> =>
  new Promise((resolve) => void events.once('step-wait', ({ wait }) => resolve(wait)));

/** A complaint whose model wants to pay back what the scenario makes of it, up to the moment in which a person is asked. */
async function complaint() {
  const clock = createVirtualClock();
  const simulator = createSimulator({
    seed: 1,
    clock,
    scenario: { providers: { openai: { wire: 'openai' } } },
  });
  const providers = simulator.providers();
  const roles = { execute: ['openai/gpt-5-mini'] };
  const gateway = createGateway({ roles, providers, fetch: simulator.fetch, clock, simulated: true });
  const journal = memoryJournal();
  const open = () => createEngine({ gateway, journal, clock });
  const engine = open();
  const asked = nextWait(engine);
  const run = engine.start(refunds, { text: 'The bag ripped, I want my 62 EUR back.', orderId: 'A-1' });
  run.result.catch(() => {});
  const wait = await clock.run(asked);
  return { clock, simulator, engine, open, run, wait };
}

test('money moves when a person has seen how much, to whom, and said yes', async () => {
  const { clock, run, wait } = await complaint();
  expect(wait).toMatchObject({ type: 'approval', tool: 'refund' });
  await clock.advance(5 * 3_600_000);
  expect(bank.size).toBe(0);
  await clock.run(run.answer({ type: 'approve', by: 'ann' }));
  expect(await clock.run(run.result)).toMatchObject({ status: 'succeeded', withinBudget: true });
  const { orderId, amountEur } = (wait as Wait & { input: { orderId: string; amountEur: number } }).input;
  expect([...bank]).toEqual([[orderId, amountEur]]);
});

test('a refusal is heard by the model, which answers all the same', async () => {
  const { clock, run, simulator } = await complaint();
  await clock.run(run.answer({ type: 'reject', by: 'ann', reason: 'It was ripped by the customer.' }));
  expect(await clock.run(run.result)).toMatchObject({ status: 'succeeded' });
  expect(bank.size).toBe(0);
  expect(simulator.calls).toHaveLength(2);
});

test('a day without a word hands it over', async () => {
  const { clock, run } = await complaint();
  const outcome = await clock.run(run.result);
  expect(outcome).toMatchObject({ status: 'degraded', output: { reply: null } });
  expect(outcome.ms).toBeGreaterThanOrEqual(DAY_MS);
});

test('another process goes on, without asking the model again', async () => {
  const { clock, engine, open, simulator } = await complaint();
  await clock.run(engine.close({ unfinished: 'leave' }));
  const { runs } = await open().recover([refunds]);
  await clock.run(runs[0]!.answer({ type: 'approve', by: 'ann' }));
  expect(await clock.run(runs[0]!.result)).toMatchObject({ status: 'succeeded', spend: { calls: 2 } });
  expect(simulator.calls).toHaveLength(2);
  expect(bank.size).toBe(1);
});
