import { createGateway, memoryLedger } from '@paceline/gateway';
import type { Gateway, Ledger } from '@paceline/gateway';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import type { Budget, Steps } from '../define/step.ts';
import type { Workflow } from '../define/workflow.ts';
import { child } from '../define/child.ts';
import { map } from '../define/map.ts';
import { classify, code, execute, reason, tool } from '../define/steps.ts';
import { checkWorkflow } from './check-workflow.ts';
import type { Finding, FindingCode } from './finding.ts';

const None = z.object({});

const work = (policy: object = {}) =>
  code({ input: None, output: None, effect: 'pure', expectedMs: 100, run: () => ({}), ...policy });

interface Flow {
  readonly id?: string;
  readonly steps: Steps;
  readonly states: Readonly<Record<string, object>>;
  readonly budget?: Budget;
}

const DONE = { done: { type: 'final' } };
const HANDOFF = { handoff: { type: 'final', tags: ['degraded'] } };

/** A workflow that starts in state `a`; its states may target `done` and `handoff`, and wait for `approve` and `again`. */
function flow({ id = 'flow', steps, states, budget = { totalMs: 10_000 } }: Flow) {
  const written = JSON.stringify(states);
  const signals = Object.fromEntries(
    ['approve', 'again'].filter((name) => written.includes(`"${name}"`)).map((name) => [name, None]),
  );
  const setup = setupWorkflow({
    id,
    input: None,
    output: z.undefined(),
    context: None,
    budget,
    steps,
    signals,
  });
  const create = setup.createMachine as unknown as (config: object) => Workflow;
  const ends = written.includes('"handoff"') ? { ...DONE, ...HANDOFF } : DONE;
  return create({ context: {}, initial: 'a', states: { ...states, ...ends } });
}

const invoke = (step: string, onDone: unknown, onError: unknown = 'handoff') => ({
  invoke: { id: step, src: step, input: {}, onDone, onError },
});

function found(given: Flow, gateway?: Pick<Gateway, 'usable' | 'ledger'>): readonly Finding[] {
  return checkWorkflow(flow(given), gateway === undefined ? {} : { gateway }).findings;
}

const codes = (given: Flow, gateway?: Pick<Gateway, 'usable' | 'ledger'>): readonly FindingCode[] =>
  found(given, gateway).map(({ code: each }) => each);

function learned(times: Readonly<Record<string, number>>): Ledger {
  const ledger = memoryLedger();
  for (const [step, ms] of Object.entries(times)) {
    for (let at = 0; at < 10; at++) ledger.recordLatency(`step:flow/${step}`, ms);
  }
  return ledger;
}

const knowing = (times: Readonly<Record<string, number>>) => ({
  ledger: learned(times),
  usable: () => ({ usable: true }) as const,
});

/** Nothing to complain about. */
const GOOD: Flow = {
  steps: { one: work(), two: work({ effect: 'once' }) },
  states: { a: invoke('one', 'b'), b: invoke('two', 'done') },
};

test('a good workflow: nothing is found, and where its time goes is shown', () => {
  expect(checkWorkflow(flow(GOOD))).toEqual({
    workflowId: 'flow',
    budgetMs: 10_000,
    cheapest: {
      ms: 200,
      legs: [
        { step: 'one', ms: 100 },
        { step: 'two', ms: 100 },
      ],
    },
    longest: {
      ms: 200,
      legs: [
        { step: 'one', ms: 100 },
        { step: 'two', ms: 100 },
      ],
    },
    steps: [
      {
        step: 'one',
        kind: 'code',
        route: null,
        usualMs: 100,
        source: 'declared',
        floorMs: 50,
        limitMs: 9_950,
      },
      {
        step: 'two',
        kind: 'code',
        route: null,
        usualMs: 100,
        source: 'declared',
        floorMs: 0,
        limitMs: 10_000,
      },
    ],
    findings: [],
  });
});

