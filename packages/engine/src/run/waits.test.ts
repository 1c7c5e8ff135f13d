import { expect, test } from 'vitest';
import { asWorkflow, bothAtOnce, twoSteps } from '../test-support/workflows.ts';
import { attempt } from '../test-support/attempts.ts';
import { advance } from './advance.ts';
import type { Advance } from './advance.ts';
import type { Answer, Wait } from './message.ts';
import type { RunEvent, RunRecord } from './record.ts';

type AnyFlow = Parameters<typeof asWorkflow>[0];

const APPROVAL: Wait = { type: 'approval', toolCallId: 'call-1', tool: 'pay', input: { n: 5 } };
const DOUBT: Wait = { type: 'uncertain' };
const TOOL_DOUBT: Wait = { type: 'uncertain', toolCallId: 'call-1', tool: 'pay' };

const start = (workflow: AnyFlow): RunRecord =>
  advance({
    workflow: asWorkflow(workflow),
    record: null,
    event: { type: 'run-start', runId: 'run', input: { n: 1 }, labels: {}, totalMs: 1_000, capUsd: null },
    nowEpochMs: 0,
  })!.batch.record;

const next = (record: RunRecord, event: RunEvent, workflow: AnyFlow = twoSteps): Advance | null =>
  advance({ workflow: asWorkflow(workflow), record, event, nowEpochMs: 10 });

const tokenOf = ({ pending }: RunRecord, invokeId = 'first'): string => pending[invokeId]!.token;

/** A run whose first step rests. */
function resting(wait: Wait, ms = 30, before = start(twoSteps)): RunRecord {
  const advanced = next(before, { type: 'step-wait', token: tokenOf(before), wait, ms })!;
  expect(advanced.effects).toEqual([]);
  return advanced.batch.record;
}

const answering = (record: RunRecord, answer: Answer, id = 'm1') =>
  next(record, answerTo(record, { answer, id }));

/** An answer to what the first step of the run asks now. */
function answerTo(record: RunRecord, { answer, id = 'm1' }: { answer: Answer; id?: string }): RunEvent {
  const progress = record.pending['first']!.progress.length;
  return { type: 'step-answer', id, token: tokenOf(record), progress, answer };
}

test('a step that rests keeps its place, and how long it worked', () => {
  const working = start(twoSteps);
  expect(Object.keys(working.pending['first']!)).not.toContain('wait');
  const record = resting(APPROVAL);
  expect(record).toMatchObject({ status: 'running', seq: 2, timers: working.timers });
  expect(record.pending['first']).toEqual({ ...working.pending['first'], wait: APPROVAL, workedMs: 30 });
});

test('nothing is recorded in the name of a step that rests, by whoever worked on it before', () => {
  const record = resting(APPROVAL);
  const token = tokenOf(record);
  const attempts = [attempt({})];
  const late: readonly RunEvent[] = [
    { type: 'step-done', token, output: { n: 2 }, attempts },
    { type: 'step-failed', token, failure: { code: 'X', message: 'x' }, attempts },
    { type: 'step-progress', token, progress: { type: 'turn', message: 'm', attempts } },
    { type: 'step-wait', token, wait: DOUBT, ms: 1 },
    { type: 'step-stopped', token, attempts },
  ];
  for (const event of late) expect([event.type, next(record, event)]).toEqual([event.type, null]);
});

test.each([
  [{ type: 'approve' } as const, { approved: true }],
  [{ type: 'approve', by: 'ada' } as const, { approved: true, by: 'ada' }],
  [{ type: 'reject', by: 'ada', reason: 'no' } as const, { approved: false, by: 'ada', reason: 'no' }],
])('%o starts the step again under its token, with what was said on record', (answer, said) => {
  const record = resting(APPROVAL);
  const { batch, effects } = answering(record, answer)!;
  const { wait: _, ...before } = record.pending['first']!;
  const pending = { ...before, progress: [{ type: 'approval', toolCallId: 'call-1', ...said }] };
  expect(batch.record.pending['first']).toEqual(pending);
  expect(effects).toEqual([{ type: 'step-start', pending }]);
  expect(batch.record).toMatchObject({ heard: ['m1'], visits: { first: 1 } });
});

test.each([
  [{ type: 'done', output: { id: 7 } } as const, { result: { id: 7 }, isError: false }],
  [{ type: 'failed', reason: 'not there' } as const, { result: 'not there', isError: true }],
])('%o is the end of a tool call in doubt, and the step goes on', (answer, end) => {
  const { batch, effects } = answering(resting(TOOL_DOUBT), answer)!;
  const progress = [{ type: 'tool-end', toolCallId: 'call-1', tool: 'pay', ...end }];
  expect(batch.record.pending['first']).toMatchObject({ progress });
  expect(effects.map(({ type }) => type)).toEqual(['step-start']);
});

