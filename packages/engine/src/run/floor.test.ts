import { memoryLedger } from '@paceline/gateway';
import { createVirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { WorkflowInfo } from '../define/workflow.ts';
import { code } from '../define/steps.ts';
import { oneStep, runStepAlone, scriptedWorld } from '../test-support/one-step.ts';
import { stepDeadline, stepTimes } from './floor.ts';
import type { PendingStep } from './record.ts';

const step = (ms: number | undefined) => ({ kind: 'code', ...(ms !== undefined && { expectedMs: ms }) });

/** `now` is followed by `later` on the only way to success. */
function limitMs(given: {
  leftMs: number;
  totalMs?: number;
  expectedMs?: { now?: number; later?: number };
  learned?: { now?: readonly number[]; later?: readonly number[] };
}): number {
  const { expectedMs = {}, learned = {} } = given;
  const info = {
    id: 'flow',
    steps: {
      now: { ...step(expectedMs.now), ...(given.totalMs !== undefined && { totalMs: given.totalMs }) },
      later: step(expectedMs.later),
    },
    timePlan: {
      laterMs: (_: string, usualMs: (step: string) => number) => usualMs('later'),
      totalMs: () => 0,
    },
  } as unknown as WorkflowInfo;
  const ledger = memoryLedger();
  for (const [name, values] of Object.entries(learned)) {
    for (const ms of values ?? []) ledger.recordLatency(`step:flow/${name}`, ms);
  }
  const clock = createVirtualClock();
  const pending = { invokeId: 'now', step: 'now' } as PendingStep;
  const times = stepTimes(info, ledger);
  return stepDeadline(pending, { info, deadline: { atMs: given.leftMs }, clock, times }).atMs;
}

const many = (ms: number) => Array.from({ length: 10 }, () => ms);

describe('a step may take', () => {
  test.each([
    ['all that is left, less what the ending needs', { leftMs: 1_000 }, 990],
    ['a twentieth less where little is left', { leftMs: 100 }, 95],
    ['its own limit, if that is shorter', { leftMs: 1_000, totalMs: 300 }, 300],
    ['what is left, if its own limit is longer', { leftMs: 1_000, totalMs: 5_000 }, 990],
    [
      'what is left without half of what the later steps usually take',
      { leftMs: 1_000, expectedMs: { later: 400 } },
      790,
    ],
    [
      'as its author expects, while little is learned',
      { leftMs: 1_000, expectedMs: { later: 400 }, learned: { later: [50] } },
      790,
    ],
    [
      'as has been learned',
      { leftMs: 1_000, expectedMs: { later: 400 }, learned: { later: many(100) } },
      940,
    ],
    [
      'as little as has been learned where nothing was declared',
      { leftMs: 1_000, learned: { later: [200] } },
      890,
    ],
    ['half of its usual time, and no less', { leftMs: 1_000, expectedMs: { now: 1_980 } }, 990],
  ] as const)('%s', (_, given, expected) => {
    expect(limitMs(given)).toBe(expected);
  });
});

describe('a step is not begun', () => {
  test.each([
    ['with less than half of its usual time', { leftMs: 1_000, expectedMs: { now: 2_000 } }],
    ['with less than half of what was learned', { leftMs: 100, learned: { now: many(300) } }],
    ['where half of the later steps would not fit', { leftMs: 1_000, expectedMs: { later: 2_000 } }],
    ['when nothing is left', { leftMs: 0 }],
  ] as const)('%s', (_, given) => {
    expect(() => limitMs(given)).toThrow(expect.objectContaining({ code: 'DEADLINE_INFEASIBLE' }));
  });
});

test('an infeasible step fails before its body runs, and the machine takes its error path', async () => {
  let ran = false;
  const slow = code({
    input: z.any(),
    output: z.any(),
    effect: 'pure',
    expectedMs: 900,
    run: () => (ran = true),
  });
  const { clock, engine } = scriptedWorld();
  const outcome = await clock.run(engine.run(oneStep(slow), 1, { deadlineMs: 400 }));
  expect(ran).toBe(false);
  expect(outcome).toMatchObject({
    status: 'degraded',
    ms: 0,
    output: { code: 'DEADLINE_INFEASIBLE', step: 'step' },
  });
});

test('what successful visits took is learned, failures are not', async () => {
  let n = 0;
  const noting = code({
    input: z.any(),
    output: z.any(),
    effect: 'pure',
    totalMs: 100,
    run: () => (++n === 1 ? null : new Promise<null>(() => {})),
  });
  const first = await runStepAlone(noting, 1);
  expect(first.gateway.ledger.latency('step:one-step/step')).toMatchObject({ samples: 1, p50Ms: 0 });
  const second = await runStepAlone(noting, 1);
  expect(second.outcome.steps[0]!.ok).toBe(false);
  expect(second.gateway.ledger.latency('step:one-step/step')).toBeNull();
});
