import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { child } from '../../define/child.ts';
import { map } from '../../define/map.ts';
import { code, execute, reason, tool } from '../../define/steps.ts';
import { createEngine } from '../../engine.ts';
import type { EngineEvent } from '../../events.ts';
import { flow } from '../../test-support/nested.ts';
import { runStepAlone, scriptedWorld } from '../../test-support/one-step.ts';
import type { VirtualClock } from '@paceline/resilience/testing';

const N = z.number();
/** Doubles; fails for the given ones. */
const double = (...failing: readonly number[]) =>
  code({
    input: N,
    output: N,
    effect: 'pure',
    run: ({ input }) => {
      if (failing.includes(input)) throw new Error(`not ${input}`);
      return input * 2;
    },
  });

/** Doubles, `ms` after it began. */
const slow = (clock: VirtualClock, seen: unknown[] = [], ms = (n: number) => 100 + n) =>
  code({
    input: N,
    output: N,
    effect: 'idempotent',
    run: async ({ input, signal, idempotencyKey }) => {
      seen.push(idempotencyKey);
      signal.addEventListener('abort', () => seen.push(`stopped ${input}`));
      await new Promise<void>((resolve) => void clock.setTimer(ms(input), resolve));
      return input * 2;
    },
  });

describe('all items succeed', () => {
  test('the output is a list in their order, whichever ended first', async () => {
    const { clock, engine } = scriptedWorld();
    const step = map(
      slow(clock, [], (n) => 100 - n),
      { concurrency: 3 },
    );
    const outcome = await clock.run(engine.run(flow('flow', step), [1, 2, 3, 4]));
    expect(outcome).toMatchObject({ status: 'succeeded', output: [2, 4, 6, 8], ms: 193 });
  });

  test('no items are done at once', async () => {
    const { outcome, journal } = await runStepAlone(map(double()), []);
    expect(outcome).toMatchObject({ status: 'succeeded', output: [], ms: 0 });
    expect(await journal.load('run')).toMatchObject({ seq: 2 });
  });

  test('never more at once than wanted, and the next one begins when one has ended', async () => {
    const { clock, engine } = scriptedWorld();
    let atWork = 0;
    const seen: number[] = [];
    const step = code({
      input: N,
      output: N,
      effect: 'pure',
      run: async ({ input }) => {
        seen.push(++atWork);
        await new Promise<void>((resolve) => void clock.setTimer(10, resolve));
        atWork--;
        return input;
      },
    });
    await clock.run(engine.run(flow('flow', map(step, { concurrency: 2 })), [1, 2, 3, 4, 5]));
    expect(seen).toEqual([1, 2, 2, 2, 2]);
  });

  test('each has a key of its own', async () => {
    const { clock, engine } = scriptedWorld();
    const keys: unknown[] = [];
    await clock.run(engine.run(flow('flow', map(slow(clock, keys))), [1, 1, 1]));
    expect(new Set(keys).size).toBe(3);
  });

  test('each is told and reported as a step', async () => {
    const { clock, engine } = scriptedWorld();
    const events: EngineEvent[] = [];
    for (const type of ['step-start', 'step-end', 'step-error'] as const) {
      engine.events.on(type, (event) => events.push(event));
    }
    const step = map(double(2), { failure: 'collect', concurrency: 1 });
    const outcome = await clock.run(engine.run(flow('flow', step), [1, 2]));
    expect(events.map((event) => `${event.type} ${'step' in event && event.step}`)).toEqual([
      'step-start step',
      'step-start step[0]',
      'step-end step[0]',
      'step-start step[1]',
      'step-error step[1]',
      'step-end step',
    ]);
    expect(outcome.steps).toMatchObject([
      { step: 'step[0]', visit: 1, ok: true },
      { step: 'step[1]', ok: false, failure: { code: 'STEP_FAILED', message: 'not 2', step: 'step[1]' } },
      { step: 'step', ok: true },
    ]);
  });
});