describe('PATH_OVER_BUDGET', () => {
  test('learned times that do not fit any more', () => {
    expect(found(GOOD, knowing({ one: 9_000, two: 2_000 }))).toEqual([
      {
        code: 'PATH_OVER_BUDGET',
        severity: 'error',
        message:
          'The cheapest successful path usually takes 11000 ms (one 9000, two 2000), the budget is 10000 ms: runs are refused before their first step.',
        mend: 'Raise `budget.totalMs`, shorten the path, or bind faster models.',
      },
    ]);
  });

  test('not when they just fit', () => {
    expect(codes(GOOD, knowing({ one: 8_000, two: 2_000 }))).toEqual([]);
  });
});

const branching = (slowMs: number): Flow => ({
  steps: { one: work(), slow: work({ expectedMs: slowMs }) },
  states: { a: invoke('one', [{ guard: () => true, target: 'b' }, 'done']), b: invoke('slow', 'done') },
});

describe('LONGEST_PATH_OVER_BUDGET', () => {
  test('a branch that does not fit', () => {
    expect(found(branching(9_901))).toMatchObject([
      {
        code: 'LONGEST_PATH_OVER_BUDGET',
        severity: 'warning',
        message: expect.stringContaining('10001 ms (one 100, slow 9901)'),
      },
    ]);
  });

  test('not one that does', () => {
    expect(codes(branching(9_900))).toEqual([]);
  });
});

const gatewayFor = (env: Readonly<Record<string, string>>) =>
  createGateway({ roles: { classify: ['openai/gpt-5-mini'] }, env });

describe('STEP_OVER_LIMIT', () => {
  const limited: Flow = { steps: { one: work({ totalMs: 500 }) }, states: { a: invoke('one', 'done') } };

  test('a step that usually takes longer than it may', () => {
    expect(found(limited, knowing({ one: 501 }))).toMatchObject([
      { code: 'STEP_OVER_LIMIT', step: 'one', message: '`one` usually takes 501 ms and may take 500 ms.' },
    ]);
  });

  test('not one that keeps its limit', () => {
    expect(codes(limited, knowing({ one: 500 }))).toEqual([]);
  });
});

describe('TIME_UNKNOWN', () => {
  const unknown: Flow = {
    steps: { one: work({ expectedMs: undefined }) },
    states: { a: invoke('one', 'done') },
  };

  test('a step of which nothing is declared or learned', () => {
    expect(found(unknown)).toMatchObject([{ code: 'TIME_UNKNOWN', severity: 'warning', step: 'one' }]);
  });

  test('not once it has been learned', () => {
    expect(codes(unknown, knowing({ one: 5 }))).toEqual([]);
  });
});

describe('ROUTE_UNUSABLE', () => {
  const model: Flow = {
    steps: { one: classify({ input: None, labels: ['x', 'y'], prompt: () => '', expectedMs: 100 }) },
    states: { a: invoke('one', 'done') },
  };

  test('a missing key', () => {
    expect(found(model, gatewayFor({}))).toMatchObject([
      {
        code: 'ROUTE_UNUSABLE',
        step: 'one',
        message:
          '`one` asks for `classify`, of which no target can be used: openai/gpt-5-mini: OPENAI_API_KEY is not in the environment (export OPENAI_API_KEY=...).',
      },
    ]);
  });

  test('no model at all', () => {
    expect(codes(model, createGateway({ roles: {} }))).toEqual(['ROUTE_UNUSABLE']);
  });

  test('of a map, and of a child', () => {
    const ask = classify({ input: None, labels: ['x', 'y'], prompt: () => '' });
    const asking = flow({ id: 'asking', steps: { ask }, states: { a: invoke('ask', 'done') } });
    const steps = {
      each: map(ask, { concurrency: 2, expectedMs: 100 }),
      sub: child(asking, { expectedMs: 100 }),
    };
    const both: Flow = { steps, states: { a: invoke('each', 'b'), b: invoke('sub', 'done') } };
    expect(found(both, createGateway({ roles: {} })).map(({ message }) => message)).toEqual([
      '`each` asks for `classify`, of which no target can be used: no model is bound to it.',
      '`sub/ask` asks for `classify`, of which no target can be used: no model is bound to it.',
    ]);
  });

  test('not with its key, and not without a gateway', () => {
    expect(codes(model, gatewayFor({ OPENAI_API_KEY: 'k' }))).toEqual([]);
    expect(codes(model)).toEqual([]);
  });
});

