import { array, assert, integer, nat, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import type { RawNode } from '../define/chart.ts';
import { buildGraph } from '../define/graph.ts';
import { readChart } from '../define/read-chart.ts';
import { createTimePlan } from '../define/time-plan.ts';
import { findPaths } from './paths.ts';

/** Steps are named after their usual duration: `s300` takes 300 ms. */
const usualMs = (step: string): number => Number(/\d+$/.exec(step)?.[0] ?? 0);

const ENDS = { done: { type: 'final' }, handoff: { type: 'final', tags: 'degraded' } } as const;

function graphOf(states: Readonly<Record<string, RawNode>>) {
  const chart = readChart({ id: 'm', initial: 'a0', states: { ...states, ...ENDS } });
  const steps = new Set(chart.states.flatMap(({ invokes }) => invokes.map(({ src }) => src)));
  return { graph: buildGraph(chart), steps: [...steps] };
}

const invoke = (step: string, onDone: unknown) =>
  ({ invoke: { id: step, src: step, onDone, onError: '#m.handoff' } }) as RawNode;

/** States in a row, each with a step and branches to any of them, and to the end. */
const machines = array(record({ ms: integer({ min: 0, max: 999 }), to: array(nat(7), { maxLength: 2 }) }), {
  minLength: 1,
  maxLength: 8,
}).map((rows) => {
  const target = (at: number): string => (at < rows.length ? `a${at}` : 'done');
  const states = rows.map(({ ms, to }, at): [string, RawNode] => [
    `a${at}`,
    invoke(`x${at}s${ms}`, [...to.map(target), target(at + 1)]),
  ]);
  return graphOf(Object.fromEntries(states));
});

test('the cheapest path takes what the time plan says, and is the sum of its legs', () => {
  assert(
    property(machines, ({ graph, steps }) => {
      const { cheapest } = findPaths(graph, usualMs);
      expect(cheapest?.ms).toBe(createTimePlan(graph, steps).totalMs(usualMs));
      expect(cheapest?.legs.reduce((sum, { ms }) => sum + ms, 0)).toBe(cheapest?.ms);
    }),
  );
});

test('the longest path is no shorter, and comes by no step twice', () => {
  assert(
    property(machines, ({ graph }) => {
      const { cheapest, longest } = findPaths(graph, usualMs);
      expect(longest?.ms).toBeGreaterThanOrEqual(cheapest?.ms ?? Number.POSITIVE_INFINITY);
      const names = longest?.legs.map(({ step }) => step) ?? [];
      expect(new Set(names).size).toBe(names.length);
    }),
  );
});

const region = (step: string): RawNode => ({
  initial: 'x',
  states: { x: invoke(step, 'y'), y: { type: 'final' } },
});

test('regions run beside one another: the longest of them counts', () => {
  const { graph } = graphOf({
    a0: { type: 'parallel', states: { left: region('s300'), right: region('s900') }, onDone: 'b' },
    b: { after: { 50: 'done' } },
  });
  const legs = [
    { step: 's900', ms: 900 },
    { step: null, ms: 50 },
  ];
  expect(findPaths(graph, usualMs)).toEqual({ cheapest: { ms: 950, legs }, longest: { ms: 950, legs } });
});
