import type { FaultRule } from '@paceline/simulator';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import type { Budget } from '../define/step.ts';
import { classify, code, execute, reason, tool } from '../define/steps.ts';
import { wiredWorld } from '../test-support/wired.ts';
import type { WiredOptions } from '../test-support/wired.ts';
import { assign } from '../xstate/actions.ts';

const booked: string[] = [];
const Text = z.object({ text: z.string() });
const Decision = z.object({ action: z.enum(['refund', 'reply']), reason: z.string() });

const text = ({ context }: { readonly context: { readonly text: string } }) => ({ text: context.text });

/** Four steps on every role, with a hand-over for whatever fails. */
function supportFlow(budget: Budget) {
  return setupWorkflow({
    id: 'support',
    input: Text,
    output: z.object({ label: z.string().nullable(), ended: z.string() }),
    context: z.object({ text: z.string(), label: z.string().nullable() }),
    budget,
    steps: {
      triage: classify({
        input: Text,
        labels: ['refund', 'bug', 'question', 'other'],
        prompt: ({ input }) => input.text,
        totalMs: 3_000,
        expectedMs: 300,
      }),
      decide: reason({ input: Text, output: Decision, prompt: ({ input }) => input.text, expectedMs: 500 }),
      act: execute({
        input: Text,
        output: z.object({ done: z.boolean() }),
        tools: {
          book: tool({
            description: 'Books it.',
            input: z.object({ note: z.string() }),
            effect: 'idempotent',
            run: ({ idempotencyKey }) => {
              booked.push(idempotencyKey);
              return { booked: true };
            },
          }),
        },
        prompt: ({ input }) => input.text,
        expectedMs: 600,
      }),
      notify: code({
        input: Text,
        output: z.object({ sent: z.boolean() }),
        effect: 'idempotent',
        run: () => ({ sent: true }),
      }),
    },
  }).createMachine({
    context: ({ input }) => ({ text: input.text, label: null }),
    initial: 'triaging',
    output: ({ context }) => ({ label: context.label, ended: 'well' }),
    states: {
      triaging: {
        invoke: {
          id: 'triage',
          src: 'triage',
          input: text,
          onDone: { target: 'deciding', actions: assign(({ event }) => ({ label: event.output.label })) },
          onError: 'handoff',
        },
      },
      deciding: {
        invoke: { id: 'decide', src: 'decide', input: text, onDone: 'acting', onError: 'handoff' },
      },
      acting: { invoke: { id: 'act', src: 'act', input: text, onDone: 'notifying', onError: 'handoff' } },
      notifying: {
        invoke: { id: 'notify', src: 'notify', input: text, onDone: 'resolved', onError: 'handoff' },
      },
      resolved: { type: 'final' },
      handoff: { type: 'final', tags: ['degraded'] },
    },
  });
}

const support = supportFlow({ totalMs: 8_000 });
const ticket = { text: 'I want a refund for the broken lamp, please.' };

async function runOnce(options: WiredOptions = {}) {
  const world = wiredWorld(options);
  const outcome = await world.clock.run(world.engine.run(support, ticket, { runId: 'run-r0' }));
  return { ...world, outcome };
}

