import { assign } from 'xstate';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { attempt } from '../test-support/attempts.ts';
import { asWorkflow, bothAtOnce, echo, twoSteps } from '../test-support/workflows.ts';
import { advance } from './advance.ts';
import type { Advance } from './advance.ts';
import type { RunEvent, RunRecord } from './record.ts';

type AnyFlow = Parameters<typeof asWorkflow>[0];

const STARTED = 1_000_000;

const start = (workflow: AnyFlow, input: { n: number } = { n: 1 }): Advance =>
  advance({
    workflow: asWorkflow(workflow),
    record: null,
    event: { type: 'run-start', runId: 'run', input, labels: {}, totalMs: 1_000, capUsd: null },
    nowEpochMs: STARTED,
  })!;

const next = (workflow: AnyFlow, record: RunRecord, event: RunEvent): Advance | null =>
  advance({ workflow: asWorkflow(workflow), record, event, nowEpochMs: STARTED + 10 });

const done = (token: string, n = 2): RunEvent => ({ type: 'step-done', token, output: { n }, attempts: [] });
const failed = (token: string): RunEvent => ({
  type: 'step-failed',
  token,
  failure: { code: 'STEP_FAILED', message: 'no' },
  attempts: [],
});

test('the first event enters the machine and asks for its step and its timer', () => {
  const { batch, effects } = start(twoSteps);
  expect(batch.entry).toMatchObject({
    runId: 'run',
    seq: 1,
    atEpochMs: STARTED,
    event: { type: 'run-start' },
  });
  expect(batch.record).toMatchObject({
    status: 'running',
    seq: 1,
    visits: { first: 1 },
    expiresEpochMs: STARTED + 1_000,
    pending: { first: { step: 'first', visit: 1, input: { n: 1 }, progress: [] } },
  });
  const { first } = batch.record.pending;
  const [timer] = Object.values(batch.record.timers);
  expect(timer!.dueEpochMs).toBe(STARTED + 200);
  expect(effects).toEqual([
    { type: 'timer-set', timer },
    { type: 'step-start', pending: first },
  ]);
});

test('a finished step moves the machine on, leaves its output and stops the timer of its state', () => {
  const { record } = start(twoSteps).batch;
  const after = next(twoSteps, record, done(record.pending['first']!.token))!;
  expect(after.batch.record).toMatchObject({ seq: 2, outputs: { first: { n: 2 } }, timers: {} });
  expect(Object.keys(after.batch.record.pending)).toEqual(['second']);
  expect(after.effects.map(({ type }) => type)).toEqual(['timer-cancel', 'step-start']);
});

test('a run that comes to a final state succeeds with the output of the machine', () => {
  const { record } = start(twoSteps).batch;
  const middle = next(twoSteps, record, done(record.pending['first']!.token, 5))!.batch.record;
  const end = next(twoSteps, middle, done(middle.pending['second']!.token, 7))!;
  expect(end.batch.record).toMatchObject({ status: 'succeeded', output: { n: 7 }, pending: {}, timers: {} });
  expect(end.effects).toEqual([{ type: 'run-end' }]);
});

test('a final state tagged degraded ends the run degraded', () => {
  const { record } = start(twoSteps).batch;
  const middle = next(twoSteps, record, done(record.pending['first']!.token))!.batch.record;
  const end = next(twoSteps, middle, failed(middle.pending['second']!.token))!;
  expect(end.batch.record).toMatchObject({ status: 'degraded', output: { n: 2 } });
});

test('late, repeated and foreign completions are refused', () => {
  const { record } = start(twoSteps).batch;
  const firstToken = record.pending['first']!.token;
  const again = next(twoSteps, record, failed(firstToken))!.batch.record;
  expect(again.visits).toEqual({ first: 2 });
  expect(next(twoSteps, again, done(firstToken))).toBeNull();
  expect(next(twoSteps, again, failed(firstToken))).toBeNull();
  expect(next(twoSteps, again, done('another-run/1/first/2'))).toBeNull();
  expect(next(twoSteps, again, done(again.pending['first']!.token))).not.toBeNull();
});

test('a timer that was set again under its id is another timer', () => {
  const { record } = start(twoSteps).batch;
  const [stale] = Object.values(record.timers);
  const again = next(twoSteps, record, failed(record.pending['first']!.token))!.batch.record;
  expect(next(twoSteps, again, { type: 'timer-due', token: stale!.token })).toBeNull();
  const [fresh] = Object.values(again.timers);
  expect(fresh!.id).toBe(stale!.id);
  const late = next(twoSteps, again, { type: 'timer-due', token: fresh!.token })!;
  expect(late.batch.record.status).toBe('degraded');
  expect(late.effects).toContainEqual({ type: 'step-abort', token: again.pending['first']!.token });
});

test('a state that passes on at once never starts its step', () => {
  const { batch, effects } = start(bothAtOnce);
  expect(Object.keys(batch.record.pending)).toEqual(['left', 'right']);
  expect(effects.filter(({ type }) => type === 'step-abort')).toEqual([]);
});

test('leaving the states of a parallel region stops what works in the others', () => {
  const { record } = start(bothAtOnce).batch;
  const end = next(bothAtOnce, record, failed(record.pending['left']!.token))!;
  expect(end.batch.record.status).toBe('degraded');
  expect(end.effects).toHaveLength(3);
  expect(end.effects).toContainEqual({ type: 'timer-cancel', token: record.timers['hurry']!.token });
  expect(end.effects).toContainEqual({ type: 'step-abort', token: record.pending['right']!.token });
  expect(end.effects.at(-1)).toEqual({ type: 'run-end' });
});