describe('items fail', () => {
  test('the first one stops the others and fails the step, by default', async () => {
    const { clock, engine, journal } = scriptedWorld();
    const seen: unknown[] = [];
    const inner = slow(clock, seen);
    const picky = code({
      ...inner,
      run: (args) => {
        if (args.input === 2) throw new Error('not 2');
        return inner.run(args);
      },
    });
    const outcome = await clock.run(
      engine.run(flow('flow', map(picky, { concurrency: 2 })), [1, 2, 3], { runId: 'run' }),
    );
    expect(outcome).toMatchObject({
      status: 'degraded',
      output: { code: 'STEP_FAILED', message: 'Item 1: not 2', step: 'step' },
    });
    expect(seen.filter((each) => `${each}`.startsWith('stopped'))).toEqual(['stopped 1']);
    // The third was never begun.
    expect(outcome.steps.map(({ step }) => step)).toEqual(['step[1]', 'step[0]', 'step']);
    expect((await journal.load('run'))?.seq).toBe(3);
    expect(clock.pendingTimers()).toBe(1);
  });

  test('they are collected', async () => {
    const { outcome } = await runStepAlone(map(double(2), { failure: 'collect' }), [1, 2, 3]);
    expect(outcome).toMatchObject({
      status: 'succeeded',
      output: [
        { ok: true, output: 2 },
        { ok: false, failure: { code: 'STEP_FAILED', message: 'not 2', step: 'step[1]' } },
        { ok: true, output: 6 },
      ],
    });
  });

  test('enough have to succeed', async () => {
    const enough = await runStepAlone(map(double(2), { failure: { atLeast: 2 } }), [1, 2, 3]);
    expect(enough.outcome).toMatchObject({
      status: 'succeeded',
      output: [{ ok: true }, { ok: false }, { ok: true }],
    });
    const tooFew = await runStepAlone(
      map(double(1, 2), { failure: { atLeast: 2 }, concurrency: 1 }),
      [1, 2, 3],
    );
    expect(tooFew.outcome).toMatchObject({
      status: 'degraded',
      output: { message: 'Item 1: not 2 (2 of 3 failed, 2 had to succeed)' },
    });
    expect(tooFew.outcome.steps.map(({ step }) => step)).toEqual(['step[0]', 'step[1]', 'step']);
    const never = await runStepAlone(map(double(), { failure: { atLeast: 2 } }), [1]);
    expect(never.outcome).toMatchObject({
      output: { code: 'STEP_INPUT_INVALID', message: '2 items are to succeed, of 1.' },
    });
  });

  test('one that does not fit fails the step before any is begun', async () => {
    const { outcome } = await runStepAlone(map(double()), [1, 'two']);
    expect(outcome).toMatchObject({ output: { code: 'STEP_INPUT_INVALID' }, steps: [{ step: 'step' }] });
  });

  test('more than 10,000 are too many', async () => {
    const { outcome } = await runStepAlone(map(double()), Array.from({ length: 10_001 }).fill(1));
    expect(outcome).toMatchObject({ output: { code: 'STEP_INPUT_INVALID' } });
  });
});