test('a person can end a step in doubt, well', () => {
  const { batch, effects } = answering(resting(DOUBT), { type: 'done', output: { n: 9 } })!;
  expect(batch.record).toMatchObject({ outputs: { first: { n: 9 } }, heard: ['m1'] });
  expect(Object.keys(batch.record.pending)).toEqual(['second']);
  expect(batch.record.pending['second']).toMatchObject({ input: { n: 9 } });
  expect(effects.map(({ type }) => type)).toEqual(['timer-cancel', 'step-start']);
});

test('a person can end a step in doubt, badly: the machine takes its error edge', () => {
  const { batch } = answering(resting(DOUBT), { type: 'failed', reason: 'not there' })!;
  expect(batch.record.outputs).toEqual({});
  expect(batch.record.pending['first']).toMatchObject({ visit: 2, progress: [] });
  expect(batch.record.pending['first']).not.toHaveProperty('wait');
});

test.each([
  [APPROVAL, { type: 'done', output: null } as const],
  [APPROVAL, { type: 'failed', reason: 'x' } as const],
  [DOUBT, { type: 'approve' } as const],
  [TOOL_DOUBT, { type: 'reject' } as const],
])('an answer to another question is not taken: %o, %o', (wait, answer) => {
  expect(answering(resting(wait), answer)).toBeNull();
});

test('an answer is not taken by a step that works, nor twice, nor under an id that was heard', () => {
  expect(answering(start(twoSteps), { type: 'approve' })).toBeNull();
  const answered = answering(resting(APPROVAL), { type: 'approve' })!.batch.record;
  expect(answering(answered, { type: 'approve' })).toBeNull();
  expect(answering(answered, { type: 'approve' }, 'm2')).toBeNull();
  const again = resting({ ...APPROVAL, toolCallId: 'call-2' }, 12, answered);
  expect(again.pending['first']).toMatchObject({ workedMs: 42 });
  expect(answering(again, { type: 'approve' })).toBeNull();
  expect(answering(again, { type: 'approve' }, 'm2')!.batch.record.heard).toEqual(['m1', 'm2']);
});

test('an answer for a visit that is over is not taken', () => {
  const record = resting(APPROVAL);
  const token = 'run/1/first/0';
  const late = { ...answerTo(record, { answer: { type: 'approve' } }), token } as RunEvent;
  expect(next(record, late)).toBeNull();
});

test('an answer to an earlier question of the visit is not taken, even if the calls have one id', () => {
  const first = resting(APPROVAL);
  const late = answerTo(first, { answer: { type: 'approve' }, id: 'm2' });
  const second = resting(APPROVAL, 1, answering(first, { type: 'reject' })!.batch.record);
  expect(next(second, late)).toBeNull();
});

test('a timer that leaves the state ends a step that rests', () => {
  const record = resting(APPROVAL);
  const [timer] = Object.values(record.timers);
  const { batch, effects } = next(record, { type: 'timer-due', token: timer!.token })!;
  expect(batch.record).toMatchObject({ status: 'degraded', pending: {} });
  expect(effects).toContainEqual({ type: 'step-abort', token: tokenOf(record) });
});

test.each([{ type: 'cancel', reason: 'enough' } as const, { type: 'deadline' } as const])(
  '%o ends a run of which all rests',
  (event) => {
    const { batch, effects } = next(resting(APPROVAL), event)!;
    expect(batch.record).toMatchObject({
      status: event.type === 'cancel' ? 'cancelled' : 'failed',
      pending: {},
    });
    expect(effects.at(-1)).toEqual({ type: 'run-end' });
  },
);

test('a step beside one that rests works on', () => {
  const record = start(bothAtOnce);
  const parked = next(
    record,
    { type: 'step-wait', token: tokenOf(record, 'left'), wait: APPROVAL, ms: 1 },
    bothAtOnce,
  )!;
  const done: RunEvent = {
    type: 'step-done',
    token: tokenOf(record, 'right'),
    output: { n: 1 },
    attempts: [],
  };
  const beside = next(parked.batch.record, done, bothAtOnce)!.batch.record;
  expect(Object.keys(beside.pending)).toEqual(['left']);
  const answer: RunEvent = {
    type: 'step-answer',
    id: 'm',
    progress: 0,
    token: tokenOf(beside, 'left'),
    answer: { type: 'approve' },
  };
  expect(next(beside, answer, bothAtOnce)!.effects).toHaveLength(1);
});
