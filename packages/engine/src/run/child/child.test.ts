import { createVirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { child } from '../../define/child.ts';
import type { Step } from '../../define/step.ts';
import { code, execute, reason, tool } from '../../define/steps.ts';
import { createEngine } from '../../engine.ts';
import type { EngineEvent } from '../../events.ts';
import { memoryJournal } from '../../journal/memory-store.ts';
import { resultOf, scriptedGateway } from '../../test-support/gateway.ts';
import { flow } from '../../test-support/nested.ts';
import type { FlowOptions } from '../../test-support/nested.ts';
import { scriptedWorld } from '../../test-support/one-step.ts';

const anything = z.json();

const see = code({
  input: anything,
  output: anything,
  effect: 'pure',
  run: ({ input }) => ({ seen: input }),
});

const fail = code({
  input: anything,
  output: anything,
  effect: 'pure',
  run: () => {
    throw new Error('as it should');
  },
});

const ask = reason({ input: anything, output: z.object({ n: z.number() }), prompt: () => 'Well?' });

/** Works until it is stopped, and says why it was. */
function work() {
  const stops: unknown[] = [];
  const step = code({
    input: anything,
    output: anything,
    effect: 'pure',
    run: ({ signal }) => {
      signal.addEventListener('abort', () => stops.push(signal.reason));
      return new Promise<never>(() => {});
    },
  });
  return { step, stops };
}

/** A parent whose one step is a child with one step. */
const nested = (step: Step, inner: FlowOptions = {}, outer: FlowOptions = {}) =>
  flow('outer', child(flow('inner', step, inner)), outer);

describe('a child run', () => {
  test('takes what its step is given, and its output is the step’s', async () => {
    const { clock, engine, journal } = scriptedWorld();
    const outcome = await clock.run(engine.run(nested(see), 7, { runId: 'run' }));
    expect(outcome).toMatchObject({
      status: 'succeeded',
      output: { seen: 7 },
      steps: [{ step: 'step', visit: 1, ok: true, childRunId: 'run.step.1' }],
    });
    expect(await journal.list({})).toMatchObject([
      { runId: 'run', workflowId: 'outer' },
      { runId: 'run.step.1', workflowId: 'inner', status: 'succeeded', parentRunId: 'run' },
    ]);
    const parent = await journal.load('run');
    expect(parent).not.toHaveProperty('parent');
    expect(await journal.load('run.step.1')).toMatchObject({ parent: { runId: 'run' }, input: 7 });
    expect(clock.pendingTimers()).toBe(0);
  });

  test('is given the input as the machine made it: only its own schema parses it', async () => {
    const { clock, engine } = scriptedWorld();
    const inner = flow('inner', see);
    const doubled = { ...child(inner), input: z.number().transform((n) => n * 2) };
    const outcome = await clock.run(engine.run(flow('outer', doubled), 7));
    expect(outcome).toMatchObject({ output: { seen: 7 } });
  });

  test('that ends degraded has an output like any other', async () => {
    const { clock, engine, journal } = scriptedWorld();
    const outcome = await clock.run(engine.run(nested(fail), 7, { runId: 'run' }));
    expect(outcome).toMatchObject({ status: 'succeeded', output: { code: 'STEP_FAILED' } });
    expect((await journal.load('run.step.1'))?.status).toBe('degraded');
  });

  test('that fails fails its step, with its own code and its id', async () => {
    const { clock, engine } = scriptedWorld();
    const outcome = await clock.run(engine.run(nested(fail, { failing: 'failed' }), 7, { runId: 'run' }));
    expect(outcome).toMatchObject({
      status: 'degraded',
      output: { code: 'STEP_FAILED', message: 'Child run run.step.1: as it should', step: 'step' },
    });
  });

  test('has the labels, the tenant and the criticality of its parent, and tells its events on the engine', async () => {
    const { clock, engine, gateway } = scriptedWorld('{"n":1}');
    const told: EngineEvent[] = [];
    engine.events.on('run-start', (event) => told.push(event));
    engine.events.on('run-end', (event) => told.push(event));
    const caller = { labels: { team: 'cx' }, tenant: 'acme', criticality: 'sheddable' } as const;
    await clock.run(engine.run(nested(ask), 7, { runId: 'run', ...caller }));
    expect(gateway.requests[0]).toMatchObject({ call: { runId: 'run.step.1', step: 'step' }, ...caller });
    expect(told.map(({ type, runId }) => `${type} ${runId}`)).toEqual([
      'run-start run',
      'run-start run.step.1',
      'run-end run.step.1',
      'run-end run',
    ]);
    expect(told[1]).toMatchObject({ labels: { team: 'cx' }, parentRunId: 'run' });
    expect(told[0]).not.toHaveProperty('parentRunId');
  });

  test('eight below one another may be; the ninth is a mistake', async () => {
    const { clock, engine, journal } = scriptedWorld();
    let step: Step = see;
    for (let depth = 9; depth > 0; depth--) step = child(flow(`flow-${depth}`, step));
    const outcome = await clock.run(engine.run(flow('flow-0', step), 1, { runId: 'run' }));
    expect(outcome).toMatchObject({
      output: { code: 'CHILD_TOO_DEEP', message: '8 runs stand above it already.' },
    });
    expect(await journal.list({})).toHaveLength(9);
  });

  test('whose id is another run’s is refused', async () => {
    const { clock, engine } = scriptedWorld();
    await clock.run(engine.run(flow('inner', see), 1, { runId: 'run.step.1' }));
    const outcome = await clock.run(engine.run(nested(see), 1, { runId: 'run' }));
    expect(outcome).toMatchObject({ status: 'degraded', output: { code: 'RUN_EXISTS' } });
  });
});

describe('money and time', () => {
  test('what a child spends is its parent’s too', async () => {
    const { clock, engine } = scriptedWorld('{"n":1}');
    const events: EngineEvent[] = [];
    engine.events.on('step-end', (event) => events.push(event));
    const outcome = await clock.run(engine.run(nested(ask), 1, { runId: 'run' }));
    expect(outcome.spend).toMatchObject({ knownUsd: 0.01, calls: 1, attempts: 1, byProvider: { a: 0.01 } });
    // In the reports and events each attempt stands once, with the run that made it.
    expect(outcome.steps[0]?.attempts).toEqual([]);
    expect(events).toMatchObject([
      { runId: 'run.step.1', costUsd: 0.01 },
      { runId: 'run', costUsd: 0.01 },
    ]);
  });

  test.each<[string, FlowOptions, FlowOptions]>([
    ['its own', { budget: { totalMs: 10_000, usd: 0.005 } }, {}],
    ['that of its parent', {}, { budget: { totalMs: 10_000, usd: 0.005 } }],
  ])('a child stops at a cap: %s', async (_, inner, outer) => {
    const room: unknown[] = [];
    const { clock, engine } = scriptedWorld(async ({ budget }) => {
      const held = budget?.money.reserve(0.001);
      room.push(held?.ok);
      if (held?.ok) held.settle(0.01);
      return resultOf({ text: '{' });
    });
    await clock.run(engine.run(nested(ask, inner, outer), 1));
    expect(room).toEqual([true, false]);
  });

  test('a child has the time that its step has, and ends within it', async () => {
    const { clock, engine, journal } = scriptedWorld();
    const { step, stops } = work();
    const inner = flow('inner', step, { failing: 'failed' });
    const outer = flow('outer', { ...child(inner), totalMs: 1_000 });
    const outcome = await clock.run(engine.run(outer, 1, { runId: 'run' }));
    expect(outcome).toMatchObject({ status: 'degraded', output: { code: 'DEADLINE_EXCEEDED' } });
    expect(outcome.ms).toBeLessThan(1_000);
    const record = await journal.load('run.step.1');
    expect(record).toMatchObject({ status: 'failed' });
    expect(record && record.expiresEpochMs - record.startedEpochMs).toBe(990);
    expect(stops).toHaveLength(1);
  });

  test('a child that takes its time to undo what it did holds nobody up, and what it spent is kept', async () => {
    const call = { text: '', toolCalls: [{ id: 'c1', name: 'hang', input: {} }] };
    const { clock, engine, journal } = scriptedWorld(call);
    const hang = tool({
      description: 'Hangs',
      input: z.object({}),
      effect: 'idempotent',
      run: () => new Promise<never>(() => {}),
    });
    const act = execute({
      input: anything,
      output: z.object({ n: z.number() }),
      tools: { hang },
      prompt: () => 'Do it.',
      compensate: () => new Promise<void>((resolve) => void clock.setTimer(5_000, resolve)),
    });
    const slow = { ...child(flow('inner', act, { failing: 'failed' })), totalMs: 1_000 };
    const outcome = await clock.run(engine.run(flow('outer', slow), 1, { runId: 'run', deadlineMs: 3_000 }));
    expect(outcome).toMatchObject({
      status: 'degraded',
      output: { code: 'DEADLINE_EXCEEDED' },
      steps: [{ step: 'step', ms: 1_000 }],
      spend: { knownUsd: 0.01, calls: 1 },
    });
    expect((await journal.load('run.step.1'))?.compensations).toHaveLength(1);
    expect(await journal.list({ unfinished: true })).toEqual([]);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('its own budget may be less', async () => {
    const { clock, engine } = scriptedWorld();
    const outcome = await clock.run(engine.run(nested(work().step, { budget: { totalMs: 100 } }), 1));
    expect(outcome.ms).toBeLessThanOrEqual(100);
  });
});

describe('what stops a step stops its child in the same turn', () => {
  test('cancel, through two levels', async () => {
    const { clock, engine, journal } = scriptedWorld();
    const { step, stops } = work();
    const middle = flow('middle', child(flow('inner', step)));
    const handle = engine.start(flow('outer', child(middle)), 1, { runId: 'run' });
    await clock.advance(10);
    handle.cancel('Enough.');
    expect(stops).toMatchObject([{ message: 'Enough.' }]);
    expect(await clock.run(handle.result)).toMatchObject({ status: 'cancelled' });
    for (const runId of ['run', 'run.step.1', 'run.step.1.step.1']) {
      expect(await journal.load(runId)).toMatchObject({
        status: 'cancelled',
        failure: { code: 'CANCELLED', message: 'Enough.' },
      });
    }
    expect(clock.pendingTimers()).toBe(0);
  });

  test('the end of the step’s time, where the child takes longer than it was given', async () => {
    const { clock, engine, journal } = scriptedWorld();
    const { step } = work();
    const handle = engine.start(nested(step), 1, { runId: 'run', deadlineMs: 500 });
    const outcome = await clock.run(handle.result);
    expect(outcome.ms).toBeLessThanOrEqual(500);
    expect((await journal.list({ unfinished: true })).length).toBe(0);
  });

  test('closing the engine', async () => {
    const { clock, engine, journal } = scriptedWorld();
    const { step, stops } = work();
    const handle = engine.start(nested(step), 1, { runId: 'run' });
    await clock.advance(10);
    await clock.run(engine.close());
    expect(stops).toHaveLength(1);
    expect(await handle.result).toMatchObject({ status: 'cancelled' });
    expect((await journal.load('run.step.1'))?.status).toBe('cancelled');
  });
});

test('an engine that leaves its runs leaves their children, and another one goes on with both', async () => {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const engineOn = () => createEngine({ gateway: scriptedGateway(), journal, clock });
  const { step, stops } = work();
  const first = engineOn();
  const { result } = first.start(nested(step), 1, { runId: 'run' });
  const ended = result.catch((error: unknown) => error);
  await clock.advance(10);
  await clock.run(first.close({ unfinished: 'leave' }));
  expect(await ended).toMatchObject({ code: 'ENGINE_CLOSED' });
  expect(stops).toHaveLength(1);
  expect(await journal.list({ unfinished: true })).toHaveLength(2);
  const { runs } = await engineOn().recover([nested(see)]);
  expect(runs.map(({ runId }) => runId)).toEqual(['run']);
  expect(await clock.run(runs[0]!.result)).toMatchObject({ output: { seen: 1 } });
  expect(clock.pendingTimers()).toBe(0);
});

test('a workflow within itself is refused', () => {
  expect(() => flow('outer', child(flow('middle', child(flow('outer', see)))))).toThrow(
    'In step `step`: the workflow `outer` is within itself.',
  );
});

test('a child of what is no workflow is refused', () => {
  expect(() => child({} as never)).toThrow('`child` takes a workflow');
});
