import { createGateway } from '@paceline/gateway';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createSimulator } from '@paceline/simulator';
import { createEngine, memoryJournal } from 'paceline';
import { beforeEach, expect, test } from 'vitest';
import digest, { sent } from './workflow.ts';

beforeEach(() => sent.clear());

const articles = Array.from({ length: 6 }, (_, n) => ({ title: `Article ${n}`, text: 'It was a long day.' }));

function world() {
  const clock = createVirtualClock();
  const simulator = createSimulator({
    seed: 1,
    clock,
    scenario: { providers: { openai: { wire: 'openai' } } },
  });
  const providers = simulator.providers();
  const roles = { reason: ['openai/gpt-5-mini'] };
  const gateway = createGateway({ roles, providers, fetch: simulator.fetch, clock, simulated: true });
  const journal = memoryJournal();
  return { clock, simulator, journal, open: () => createEngine({ gateway, journal, clock }) };
}

test('every article is summarized by a run of its own, and the digest is sent', async () => {
  const { clock, journal, open } = world();
  const outcome = await clock.run(open().run(digest, { articles }, { runId: 'run' }));
  expect(outcome).toMatchObject({ status: 'succeeded', output: { missing: [] }, spend: { calls: 6 } });
  expect(sent.size).toBe(1);
  expect(await journal.list({ parentRunId: 'run' })).toHaveLength(6);
  const first = outcome.steps.find(({ step }) => step === 'summarizeAll[0]');
  expect(first).toMatchObject({ ok: true, childRunId: 'run.summarize-all.1.0' });
});

test('another process goes on in the middle of the list, and no article is summarized twice', async () => {
  const { clock, simulator, journal, open } = world();
  const engine = open();
  const { result } = engine.start(digest, { articles }, { runId: 'run' });
  result.catch(() => {});
  const isHalf = async () => (await journal.list({ parentRunId: 'run', status: 'succeeded' })).length >= 2;
  while (!(await isHalf())) await clock.advance(10);
  await clock.run(engine.close({ unfinished: 'leave' }));
  const answered = simulator.calls.filter(({ ended }) => ended === 'answered').length;

  const { runs, left } = await open().recover([digest]);
  expect(left).toEqual([]);
  const outcome = await clock.run(runs[0]!.result);
  expect(outcome).toMatchObject({ status: 'succeeded', output: { missing: [] } });
  const calls = simulator.calls.filter(({ ended }) => ended === 'answered');
  expect(answered).toBeLessThan(6);
  expect(calls).toHaveLength(6);
  expect(sent.size).toBe(1);
});

test('without time for half of them nothing is sent', async () => {
  const { clock, journal, open } = world();
  const outcome = await clock.run(open().run(digest, { articles }, { deadlineMs: 40 }));
  expect(outcome).toMatchObject({ status: 'degraded' });
  expect(sent.size).toBe(0);
  expect(await journal.list({ unfinished: true })).toEqual([]);
});
