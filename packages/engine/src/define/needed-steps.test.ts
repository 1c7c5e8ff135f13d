import { expect, test } from 'vitest';
import type { RawNode } from './chart.ts';
import { buildGraph } from './graph.ts';
import { neededSteps } from './needed-steps.ts';
import { readChart } from './read-chart.ts';

const ENDS = { done: { type: 'final' }, handoff: { type: 'final', tags: 'degraded' } } as const;

function neededIn(states: Readonly<Record<string, RawNode>>, initial = 'a') {
  const chart = readChart({ id: 'm', initial, states: { ...states, ...ENDS } });
  const steps = new Set(chart.states.flatMap(({ invokes }) => invokes.map(({ src }) => src)));
  const graph = buildGraph(chart);
  const needed = neededSteps(graph, [...steps]);
  return (invokeId: string | null) =>
    needed(invokeId === null ? [graph.start] : (graph.afterInvoke.get(invokeId) ?? []));
}

const invoke = (step: string, onDone: unknown, onError: unknown = 'handoff') =>
  ({ invoke: { id: step, src: step, onDone, onError } }) as RawNode;

test('in a chain all that follow are needed', () => {
  const needed = neededIn({ a: invoke('one', 'b'), b: invoke('two', 'c'), c: invoke('three', 'done') });
  expect(needed(null)).toEqual(['one', 'two', 'three']);
  expect(needed('one')).toEqual(['two', 'three']);
  expect(needed('two')).toEqual(['three']);
  expect(needed('three')).toEqual([]);
});

test('what only some branch needs is not', () => {
  const needed = neededIn({
    a: invoke('one', [{ target: 'b' }, { target: 'c' }]),
    b: invoke('two', 'd'),
    c: invoke('three', 'd'),
    d: invoke('four', 'done'),
  });
  expect(needed('one')).toEqual(['four']);
});

test('a branch that ends second best is no way round a step', () => {
  const needed = neededIn({
    a: invoke('one', [{ target: 'b' }, { target: 'handoff' }]),
    b: invoke('two', 'done'),
  });
  expect(needed('one')).toEqual(['two']);
});

test('a step whose own failure leads to success is not needed, one that only another failure avoids is', () => {
  const needed = neededIn({
    a: invoke('one', 'b'),
    b: invoke('two', 'c', 'done'),
    c: invoke('three', 'done'),
  });
  expect(needed('one')).toEqual(['three']);
});

test('an error edge for any step counts as the step’s own', () => {
  const needed = neededIn({
    a: invoke('one', 'work'),
    work: {
      initial: 'b',
      states: { b: invoke('two', '#m.done', []) },
      on: { 'xstate.error.actor.*': 'done' },
    },
  });
  expect(needed('one')).toEqual([]);
});

test('of a cycle only what leads out of it is needed', () => {
  const needed = neededIn({
    a: invoke('one', 'b'),
    b: invoke('two', [{ target: 'c' }, { target: 'done' }]),
    c: invoke('three', 'b'),
  });
  expect(needed('one')).toEqual(['two']);
  expect(needed('three')).toEqual(['two']);
});

test('each region of a parallel state is needed to get past it', () => {
  const needed = neededIn({
    a: invoke('one', 'both'),
    both: {
      type: 'parallel',
      states: {
        left: { initial: 'x', states: { x: invoke('two', 'y', '#m.handoff'), y: { type: 'final' } } },
        right: { initial: 'x', states: { x: invoke('three', 'y', '#m.handoff'), y: { type: 'final' } } },
      },
      onDone: 'done',
    },
  });
  expect(needed('one')).toEqual(['two', 'three']);
});

test('a state that waits for several steps needs them all', () => {
  const needed = neededIn({
    a: invoke('one', 'b'),
    b: {
      invoke: ['two', 'three'].map((step) => ({ id: step, src: step, onDone: {}, onError: 'handoff' })),
      always: { guard: () => true, target: 'done' },
    },
  });
  expect(needed('one')).toEqual(['two', 'three']);
});

test('where no success is in reach, and after an unknown invoke, nothing is needed', () => {
  const needed = neededIn({
    a: invoke('one', 'done', 'sorry'),
    sorry: invoke('two', 'b'),
    b: invoke('three', 'handoff'),
  });
  expect(needed('two')).toEqual([]);
  expect(needed('nobody')).toEqual([]);
});