const waiting = (state: object, budget?: Budget): Flow => ({
  steps: { one: work() },
  states: { a: invoke('one', 'b'), b: state },
  ...(budget && { budget }),
});

describe('WAIT_UNBOUNDED', () => {
  test('a state that only an event leaves', () => {
    expect(found(waiting({ on: { approve: 'done' } }))).toMatchObject([
      {
        code: 'WAIT_UNBOUNDED',
        state: 'b',
        message: "`b` waits for an event until the run's deadline, which then fails it.",
      },
    ]);
  });

  test('for ever, where waiting does not count', () => {
    expect(found(waiting({ on: { approve: 'done' } }, { totalMs: 10_000, waiting: 'free' }))).toMatchObject([
      { code: 'WAIT_UNBOUNDED', message: expect.stringContaining('for ever') },
    ]);
  });

  test.each([
    ['a time limit', { on: { approve: 'done' }, after: { 1_000: 'handoff' } }],
    [
      'a time limit round it',
      { initial: 'x', states: { x: { on: { approve: '#flow.done' } } }, after: { 1_000: 'handoff' } },
    ],
    ['a way on of its own', { on: { approve: 'done' }, always: 'done' }],
  ])('not with %s', (_, state) => {
    expect(codes(waiting(state))).toEqual([]);
  });
});

const loop = (policy: object): Flow => ({
  steps: { ask: work(policy), judge: work() },
  states: { a: invoke('ask', 'b'), b: invoke('judge', [{ guard: () => true, target: 'a' }, 'done']) },
});

describe('LOOP_UNBOUNDED', () => {
  test('steps that lead back to each other', () => {
    expect(found(loop({}))).toMatchObject([
      {
        code: 'LOOP_UNBOUNDED',
        step: 'ask',
        message: '`ask`, `judge` can run again and again in one run, up to 1,000 times.',
      },
    ]);
  });

  test('a step that its own error path repeats', () => {
    const again: Flow = { steps: { one: work() }, states: { a: invoke('one', 'done', 'a') } };
    expect(codes(again)).toEqual(['LOOP_UNBOUNDED']);
  });

  test('not with a bound on one of them', () => {
    expect(codes(loop({ maxVisits: 3 }))).toEqual([]);
  });

  test('but still where another way round has none', () => {
    const other: Flow = {
      steps: { ask: work({ maxVisits: 3 }), judge: work() },
      states: {
        a: invoke('ask', 'b'),
        b: invoke('judge', [{ guard: () => true, target: 'a' }, { guard: () => true, target: 'b' }, 'done']),
      },
    };
    expect(found(other)).toMatchObject([{ code: 'LOOP_UNBOUNDED', step: 'judge' }]);
  });
});

const send = (onError: string, states: Readonly<Record<string, object>> = {}): Flow => ({
  steps: { send: work({ effect: 'once', maxVisits: 3 }), look: work({ maxVisits: 3 }) },
  states: { a: invoke('send', 'done', onError), ...states },
});

const LOOK = { b: invoke('look', [{ guard: () => true, target: 'a' }, 'done']) };

