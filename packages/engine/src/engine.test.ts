import { seededRandom } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { setupWorkflow } from './define/setup-workflow.ts';
import { code } from './define/steps.ts';
import { createEngine } from './engine.ts';
import type { EngineEvent } from './events.ts';
import { memoryJournal } from './journal/memory-store.ts';
import type { JournalStore } from './journal/store.ts';
import { scriptedGateway } from './test-support/gateway.ts';
import { oneStep, scriptedWorld } from './test-support/one-step.ts';
import { assign } from './xstate/actions.ts';

const quick = oneStep(code({ input: z.any(), output: z.any(), effect: 'pure', run: ({ input }) => input }));
const endless = (onAbort: (reason: unknown) => void = () => {}) =>
  oneStep(
    code({
      input: z.any(),
      output: z.any(),
      effect: 'pure',
      run: ({ signal }) => {
        signal.addEventListener('abort', () => onAbort(signal.reason));
        return new Promise(() => {});
      },
    }),
  );

/** The ids of two runs of an engine with this seed. */
async function ids(seed: number): Promise<string[]> {
  const clock = createVirtualClock();
  const engine = createEngine({ gateway: scriptedGateway(), clock, random: seededRandom(seed) });
  const outcomes = [await clock.run(engine.run(quick, 1)), await clock.run(engine.run(quick, 1))];
  return outcomes.map(({ runId }) => runId);
}

describe('run', () => {
  test('gives a typed output, with what it took', async () => {
    const { clock, engine } = scriptedWorld();
    const outcome = await clock.run(engine.run(quick, { a: 1 }, { runId: 'mine' }));
    expect(outcome).toEqual({
      runId: 'mine',
      ok: true,
      status: 'succeeded',
      output: { a: 1 },
      ms: 0,
      withinBudget: true,
      spend: {
        knownUsd: 0,
        unpricedAttempts: 0,
        calls: 0,
        attempts: 0,
        retries: 0,
        failovers: 0,
        hedges: 0,
        savedUsd: 0,
        byProvider: {},
        byTarget: {},
        byStep: {},
      },
      steps: [{ step: 'step', visit: 1, ok: true, ms: 0, attempts: [] }],
    });
  });

  test('an input that does not fit is an outcome, names the field and leaves no run', async () => {
    const workflow = setupWorkflow({
      id: 'strict',
      input: z.object({ order: z.object({ id: z.string() }) }),
      output: z.undefined(),
      context: z.object({}),
      budget: { totalMs: 100 },
      steps: { echo: code({ input: z.any(), output: z.any(), effect: 'pure', run: ({ input }) => input }) },
    }).createMachine({
      context: {},
      initial: 'one',
      states: {
        one: { invoke: { id: 'one', src: 'echo', input: 1, onDone: 'end', onError: 'end' } },
        end: { type: 'final' },
      },
    });
    const { clock, engine, journal } = scriptedWorld();
    const told: string[] = [];
    engine.events.on('run-start', ({ type }) => told.push(type));
    engine.events.on('run-end', ({ type }) => told.push(type));
    const outcome = await clock.run(engine.run(workflow, { order: { id: 7 } } as never, { runId: 'a' }));
    expect(outcome).toMatchObject({
      ok: false,
      status: 'failed',
      error: { code: 'INPUT_INVALID' },
      partial: {},
    });
    expect(!outcome.ok && outcome.error.message).toContain('order.id');
    expect(told).toEqual(['run-start', 'run-end']);
    expect(await journal.load('a')).toBeUndefined();
  });

  test('ids are random unless given, and repeat with the seed', async () => {
    const first = await ids(1);
    expect(first[0]).not.toBe(first[1]);
    expect(first[0]).toMatch(/^run_/);
    expect(await ids(1)).toEqual(first);
    expect(await ids(2)).not.toEqual(first);
  });

  test('labels travel to the record and the events', async () => {
    const { clock, engine, journal } = scriptedWorld();
    const starts: EngineEvent[] = [];
    engine.events.on('run-start', (event) => starts.push(event));
    await clock.run(engine.run(quick, 1, { runId: 'a', labels: { team: 'cx' } }));
    expect(starts).toMatchObject([{ labels: { team: 'cx' }, workflowId: 'one-step', totalMs: 10_000 }]);
    expect((await journal.load('a'))!.labels).toEqual({ team: 'cx' });
  });

  test('a failing run carries what was done', async () => {
    const echo = code({ input: z.any(), output: z.any(), effect: 'pure', run: ({ input }) => input });
    const workflow = setupWorkflow({
      id: 'half',
      input: z.string(),
      output: z.undefined(),
      context: z.object({ text: z.string() }),
      budget: { totalMs: 5_000 },
      steps: { first: echo },
    }).createMachine({
      context: ({ input }) => ({ text: input }),
      initial: 'one',
      states: {
        one: {
          invoke: {
            id: 'first',
            src: 'first',
            input: 'hello',
            onDone: [{ guard: ({ context }) => context.text === 'x', target: 'waiting' }, { target: 'end' }],
            onError: 'end',
          },
        },
        waiting: { after: { 1_000: 'end' } },
        end: { type: 'final' },
      },
    });
    const { clock, engine } = scriptedWorld();
    const outcome = await clock.run(engine.run(workflow, 'x', { deadlineMs: 900 }));
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'DEADLINE_EXCEEDED', message: "The run's 900 ms were over." },
      partial: { first: 'hello' },
      ms: 900,
      withinBudget: false,
    });
    expect(clock.pendingTimers()).toBe(0);
  });
});

