import { EventEmitter } from 'node:events';
import type { Gateway, TargetView } from '@paceline/gateway';
import { createVirtualClock } from '@paceline/resilience/testing';
import type { Engine } from 'paceline';
import { expect, test } from 'vitest';
import ask from '../test-support/flows/ask.ts';
import { watchEngine } from './watch.ts';

function target(name: string, breaker: TargetView['breaker']) {
  return { name, breaker };
}

test('adds up what the engine tells', async () => {
  const events = new EventEmitter();
  const standing = [target('openai/a', 'open'), target('google/b', 'closed'), target('groq/c', 'probing')];
  const clock = createVirtualClock();
  const watch = watchEngine({
    engine: { events } as unknown as Engine,
    gateway: { targets: () => standing } as unknown as Gateway,
    workflows: [ask as never],
    total: () => 3,
    counts: { runs: 0, succeeded: 0, degraded: 0, failed: 0, withinBudget: 0 },
    clock,
  });
  const tell = (type: string, event: object = {}) => events.emit(type, event);

  tell('run-start', { runId: 'one' });
  tell('run-start', { runId: 'two' });
  tell('run-start', { runId: 'two.step.1', parentRunId: 'two' });
  tell('attempt-end', { record: { kind: 'first', target: 'openai/a', costUsd: 0.1 } });
  tell('attempt-end', { record: { kind: 'retry', target: 'openai/a', costUsd: null } });
  tell('attempt-end', { record: { kind: 'failover', target: 'google/b', costUsd: 0.02 } });
  tell('step-end', { step: 'triage', ms: 100 });
  tell('step-error', { step: 'triage', ms: 300, failure: { code: 'NO_TARGET_LEFT' } });
  tell('run-end', { runId: 'two.step.1' });
  tell('run-end', { runId: 'two' });
  await clock.advance(1_500);

  expect(watch).toMatchObject({ running: 1, attempts: 3, retries: 1, failovers: 1, unpriced: 1, total: 3 });
  expect([...watch.usdByProvider]).toEqual([
    ['openai', 0.1],
    ['google', 0.02],
  ]);
  const [triage] = watch.steps;
  expect(triage).toMatchObject({ name: 'triage', budgetMs: 5_000, done: 1, failed: 1 });
  expect([...watch.failures]).toEqual([['triage NO_TARGET_LEFT', 1]]);
  expect([triage?.ms.quantile(0.5), triage?.ms.quantile(0.95)]).toEqual([100, 300]);
  expect(watch.elapsedMs()).toBe(1_500);
  expect(watch.openBreakers()).toEqual(['openai/a', 'groq/c']);
});

const of = (runId: string) => ({ runId, step: 'triage', visit: 1, ms: 1, failure: { code: 'CANCELLED' } });

test('counts the steps that wait for a person until they are answered or stopped', () => {
  const events = new EventEmitter();
  const watch = watchEngine({
    engine: { events } as unknown as Engine,
    gateway: { targets: () => [] } as unknown as Gateway,
    workflows: [ask as never],
    total: () => 3,
    counts: { runs: 0, succeeded: 0, degraded: 0, failed: 0, withinBudget: 0 },
    clock: createVirtualClock(),
  });
  events.emit('step-wait', of('a'));
  events.emit('step-wait', of('a'));
  events.emit('step-wait', of('b'));
  expect(watch.waiting).toBe(2);
  events.emit('step-answer', of('a'));
  expect(watch.waiting).toBe(1);
  events.emit('step-error', of('b'));
  expect(watch.waiting).toBe(0);
});