test.each([
  {
    event: { type: 'cancel', reason: 'enough' },
    status: 'cancelled',
    failure: { code: 'CANCELLED', message: 'enough' },
  },
  {
    event: { type: 'deadline' },
    status: 'failed',
    failure: {
      code: 'DEADLINE_EXCEEDED',
      message: "The run's 1000 ms were over during `left` and `right`.",
    },
  },
] as const)('$event.type stops everything and ends the run', ({ event, status, failure }) => {
  const { record } = start(bothAtOnce).batch;
  const end = next(bothAtOnce, record, event)!;
  expect(end.batch.record).toMatchObject({ status, failure, pending: {}, timers: {} });
  expect(end.effects.map(({ type }) => type)).toEqual([
    'step-abort',
    'step-abort',
    'timer-cancel',
    'run-end',
  ]);
});

test('after its end a run takes nothing but what its stopped steps have cost', () => {
  const { record } = start(bothAtOnce).batch;
  const { token } = record.pending['left']!;
  const ended = next(bothAtOnce, record, { type: 'cancel', reason: 'enough' })!.batch.record;
  for (const event of [
    done(token),
    failed(token),
    { type: 'cancel', reason: 'again' },
    { type: 'deadline' },
  ] as const) {
    expect(next(bothAtOnce, ended, event)).toBeNull();
  }
  const attempts = [
    attempt({ costUsd: 0.01 }),
    attempt({ kind: 'failover', target: 'b/two', costUsd: null }),
  ];
  const paid = next(bothAtOnce, ended, { type: 'step-stopped', token, attempts })!;
  expect(paid.effects).toEqual([]);
  expect(paid.batch.record).toMatchObject({
    status: 'cancelled',
    seq: 3,
    spend: { knownUsd: 0.01, unpricedAttempts: 1, calls: 1, attempts: 2, retries: 0, failovers: 1 },
  });
});

test('a step in flight cannot be reported as stopped', () => {
  const { record } = start(bothAtOnce).batch;
  const { token } = record.pending['left']!;
  expect(next(bothAtOnce, record, { type: 'step-stopped', token, attempts: [attempt({})] })).toBeNull();
});

test('progress is kept with its step, and its attempts are paid for', () => {
  const { record } = start(twoSteps).batch;
  const { token } = record.pending['first']!;
  const progress = { type: 'turn', message: { text: 'hm' }, attempts: [attempt({ costUsd: 0.5 })] } as const;
  const after = next(twoSteps, record, { type: 'step-progress', token, progress })!;
  expect(after.effects).toEqual([]);
  expect(after.batch.record.pending['first']!.progress).toEqual([progress]);
  expect(after.batch.record.spend).toMatchObject({ knownUsd: 0.5, byProvider: { a: 0.5 } });
  expect(next(twoSteps, record, { type: 'step-progress', token: 'else', progress })).toBeNull();
});

test('a second start is refused', () => {
  const { batch } = start(twoSteps);
  expect(next(twoSteps, batch.record, batch.entry.event)).toBeNull();
});

const numbers = { input: z.object({ n: z.number() }), context: z.object({ n: z.number() }), steps: { echo } };

test('an assign that throws fails the run and leaves the snapshot as it was', () => {
  const workflow = setupWorkflow({
    ...numbers,
    id: 'throws',
    output: z.undefined(),
    budget: { totalMs: 1_000 },
  }).createMachine({
    context: ({ input }) => input,
    initial: 'one',
    states: {
      one: {
        invoke: {
          id: 'one',
          src: 'echo',
          input: { n: 1 },
          onDone: {
            target: 'end',
            actions: assign(() => {
              throw new Error('boom');
            }),
          },
          onError: 'end',
        },
      },
      end: { type: 'final' },
    },
  });
  const { record } = start(workflow).batch;
  const end = next(workflow, record, done(record.pending['one']!.token))!;
  expect(end.batch.record).toMatchObject({
    status: 'failed',
    failure: { code: 'MACHINE_FAILED', message: 'A guard, assign or mapper threw: boom' },
    snapshot: record.snapshot,
    outputs: { echo: { n: 2 } },
  });
});

test('a machine that cannot be entered fails the run at once', () => {
  const workflow = setupWorkflow({
    ...numbers,
    id: 'no-entry',
    output: z.undefined(),
    budget: { totalMs: 1_000 },
  }).createMachine({
    context: () => {
      throw new Error('no way in');
    },
    initial: 'end',
    states: { end: { type: 'final' } },
  });
  const { batch, effects } = start(workflow);
  expect(batch.record).toMatchObject({ status: 'failed', seq: 1, failure: { code: 'MACHINE_FAILED' } });
  expect(effects).toEqual([{ type: 'run-end' }]);
});

/** The record of a run that ends at once with `value`. */
function ending(output: z.ZodType, value: unknown): RunRecord {
  const workflow = setupWorkflow({
    ...numbers,
    id: 'ending',
    output,
    budget: { totalMs: 1_000 },
  }).createMachine({
    context: ({ input }) => input,
    output: () => value,
    initial: 'end',
    states: { end: { type: 'final' } },
  });
  return start(workflow).batch.record;
}

test('an output that does not fit the schema, or JSON, fails the run', () => {
  expect(ending(z.object({ n: z.number() }), { n: 'one' })).toMatchObject({
    status: 'failed',
    failure: { code: 'OUTPUT_INVALID' },
  });
  expect(ending(z.object({ at: z.map(z.string(), z.string()) }), { at: new Map() }).failure).toMatchObject({
    code: 'OUTPUT_INVALID',
    message: expect.stringContaining('`at` is a Map'),
  });
});