describe('misuse throws', () => {
  test.each([
    ['something that is no workflow', {} as never, {}, 'WORKFLOW_INVALID'],
    ['an id that is running', quick, { runId: 'taken' }, 'RUN_EXISTS'],
    ['an id that has run', quick, { runId: 'done' }, 'RUN_EXISTS'],
  ] as const)('%s', async (...[, workflow, options, code_]) => {
    const { clock, engine } = scriptedWorld();
    await clock.run(engine.run(quick, 1, { runId: 'done' }));
    const taken = engine.start(endless(), 1, { runId: 'taken' });
    await expect(clock.run(engine.run(workflow, 1 as never, options))).rejects.toMatchObject({ code: code_ });
    taken.cancel();
    await clock.run(taken.result);
  });

  test.each([0, -1, Number.NaN])('a deadline of %d', async (deadlineMs) => {
    const { clock, engine } = scriptedWorld();
    await expect(clock.run(engine.run(quick, 1, { deadlineMs }))).rejects.toThrow('above 0');
  });

  test('a closed engine', async () => {
    const { clock, engine } = scriptedWorld();
    await clock.run(engine.close());
    await expect(engine.run(quick, 1)).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
  });
});

describe('the deadline', () => {
  test('settles a run on time though its step ignores its signal', async () => {
    const { clock, engine } = scriptedWorld();
    const outcome = await clock.run(engine.run(endless(), 1, { deadlineMs: 2_000 }));
    // The step gives up a little earlier, so that the run can still end well.
    expect(outcome).toMatchObject({
      status: 'degraded',
      withinBudget: true,
      output: { code: 'DEADLINE_EXCEEDED' },
    });
    expect(outcome.ms).toBe(1_990);
    expect(clock.nowMs()).toBe(1_990);
  });

  test('cannot be later than the workflow says', async () => {
    const { clock, engine } = scriptedWorld();
    const outcome = await clock.run(engine.run(endless(), 1, { deadlineMs: 1e9 }));
    expect(outcome.ms).toBe(9_990);
  });

  test('does not move when the wall clock jumps', async () => {
    const { clock, engine } = scriptedWorld();
    const handle = engine.start(endless(), 1, { deadlineMs: 2_000 });
    await clock.advance(500);
    clock.jumpEpoch(86_400_000);
    await clock.advance(500);
    clock.jumpEpoch(-172_800_000);
    expect((await clock.run(handle.result)).ms).toBe(1_990);
  });
});