describe('a chain on healthy providers', () => {
  test('succeeds with its outputs, its spend and every attempt', async () => {
    booked.length = 0;
    const { outcome, simulator, clock } = await runOnce();
    expect(outcome).toMatchObject({ status: 'succeeded', withinBudget: true, output: { label: 'refund' } });
    expect(outcome.steps.map(({ step }) => step)).toEqual(['triage', 'decide', 'act', 'notify']);
    expect(outcome.spend.calls).toBe(simulator.calls.length);
    expect(outcome.spend.attempts).toBe(simulator.calls.length);
    expect(outcome.spend.knownUsd).toBeGreaterThan(0);
    expect(outcome.spend.byProvider).toEqual({ openai: outcome.spend.knownUsd });
    expect(outcome.ms).toBe(clock.nowMs());
    expect(booked).toHaveLength(1);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('the same seed gives the same outcome', async () => {
    expect((await runOnce({ seed: 3 })).outcome).toEqual((await runOnce({ seed: 3 })).outcome);
  });
});

test('a turn of a step with tools reads what the turn before had kept, and the run says what that saved', async () => {
  const note = tool({
    description: 'Notes it.',
    input: z.object({ note: z.string() }),
    effect: 'pure',
    run: () => ({ noted: true }),
  });
  const act = execute({
    input: Text,
    tools: { note },
    output: z.object({ done: z.boolean() }),
    prompt: ({ input }) => ({ system: 'You answer letters of customers. '.repeat(200), user: input.text }),
  });
  const workflow = setupWorkflow({
    id: 'kept',
    input: Text,
    output: z.object({ ended: z.string() }),
    context: Text,
    budget: { totalMs: 20_000 },
    steps: { act },
  }).createMachine({
    context: ({ input }) => input,
    initial: 'acting',
    output: { ended: 'well' },
    states: {
      acting: { invoke: { id: 'act', src: 'act', input: text, onDone: 'done', onError: 'handoff' } },
      done: { type: 'final' },
      handoff: { type: 'final', tags: ['degraded'] },
    },
  });
  const { clock, engine } = wiredWorld({ config: { roles: { execute: ['anthropic/claude-sonnet-4-5'] } } });
  const { spend, steps } = await clock.run(engine.run(workflow, ticket, { runId: 'run-r0' }));
  const [first, second] = steps[0]!.attempts;
  expect(first!.usage!.cacheWriteTokens).toBeGreaterThan(1_500);
  expect(second!.usage!.cachedInputTokens).toBe(first!.usage!.cacheWriteTokens);
  expect(first!.savedUsd).toBeLessThan(0);
  expect(spend.savedUsd).toBeCloseTo(first!.savedUsd! + second!.savedUsd!, 12);
  expect(spend.savedUsd).toBeGreaterThan(0.003);
});

describe('a chain on faulty providers', () => {
  test('a stalled call is failed over, and the run still succeeds', async () => {
    const { outcome, clock } = await runOnce({ faults: { openai: [{ fault: 'stall', step: 'decide' }] } });
    expect(outcome).toMatchObject({ status: 'succeeded', spend: { failovers: 1 } });
    const decide = outcome.steps.find(({ step }) => step === 'decide')!;
    expect(decide.attempts.map(({ kind, outcome: end }) => `${kind} ${end}`)).toEqual([
      'first error',
      'failover ok',
    ]);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('when nothing answers the run is handed over before its deadline', async () => {
    const down: readonly FaultRule[] = [{ fault: 'stall', step: 'act' }];
    const { outcome, clock } = await runOnce({ faults: { openai: down, anthropic: down } });
    expect(outcome).toMatchObject({ status: 'degraded', withinBudget: true });
    expect(outcome.ms).toBeLessThanOrEqual(8_000);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('an answer that does not fit is repaired', async () => {
    const { outcome, simulator } = await runOnce({
      faults: { openai: [{ fault: 'invalid-json-answer', step: 'decide', turns: [0] }] },
    });
    expect(outcome.status).toBe('succeeded');
    expect(simulator.calls.map(({ key }) => key)).toContain('r0/decide/1/1');
  });

  test('a call that the budget has no room for is not made', async () => {
    const { clock, engine, simulator } = wiredWorld();
    const poor = supportFlow({ totalMs: 8_000, usd: 0.000_001 });
    const outcome = await clock.run(engine.run(poor, ticket));
    expect(simulator.calls).toEqual([]);
    expect(outcome).toMatchObject({ status: 'degraded', withinBudget: true, spend: { attempts: 0 } });
    expect(outcome.steps.at(-1)).toMatchObject({ step: 'triage', failure: { code: 'SPEND_LIMIT_REACHED' } });
  });

  test('cancel reaches the provider in the same turn, and what was spent is kept', async () => {
    const { clock, engine, simulator, journal } = wiredWorld();
    const handle = engine.start(support, ticket, { runId: 'run-r0' });
    await clock.advance(60);
    expect(simulator.calls.at(-1)).toMatchObject({ ended: null });
    handle.cancel('enough');
    const outcome = await clock.run(handle.result);
    expect(simulator.calls.at(-1)).toMatchObject({ ended: 'cancelled', endedMs: 60 });
    expect(outcome).toMatchObject({ status: 'cancelled', ms: 60, spend: { attempts: 1 } });
    expect((await journal.load('run-r0'))!.spend).toEqual(outcome.spend);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('a hundred chains under faults all end in time, and nothing is left over', async () => {
    const faults: readonly FaultRule[] = [
      { fault: 'stall', probability: 0.02 },
      { fault: 'error-500', probability: 0.01 },
      { fault: 'reset', probability: 0.01 },
      { fault: 'cut', probability: 0.01 },
    ];
    const { clock, engine } = wiredWorld({ seed: 11, faults: { openai: faults, anthropic: faults } });
    const rows = Array.from({ length: 100 }, (_, row) =>
      engine.run(support, ticket, { runId: `run-r${row}` }),
    );
    const outcomes = await clock.run(Promise.all(rows));
    const succeeded = outcomes.filter(({ status }) => status === 'succeeded');
    expect(succeeded.length).toBeGreaterThanOrEqual(95);
    for (const outcome of outcomes) {
      expect(outcome.withinBudget).toBe(true);
      expect(outcome.status).not.toBe('failed');
      const attempts = outcome.steps.flatMap((step) => step.attempts);
      expect(outcome.spend.attempts).toBe(attempts.length);
    }
    expect(clock.pendingTimers()).toBe(0);
  });
});
