import { seededRandom } from '@paceline/resilience';
import { code, setupWorkflow, workflowChart } from 'paceline';
import type { Workflow } from 'paceline';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { BranchWeights } from './branches.ts';
import type { ModelledStep } from './draw-step.ts';
import { Walk } from './walk.ts';

const None = z.object({});

const STATES = {
  done: { type: 'final' },
  handoff: { type: 'final', tags: ['degraded'] },
  lost: { type: 'final', tags: ['failed'] },
};

interface Given {
  readonly initial?: string;
  readonly weights?: BranchWeights;
  readonly totalMs?: number;
  readonly laterMs?: Readonly<Record<string, number>>;
  readonly limits?: Readonly<Record<string, Partial<ModelledStep>>>;
}

/** Steps are named after their duration: `s300` takes 300 ms. */
function walk(states: Readonly<Record<string, object>>, given: Given = {}) {
  const { weights = {}, totalMs = 10_000, laterMs = {}, limits = {} } = given;
  const written = JSON.stringify(states);
  const names = [...new Set(written.match(/s\d+/g))];
  const step = code({ input: None, output: None, effect: 'pure', run: () => ({}) });
  const setup = setupWorkflow({
    id: 'flow',
    input: None,
    output: z.undefined(),
    context: None,
    budget: { totalMs: 1_000_000 },
    steps: Object.fromEntries([['s0', step], ...names.map((name) => [name, step])]) as { s0: typeof step },
    signals: written.includes('"go"') ? { go: None } : {},
  });
  const ends = Object.entries(STATES).filter(
    ([name]) => written.includes(`"${name}"`) || written.includes(`.${name}"`),
  );
  const create = setup.createMachine as unknown as (config: object) => Workflow;
  const machine = create({ context: {}, initial: 'a', states: { ...states, ...Object.fromEntries(ends) } });
  const modelled = names.map((name): [string, ModelledStep] => [
    name,
    {
      name,
      route: null,
      turns: 0,
      tokens: { inputTokens: 0, outputTokens: 0 },
      limitMs: Number.POSITIVE_INFINITY,
      maxVisits: 1_000,
      usualMs: Number(name.slice(1)),
      usdOf: () => null,
      ...limits[name],
    },
  ]);
  const chain = {
    root: workflowChart(machine).root,
    totalMs,
    steps: new Map(modelled),
    laterMs: new Map(Object.entries(laterMs)),
    weights,
  };
  return new Walk(chain, 0, seededRandom(1)).run();
}

const invoke = (step: string, onDone: unknown, onError: unknown = 'handoff') => ({
  invoke: { id: step, src: step, input: {}, onDone, onError },
});

const either = (first: string, second: string) => [{ guard: () => true, target: first }, second];

test('a chain takes the sum of its steps and delays', () => {
  const run = walk({ a: invoke('s300', 'b'), b: { after: { 50: 'c' } }, c: invoke('s20', 'done') });
  expect(run).toMatchObject({ status: 'succeeded', ms: 370 });
  expect(run.visits.map(({ step }) => step)).toEqual(['s300', 's20']);
});

test('branches are drawn by their weights', () => {
  const states = { a: invoke('s1', either('done', 'handoff')) };
  expect(walk(states, { weights: { a: [1, 0] } }).status).toBe('succeeded');
  expect(walk(states, { weights: { a: [0, 1] } }).status).toBe('degraded');
});

test('a step that takes longer than it may fails at its limit', () => {
  const states = { a: invoke('s300', 'done') };
  expect(walk(states, { limits: { s300: { limitMs: 200 } } })).toMatchObject({ status: 'degraded', ms: 200 });
});

test('half of the usual time of the later steps is left to them', () => {
  const states = { w: { after: { 1: 'b' } }, a: { always: 'w' }, b: invoke('s900', 'done') };
  const given = { totalMs: 1_001, laterMs: { s900: 400 } };
  // 1,000 ms are left, less 10 for the ending and 200 for what follows.
  expect(walk(states, given)).toMatchObject({ status: 'degraded', ms: 791 });
});

test('a step that has less than half of its usual time left is not begun, nor a run that does not fit', () => {
  const later = { w: { after: { 600: 'b' } }, a: { always: 'w' }, b: invoke('s900', 'done') };
  expect(walk(later, { totalMs: 1_000 })).toMatchObject({ status: 'degraded', ms: 600 });
  const first = { a: invoke('s600', 'b'), b: invoke('s500', 'done') };
  expect(walk(first, { totalMs: 1_000, laterMs: { s600: 500 } })).toMatchObject({
    status: 'degraded',
    ms: 0,
  });
});

test('a run whose time is over has failed, and so has one that ends so', () => {
  const slow = { a: { after: { 20_000: 'done' } } };
  expect(walk(slow)).toMatchObject({ status: 'failed', ms: 10_000 });
  const lost = { a: invoke('s5', either('lost', 'done')) };
  expect(walk(lost, { weights: { a: [1, 0] } })).toMatchObject({ status: 'failed', ms: 5 });
});

test('regions run beside one another', () => {
  const region = (step: string) => ({
    initial: 'x',
    states: { x: invoke(step, 'y', '#flow.handoff'), y: { type: 'final' } },
  });
  const states = {
    a: { type: 'parallel', states: { left: region('s300'), right: region('s700') }, onDone: 'b' },
    b: invoke('s20', 'done'),
  };
  expect(walk(states)).toMatchObject({ status: 'succeeded', ms: 720 });
  expect(walk(states, { limits: { s700: { limitMs: 400 } } })).toMatchObject({ status: 'degraded', ms: 400 });
});

test('a delay ends what goes on in its state', () => {
  const states = {
    a: { initial: 'x', states: { x: invoke('s900', '#flow.done', '#flow.done') }, after: { 100: 'handoff' } },
  };
  expect(walk(states)).toMatchObject({ status: 'degraded', ms: 100 });
});

test('an event that is waited for comes at once', () => {
  expect(
    walk({ a: { on: { go: 'b' }, after: { 5_000: 'handoff' } }, b: invoke('s7', 'done') }),
  ).toMatchObject({
    status: 'succeeded',
    ms: 7,
  });
});

test('a state that waits for several steps lasts as long as the longest', () => {
  const invokes = ['s30', 's70'].map((step) => ({
    id: step,
    src: step,
    input: {},
    onDone: {},
    onError: 'handoff',
  }));
  expect(walk({ a: { invoke: invokes, always: [{ guard: () => true, target: 'done' }] } })).toMatchObject({
    status: 'succeeded',
    ms: 70,
  });
});

test('a loop ends at its bound', () => {
  const states = { a: invoke('s10', either('a', 'done')) };
  const run = walk(states, { weights: { a: [1, 0] }, limits: { s10: { maxVisits: 3 } } });
  expect(run).toMatchObject({ status: 'degraded', ms: 30 });
  expect(run.visits).toHaveLength(4);
});