describe('cancel', () => {
  test('reaches the body in the same turn, and ends the run', async () => {
    const reasons: unknown[] = [];
    const { clock, engine } = scriptedWorld();
    const handle = engine.start(
      endless((reason) => reasons.push(reason)),
      1,
    );
    await clock.advance(30);
    handle.cancel('changed my mind');
    expect(reasons).toMatchObject([{ abortCause: 'user', message: 'changed my mind' }]);
    const outcome = await clock.run(handle.result);
    expect(outcome).toMatchObject({
      status: 'cancelled',
      error: { code: 'CANCELLED', message: 'changed my mind' },
      steps: [{ ok: false, failure: { code: 'CANCELLED' } }],
      ms: 30,
    });
    handle.cancel();
    expect(clock.pendingTimers()).toBe(0);
  });

  test('before the first step prevents it', async () => {
    let ran = false;
    const workflow = oneStep(
      code({ input: z.any(), output: z.any(), effect: 'pure', run: () => (ran = true) }),
    );
    const { clock, engine } = scriptedWorld();
    const handle = engine.start(workflow, 1);
    handle.cancel();
    expect((await clock.run(handle.result)).status).toBe('cancelled');
    expect(ran).toBe(false);
  });

  test('comes by the signal of the caller too, on whom nothing is left', async () => {
    const caller = new AbortController();
    const { signal } = caller;
    let listening = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => (listening++, add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => (listening--, remove(...args));
    const { clock, engine } = scriptedWorld();
    await clock.run(engine.run(quick, 1, { signal }));
    expect(listening).toBe(0);
    const running = engine.run(endless(), 1, { signal });
    await clock.advance(10);
    expect(listening).toBe(1);
    caller.abort(new Error('client went away'));
    expect(await clock.run(running)).toMatchObject({
      status: 'cancelled',
      error: { message: 'client went away' },
    });
    expect((await clock.run(engine.run(quick, 1, { signal }))).status).toBe('cancelled');
  });
});

describe('events', () => {
  test('tell the whole run by the handle and by name', async () => {
    const { clock, engine } = scriptedWorld();
    const named: string[] = [];
    engine.events.on('step-start', ({ step }) => named.push(step));
    engine.events.on('run-end', ({ outcome }) => named.push(outcome.status));
    const handle = engine.start(quick, { a: 1 }, { runId: 'run' });
    await clock.run(handle.result);
    const told: EngineEvent[] = [];
    for await (const event of handle.events) told.push(event);
    expect(told.map(({ type }) => type)).toEqual(['run-start', 'step-start', 'step-end', 'run-end']);
    expect(told[2]).toEqual({
      type: 'step-end',
      runId: 'run',
      afterMs: 0,
      step: 'step',
      visit: 1,
      output: { a: 1 },
      ms: 0,
      costUsd: 0,
    });
    expect(named).toEqual(['step', 'succeeded']);
  });

  test('an attempt is told when it ends, to the run it belongs to', async () => {
    const { clock, engine, gateway } = scriptedWorld();
    const handle = engine.start(endless(), 1, { runId: 'run' });
    await clock.advance(20);
    const record = { target: 'a/one' } as never;
    gateway.events.emit('attempt-end', { call: { runId: 'run', step: 'step', turn: 0 }, record });
    gateway.events.emit('attempt-end', { call: { runId: 'other', step: 'step', turn: 0 }, record });
    handle.cancel();
    await clock.run(handle.result);
    const told: EngineEvent[] = [];
    for await (const event of handle.events) told.push(event);
    expect(told.filter(({ type }) => type === 'attempt-end')).toEqual([
      { type: 'attempt-end', runId: 'run', afterMs: 20, step: 'step', record },
    ]);
  });

  test('end with the handle when the run is refused', async () => {
    const { engine } = scriptedWorld();
    const handle = engine.start({} as never, 1 as never);
    for await (const event of handle.events) expect.fail(`unexpected ${event.type}`);
    await expect(handle.result).rejects.toMatchObject({ code: 'WORKFLOW_INVALID' });
  });
});

describe('close', () => {
  test('lets runs finish for as long as it is told, then cancels them', async () => {
    const { clock, engine } = scriptedWorld();
    const slow = oneStep(
      code({
        input: z.any(),
        output: z.any(),
        effect: 'pure',
        totalMs: 300,
        run: () => new Promise(() => {}),
      }),
    );
    const short = engine.start(slow, 1);
    const long = engine.start(endless(), 1);
    await clock.advance(1);
    await clock.run(engine.close({ drainMs: 1_000 }));
    expect(clock.nowMs()).toBe(1_001);
    expect(await short.result).toMatchObject({ status: 'degraded', ms: 300 });
    expect(await long.result).toMatchObject({
      status: 'cancelled',
      error: { message: 'The engine was closed.' },
    });
    expect(clock.pendingTimers()).toBe(0);
  });

  test('leaves no listener on the gateway', async () => {
    const { clock, engine, gateway } = scriptedWorld();
    expect(gateway.events.listenerCount('attempt-end')).toBe(1);
    await clock.run(engine.close());
    expect(gateway.events.listenerCount('attempt-end')).toBe(0);
  });
});

/** A memory journal, but for what is given. */
const journalWith = (own: (journal: JournalStore) => Partial<JournalStore>): JournalStore => {
  const journal = memoryJournal();
  return Object.assign(Object.create(journal), own(journal));
};
const diskFull = () => Promise.reject(new Error('disk full'));

const failingAt = (seq: number): JournalStore =>
  journalWith((journal) => ({
    create: (batch) => (seq === 1 ? diskFull() : journal.create(batch)),
    commit: (fence, batch) => (batch.entry.seq === seq ? diskFull() : journal.commit(fence, batch)),
  }));

describe('a journal that fails', () => {
  test.each([1, 2])('at entry %i rejects the result and stops what runs', async (seq) => {
    let aborted = false;
    const clock = createVirtualClock();
    const engine = createEngine({ gateway: scriptedGateway(), journal: failingAt(seq), clock });
    const handle = engine.start(
      endless(() => (aborted = true)),
      1,
      { deadlineMs: 100 },
    );
    await expect(clock.run(handle.result)).rejects.toThrow('disk full');
    expect(aborted).toBe(seq === 2);
    for await (const event of handle.events) expect(event.type).not.toBe('run-end');
    expect(clock.pendingTimers()).toBe(0);
  });

  test('nothing is begun, and nobody hears of it, before it is durable', async () => {
    const order: string[] = [];
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const slow = journalWith((journal) => ({
      create: async (batch) => {
        await gate;
        order.push('durable');
        return journal.create(batch);
      },
    }));
    const clock = createVirtualClock();
    const engine = createEngine({ gateway: scriptedGateway(), journal: slow, clock });
    engine.events.on('run-start', () => order.push('told'));
    const body = oneStep(
      code({ input: z.any(), output: z.any(), effect: 'pure', run: () => void order.push('ran') }),
    );
    const running = engine.run(body, 1);
    await clock.advance(50);
    expect(order).toEqual([]);
    open();
    await clock.run(running);
    expect(order).toEqual(['durable', 'told', 'ran']);
  });

  test('another owner ends it: it is fenced off and lets go', async () => {
    const { clock, engine, journal } = scriptedWorld();
    let aborted = false;
    const handle = engine.start(
      endless(() => (aborted = true)),
      1,
      { runId: 'run', deadlineMs: 500 },
    );
    await clock.advance(10);
    await journal.claim('run');
    await expect(clock.run(handle.result)).rejects.toMatchObject({ code: 'FENCED' });
    expect(aborted).toBe(true);
    expect(clock.pendingTimers()).toBe(0);
  });
});

test('the replay check finds a value that comes out otherwise, and names its place', async () => {
  const workflow = setupWorkflow({
    id: 'impure',
    input: z.any(),
    output: z.undefined(),
    context: z.object({ drawn: z.number() }),
    budget: { totalMs: 100 },
    steps: { echo: code({ input: z.any(), output: z.any(), effect: 'pure', run: ({ input }) => input }) },
  }).createMachine({
    context: { drawn: 0 },
    initial: 'one',
    states: {
      one: {
        invoke: {
          id: 'one',
          src: 'echo',
          input: 1,
          onDone: { target: 'end', actions: assign({ drawn: Number.NaN }) },
          onError: 'end',
        },
      },
      end: { type: 'final' },
    },
  });
  const { clock, engine } = scriptedWorld();
  await expect(clock.run(engine.run(workflow, 1))).rejects.toMatchObject({
    code: 'WORKFLOW_INVALID',
    message: expect.stringContaining('`snapshot.context.drawn`'),
  });
});

test("a listener's mistake does not fail the run", async () => {
  const { clock, engine } = scriptedWorld();
  const uncaught: unknown[] = [];
  const original = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => uncaught.push(error));
  try {
    engine.events.on('step-end', () => {
      throw new Error('in a listener');
    });
    expect((await clock.run(engine.run(quick, 1))).status).toBe('succeeded');
    expect(uncaught).toMatchObject([{ message: 'in a listener' }]);
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of original) process.on('uncaughtException', listener);
  }
});
