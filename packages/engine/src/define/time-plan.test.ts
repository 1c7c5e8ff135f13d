import { expect, test, vi } from 'vitest';
import type { RawNode } from './chart.ts';
import { buildGraph } from './graph.ts';
import { readChart } from './read-chart.ts';
import { createTimePlan } from './time-plan.ts';
import type { TimePlan } from './workflow.ts';

/** Steps are named after their usual duration: `s300` takes 300 ms. */
const usualMs = (step: string): number => Number(step.slice(1));

const ENDS = { done: { type: 'final' }, handoff: { type: 'final', tags: 'degraded' } } as const;

function planOf(states: Readonly<Record<string, RawNode>>, initial = 'a'): TimePlan {
  const chart = readChart({ id: 'm', initial, states: { ...states, ...ENDS } });
  const steps = new Set(chart.states.flatMap(({ invokes }) => invokes.map(({ src }) => src)));
  return createTimePlan(buildGraph(chart), [...steps]);
}

const invoke = (step: string, onDone: unknown, onError: unknown = 'handoff') =>
  ({ invoke: { id: step, src: step, onDone, onError } }) as RawNode;

test('a chain: each step keeps back what the later ones need', () => {
  const plan = planOf({ a: invoke('s300', 'b'), b: invoke('s900', 'c'), c: invoke('s50', 'done') });
  expect(plan.totalMs(usualMs)).toBe(1_250);
  expect(plan.laterMs('s300', usualMs)).toBe(950);
  expect(plan.laterMs('s900', usualMs)).toBe(50);
  expect(plan.laterMs('s50', usualMs)).toBe(0);
});

test('of several branches the cheapest counts, but not one that ends degraded or follows a failure', () => {
  const plan = planOf({
    a: invoke('s300', [{ target: 'handoff' }, { target: 'b' }, { target: 'c' }], 'done'),
    b: invoke('s900', 'done'),
    c: invoke('s200', 'done', { target: 'done' }),
  });
  expect(plan.laterMs('s300', usualMs)).toBe(200);
});

test('on a way that can only end degraded, the way to that end counts', () => {
  const plan = planOf({
    a: invoke('s300', 'done', 'tell'),
    tell: invoke('s40', 'ask'),
    ask: invoke('s70', 'handoff'),
  });
  expect(plan.laterMs('s40', usualMs)).toBe(70);
});

test('a way that never ends holds nothing back', () => {
  const plan = planOf({ a: invoke('s300', 'b'), b: invoke('s900', 'a') });
  expect(plan.laterMs('s300', usualMs)).toBe(0);
  expect(plan.totalMs(usualMs)).toBe(0);
});

test('a cycle counts once', () => {
  const plan = planOf({ a: invoke('s300', 'b'), b: invoke('s900', [{ target: 'a' }, { target: 'done' }]) });
  expect(plan.totalMs(usualMs)).toBe(1_200);
  expect(plan.laterMs('s900', usualMs)).toBe(0);
});

test('delays count, waiting for an event does not', () => {
  const plan = planOf({
    a: invoke('s300', 'b'),
    b: { after: { 500: 'c' } },
    c: { on: { APPROVED: 'd' } },
    d: invoke('s20', 'done'),
  });
  expect(plan.totalMs(usualMs)).toBe(820);
});

test('a state that waits for several invokes takes as long as the longest', () => {
  const both: RawNode = {
    invoke: [
      { id: 'x', src: 's300', onDone: { actions: [] }, onError: 'handoff' },
      { id: 'y', src: 's700', onDone: { actions: [] }, onError: 'handoff' },
    ],
    always: { guard: () => false, target: 'b' },
  };
  const plan = planOf({ a: both, b: invoke('s40', 'done') });
  expect(plan.totalMs(usualMs)).toBe(740);
  expect(plan.laterMs('x', usualMs)).toBe(40);
});

test('a state that several states lead out of by a transition of their parent', () => {
  const plan = planOf({
    a: {
      initial: 'x',
      on: { DONE: 'b' },
      states: { x: invoke('s300', 'y'), y: { on: { AGAIN: 'x' } } },
    },
    b: invoke('s40', 'done'),
  });
  expect(plan.laterMs('s300', usualMs)).toBe(40);
});

test('a success that an ancestor handles by its event', () => {
  const plan = planOf({
    a: {
      initial: 'x',
      on: { 'xstate.done.actor.s300': 'b' },
      states: { x: { invoke: { id: 's300', src: 's300' } } },
    },
    b: invoke('s40', 'done'),
  });
  expect(plan.totalMs(usualMs)).toBe(340);
  expect(plan.laterMs('s300', usualMs)).toBe(40);
});

const region = (...steps: readonly string[]): RawNode => ({
  initial: steps[0] ?? 'end',
  states: {
    ...Object.fromEntries(
      steps.map((step, index) => [step, invoke(step, steps[index + 1] ?? 'end', '#m.handoff')]),
    ),
    end: { type: 'final' },
  },
});

test('a parallel state takes as long as its longest region; inside, its own region counts', () => {
  const plan = planOf({
    a: { type: 'parallel', onDone: 'b', states: { l: region('s300', 's100'), r: region('s700') } },
    b: invoke('s40', 'done'),
  });
  expect(plan.totalMs(usualMs)).toBe(740);
  expect(plan.laterMs('s300', usualMs)).toBe(140);
  expect(plan.laterMs('s700', usualMs)).toBe(40);
});

test('parallel states inside parallel states', () => {
  const inner: RawNode = { type: 'parallel', states: { l: region('s300'), r: region('s500') } };
  const plan = planOf({
    a: { type: 'parallel', onDone: 'done', states: { inner, other: region('s400') } },
  });
  expect(plan.totalMs(usualMs)).toBe(500);
});

test('a parallel state with a region that never ends is left by another one', () => {
  const plan = planOf({
    a: {
      type: 'parallel',
      onDone: 'done',
      states: {
        work: {
          initial: 'x',
          states: { x: invoke('s300', 'y', '#m.handoff'), y: invoke('s50', '#m.b', '#m.handoff') },
        },
        listen: { on: { NOTE: {} } },
        more: region('s10'),
      },
    },
    b: invoke('s40', 'done'),
  });
  expect(plan.totalMs(usualMs)).toBe(390);
  // The region is done, the state is not: it waits for the way out of the other region.
  expect(plan.laterMs('s10', usualMs)).toBe(390);
});

test('history leads to its default', () => {
  const plan = planOf(
    {
      a: { initial: 'x', states: { x: invoke('s300', '#m.done', '#m.handoff'), past: { type: 'history' } } },
      start: { always: 'a.past' },
    },
    'start',
  );
  expect(plan.totalMs(usualMs)).toBe(300);
});

test('is weighed anew only when a duration has changed, and asks for each step once', () => {
  const plan = planOf({ a: invoke('s300', 'b'), b: invoke('s900', 'done') });
  const expectedMs = vi.fn(usualMs);
  plan.laterMs('s300', expectedMs);
  expect(expectedMs.mock.calls.map(([step]) => step)).toEqual(['s300', 's900']);
  expect(plan.laterMs('s300', () => 5)).toBe(5);
  expect(plan.laterMs('s300', usualMs)).toBe(900);
});

test('an unknown invoke holds nothing back', () => {
  expect(planOf({ a: invoke('s300', 'done') }).laterMs('gone', usualMs)).toBe(0);
});
