import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { code, execute, tool } from '../define/steps.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import type { Reply } from '../test-support/gateway.ts';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createEngine } from '../engine.ts';
import { advance } from './advance.ts';
import type { RunEvent, RunRecord } from './record.ts';

const TEXT = z.object({ text: z.string() });

const undone: unknown[] = [];

/** One execute step with a tool, whose end the machine calls a failure. */
const acting = setupWorkflow({
  id: 'acting',
  input: TEXT,
  output: TEXT,
  context: TEXT,
  budget: { totalMs: 10_000 },
  steps: {
    act: execute({
      input: TEXT,
      output: TEXT,
      prompt: ({ input }) => input.text,
      tools: { write: tool({ description: 'Writes.', input: TEXT, effect: 'once', run: () => 'written' }) },
      compensate: ({ output }) => undone.push(output),
    }),
    again: code({ input: TEXT, output: TEXT, effect: 'pure', maxVisits: 2, run: ({ input }) => input }),
  },
}).createMachine({
  context: ({ input }) => input,
  output: ({ context }) => context,
  initial: 'acting',
  states: {
    acting: {
      invoke: {
        id: 'act',
        src: 'act',
        input: ({ context }) => context,
        onDone: 'looping',
        onError: 'failed',
      },
    },
    looping: {
      invoke: {
        id: 'again',
        src: 'again',
        input: ({ context }) => context,
        onDone: [
          { guard: ({ context }) => context.text === '', target: 'done' },
          { target: 'looping', reenter: true },
        ],
        onError: 'failed',
      },
    },
    done: { type: 'final' },
    failed: { type: 'final', tags: ['failed'] },
  },
});

const WRITE = { toolCalls: [{ id: 'c1', name: 'write', input: { text: 'x' } }] };

describe('an execute step that failed', () => {
  test('has nothing to undo before its first tool call, and may have after it', async () => {
    const clock = createVirtualClock();
    const run = async (...replies: readonly Reply[]) => {
      undone.length = 0;
      const engine = createEngine({ gateway: scriptedGateway(...replies), clock });
      return clock.run(engine.run(acting, { text: 'go' }));
    };
    expect(await run('no answer')).toMatchObject({ error: { code: 'ANSWER_INVALID' } });
    expect(undone).toEqual([]);
    expect(await run(WRITE, 'no answer')).toMatchObject({ error: { code: 'ANSWER_INVALID' } });
    expect(undone).toEqual([null]);
  });
});

test('a loop ends at `maxVisits`, with a failure that the machine can take', async () => {
  const clock = createVirtualClock();
  const engine = createEngine({ gateway: scriptedGateway('{"text":"done"}'), clock });
  undone.length = 0;
  const outcome = await clock.run(engine.run(acting, { text: 'go' }));
  expect(outcome).toMatchObject({
    error: { code: 'VISIT_LIMIT_REACHED', message: '`again` was visited 2 times already.', step: 'again' },
  });
  expect(outcome.steps.map(({ step }) => step)).toEqual(['act', 'again', 'again', 'again']);
  expect(undone).toEqual([{ text: 'done' }]);
});

const take = (record: RunRecord | null, event: RunEvent) =>
  advance({ workflow: acting, record, event, nowEpochMs: 1_000 });

describe('a run that is being undone', () => {
  const started = take(null, {
    type: 'run-start',
    runId: 'r',
    input: { text: 'go' },
    labels: {},
    totalMs: 10_000,
    capUsd: null,
  })!.batch.record;
  const { token } = started.pending['act']!;
  const ending = take(started, { type: 'cancel', reason: 'enough' })!;

  test('is still running, with nothing in flight but its newest compensation', () => {
    const { record } = ending.batch;
    expect(record).toMatchObject({
      status: 'running',
      pending: {},
      timers: {},
      ending: { status: 'cancelled' },
    });
    expect(ending.effects.map(({ type }) => type)).toEqual(['step-abort', 'compensation-start']);
  });

  test.each<RunEvent>([
    { type: 'cancel', reason: 'again' },
    { type: 'deadline' },
    { type: 'compensation-end', token: 'r/1/other/1' },
    { type: 'step-done', token, output: { text: 'late' }, attempts: [] },
  ])('takes no $type', (event) => {
    expect(take(ending.batch.record, event)).toBeNull();
  });

  test('ends once, with the last of them', () => {
    const ended = take(ending.batch.record, { type: 'compensation-end', token })!;
    expect(ended.effects).toEqual([{ type: 'run-end' }]);
    expect(ended.batch.record).toMatchObject({
      status: 'cancelled',
      failure: { code: 'CANCELLED', message: 'enough' },
      compensations: [{ step: 'act', visit: 1 }],
    });
    expect(ended.batch.record).not.toHaveProperty('ending');
    expect(ended.batch.record).not.toHaveProperty('undo');
    expect(take(ended.batch.record, { type: 'compensation-end', token })).toBeNull();
  });
});