describe('time and money', () => {
  test('the items share the time of their step', async () => {
    const { clock, engine } = scriptedWorld();
    const step = map(slow(clock), { concurrency: 1, totalMs: 250 });
    const outcome = await clock.run(engine.run(flow('flow', step), [1, 2, 3]));
    expect(outcome).toMatchObject({
      ms: 250,
      output: { code: 'DEADLINE_EXCEEDED', message: expect.stringContaining('Item 2:') },
    });
  });

  test('an item may have a limit of its own', async () => {
    const { clock, engine } = scriptedWorld();
    const step = map({ ...slow(clock), totalMs: 102 }, { failure: 'collect' });
    const outcome = await clock.run(engine.run(flow('flow', step), [1, 5]));
    expect(outcome).toMatchObject({
      output: [{ ok: true }, { ok: false, failure: { code: 'DEADLINE_EXCEEDED' } }],
    });
  });

  test('each attempt counts once, also that of an item which nobody waited for any more', async () => {
    const ask = reason({ input: N, output: z.object({ n: N }), prompt: ({ input }) => `${input}` });
    const { outcome } = await runStepAlone(map(ask), [1, 2, 3], { replies: ['{"n":1}'] });
    expect(outcome.spend).toMatchObject({ calls: 3, knownUsd: 0.03 });
    expect(outcome.steps.map(({ step, attempts }) => [step, attempts.length])).toEqual([
      ['step[0]', 1],
      ['step[1]', 1],
      ['step[2]', 1],
      ['step', 0],
    ]);
    const failed = await runStepAlone(map(ask), [1, 2], { replies: ['no'] });
    expect(failed.outcome.spend).toMatchObject({ calls: 4, knownUsd: 0.04 });
  });
});

test('tools of several items are told under the names of their items', async () => {
  const look = tool({ description: 'Looks', input: z.object({}), effect: 'pure', run: () => 'seen' });
  const act = execute({ input: N, output: z.object({ n: N }), tools: { look }, prompt: () => 'Do it.' });
  const call = { text: '', toolCalls: [{ id: 'c1', name: 'look', input: {} }] };
  const world = scriptedWorld(call, call, '{"n":1}');
  const told: string[] = [];
  world.engine.events.on('tool-start', ({ step }) => told.push(`start ${step}`));
  world.engine.events.on('tool-end', ({ step }) => told.push(`end ${step}`));
  const outcome = await world.clock.run(world.engine.run(flow('flow', map(act)), [1, 2]));
  expect(outcome).toMatchObject({ output: [{ n: 1 }, { n: 1 }] });
  expect(told.toSorted()).toEqual(['end step[0]', 'end step[1]', 'start step[0]', 'start step[1]']);
  expect(world.gateway.requests.map(({ call: { step } = {} }) => step)).toEqual(
    expect.arrayContaining(['step[0]', 'step[1]']),
  );
});

test('child runs of items have ids of their own, and end with their step', async () => {
  const { clock, engine, journal } = scriptedWorld();
  const seen: unknown[] = [];
  const inner = flow('inner', slow(clock, seen), { failing: 'failed' });
  const handle = engine.start(flow('outer', map(child(inner), { concurrency: 2 })), [1, 2, 3], {
    runId: 'run',
  });
  await clock.advance(150);
  handle.cancel('Enough.');
  expect(seen.filter((each) => `${each}`.startsWith('stopped'))).toEqual(['stopped 3']);
  expect(await clock.run(handle.result)).toMatchObject({ status: 'cancelled' });
  expect((await journal.list({})).map(({ runId, status }) => `${runId} ${status}`)).toEqual([
    'run cancelled',
    'run.step.1.0 succeeded',
    'run.step.1.1 succeeded',
    'run.step.1.2 cancelled',
  ]);
});

test('what an item gives is not recorded if it holds a secret', async () => {
  const { clock, gateway, journal } = scriptedWorld();
  const KEY = 'canary-5f3a9c1e77';
  const engine = createEngine({ gateway, journal, clock, secrets: { KEY } });
  const step = code({
    input: N,
    output: z.string(),
    effect: 'pure',
    run: ({ input }) => (input === 2 ? `it is ${KEY}` : 'well'),
  });
  const outcome = await clock.run(
    engine.run(flow('flow', map(step, { failure: 'collect' })), [1, 2], { runId: 'run' }),
  );
  expect(outcome).toMatchObject({
    output: [{ ok: true }, { ok: false, failure: { code: 'SECRET_IN_STATE', step: 'step[1]' } }],
  });
  for await (const entry of journal.entries('run')) expect(JSON.stringify(entry)).not.toContain(KEY);
});