describe('ONCE_REPEATED', () => {
  test('an error path that leads straight back', () => {
    expect(found(send('a'))).toMatchObject([
      { code: 'ONCE_REPEATED', severity: 'error', state: 'a', step: 'send' },
    ]);
  });

  test('after a pause', () => {
    expect(codes(send('pause', { pause: { after: { 1_000: 'a' } } }))).toContain('ONCE_REPEATED');
  });

  test('not when another step finds out first, or a person', () => {
    expect(codes(send('b', LOOK))).not.toContain('ONCE_REPEATED');
    expect(codes(send('ask', { ask: { on: { again: 'a' }, after: { 1_000: 'handoff' } } }))).not.toContain(
      'ONCE_REPEATED',
    );
  });

  test('not for a step that may be repeated', () => {
    const pure: Flow = { steps: { one: work({ maxVisits: 2 }) }, states: { a: invoke('one', 'done', 'a') } };
    expect(codes(pure)).toEqual([]);
  });
});

const sending = (policy: object): Flow => ({
  steps: { send: work(policy), two: work() },
  states: { a: invoke('send', 'b'), b: invoke('two', 'done') },
});

describe('EFFECT_NOT_COMPENSATED', () => {
  test.each(['once', 'idempotent'])('a step that takes effect %s, and another one after it', (effect) => {
    expect(found(sending({ effect }))).toMatchObject([
      { code: 'EFFECT_NOT_COMPENSATED', step: 'send', message: expect.stringContaining('`two`') },
    ]);
  });

  test('an execute step whose tool takes effect', () => {
    const mail = tool({ description: 'Send it.', input: None, effect: 'once', run: () => 'sent' });
    const act = execute({ input: None, output: None, tools: { mail }, prompt: () => '', expectedMs: 100 });
    const acting: Flow = {
      steps: { act, two: work() },
      states: { a: invoke('act', 'b'), b: invoke('two', 'done') },
    };
    expect(codes(acting)).toEqual(['EFFECT_NOT_COMPENSATED']);
  });

  test('not when it can be undone, changes nothing, or is the last', () => {
    expect(codes(sending({ effect: 'once', compensate: () => {} }))).toEqual([]);
    expect(codes(sending({ effect: 'pure' }))).toEqual([]);
    expect(codes(GOOD)).toEqual([]);
  });
});

const branches = (onDone: unknown): Flow => ({
  steps: { one: work() },
  states: { a: invoke('one', onDone) },
});

describe('BRANCH_NEVER_TAKEN', () => {
  test('a branch behind one without a guard', () => {
    expect(
      found(branches([{ target: 'handoff' }, { guard: () => true, target: 'done' }, 'done'])),
    ).toMatchObject([
      {
        code: 'BRANCH_NEVER_TAKEN',
        state: 'a',
        message: expect.stringContaining('`onDone` of invoke `one` to `done`'),
      },
      { code: 'BRANCH_NEVER_TAKEN' },
    ]);
  });

  test('not when it is last', () => {
    expect(codes(branches([{ guard: () => true, target: 'handoff' }, 'done']))).toEqual([]);
  });
});

test('errors come first', () => {
  const both: Flow = {
    steps: { one: work({ expectedMs: undefined }), send: work({ effect: 'once', maxVisits: 2 }) },
    states: { a: invoke('one', 'b'), b: invoke('send', 'done', 'b') },
  };
  expect(codes(both)).toEqual(['ONCE_REPEATED', 'TIME_UNKNOWN']);
});

test('a model step is shown with the route it asks for', () => {
  const think = reason({
    input: None,
    output: None,
    route: 'deep',
    prompt: () => '',
    expectedMs: 700,
    totalMs: 900,
  });
  const { steps } = checkWorkflow(
    flow({ steps: { think }, states: { a: invoke('think', 'done') } }) as never,
  );
  expect(steps).toEqual([
    {
      step: 'think',
      kind: 'reason',
      route: 'deep',
      usualMs: 700,
      source: 'declared',
      floorMs: 0,
      limitMs: 900,
    },
  ]);
});
