import { createMachine } from 'xstate';
import type { AnyStateMachine } from 'xstate';
import { describe, expect, test } from 'vitest';
import type { RawNode, State } from './chart.ts';
import { readChart } from './read-chart.ts';

const CONFIGS: Readonly<Record<string, RawNode>> = {
  'siblings in every form': {
    initial: 'a',
    states: {
      a: {
        on: {
          GO: 'b',
          STAY: undefined,
          BACK: { target: 'a' },
          PICK: [{ target: 'b', guard: () => true }, 'c'],
        },
      },
      b: { always: [{ target: 'c' }], after: { 100: 'a', 200: { target: 'c' } } },
      c: { type: 'final' },
    },
  },
  'nested states, by path, by child and by id': {
    id: 'nested',
    initial: 'outer',
    on: { RESET: '.outer', DEEP: '.outer.two', TOP: '#nested' },
    states: {
      outer: {
        initial: 'one',
        onDone: 'end',
        on: { IN: '.two', FULL: '#nested.outer.two', CUSTOM: '#far' },
        states: { one: { on: { NEXT: 'two', OUT: '#end' } }, two: { type: 'final' } },
      },
      other: { on: { INTO: 'outer.two' }, initial: 'x', states: { x: { id: 'far' } } },
      end: { id: 'end', type: 'final' },
    },
  },
  'parallel regions and history': {
    initial: 'work',
    states: {
      work: {
        type: 'parallel',
        onDone: { target: 'end' },
        states: {
          left: { initial: 'a', states: { a: { on: { L: 'b' } }, b: { type: 'final' } } },
          right: {
            initial: 'a',
            states: {
              a: { on: { R: ['b'] } },
              b: { type: 'final' },
              again: { type: 'history', target: 'b' },
              deep: { history: 'deep' },
            },
          },
          past: { type: 'history' },
        },
      },
      paused: {
        on: { BOTH: { target: ['#(machine).work.left.b', '#(machine).work.right.b'] }, BACK: 'work.past' },
      },
      end: { type: 'final' },
    },
  },
  'invokes of every form': {
    initial: 'a',
    states: {
      a: {
        invoke: [
          { src: 'x', id: 'x', onDone: 'b', onError: [{ target: 'c' }], onSnapshot: { target: 'a' } },
          { src: 'y', id: 'y', onDone: [{ target: 'b' }, { actions: [] }] },
        ],
      },
      b: {
        invoke: { src: 'x', id: 'x2', onDone: { target: '#(machine).c' } },
        initial: 'i',
        states: { i: {} },
      },
      c: { type: 'final', tags: ['degraded'] },
    },
  },
};

describe('the chart says what XState makes of a config', () => {
  test.each(Object.entries(CONFIGS))('%s', (_, config) => {
    const machine: AnyStateMachine = createMachine(config as object);
    const chart = readChart({ id: machine.id, ...config });

    expect(chart.deadTargets).toEqual([]);
    expect(chart.states.map(({ id, type }) => ({ id, type }))).toEqual(
      nodesOf(machine).map(({ id, type }) => ({ id, type })),
    );
    expect(chart.states.map(transitionsOf)).toEqual(nodesOf(machine).map(xstateTransitionsOf));
    expect(chart.states.map(({ initial }) => initial.map(({ id }) => id))).toEqual(
      nodesOf(machine).map(xstateInitialOf),
    );
    expect(chart.states.flatMap(({ invokes }) => invokes.map(({ id, src }) => ({ id, src })))).toEqual(
      nodesOf(machine).flatMap((node) => node.invoke.map(({ id, src }) => ({ id, src }))),
    );
  });
});

type Node = AnyStateMachine['root'];

/** Parents before children, in document order. */
function nodesOf(machine: AnyStateMachine): readonly Node[] {
  const walk = (node: Node): Node[] => [
    node,
    ...Object.values(node.states).flatMap((child) => walk(child as Node)),
  ];
  return walk(machine.root);
}

/** Sets of targets; the order of groups is each side's own. */
function transitionsOf({ transitions }: State): readonly string[] {
  return transitions.map(({ targets }) => targets.map(({ id }) => id).join(' ')).toSorted();
}

function xstateTransitionsOf(node: Node): readonly string[] {
  const all = [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
  return all.map(({ target }) => (target ?? []).map(({ id }: Node) => id).join(' ')).toSorted();
}

function xstateInitialOf(node: Node): readonly string[] {
  if (node.type === 'compound') return node.initial.target.map(({ id }: Node) => id);
  if (node.type !== 'history' || node.parent === undefined) return [];
  const target = node.config.target as string | undefined;
  if (target !== undefined) return [`${node.parent.id}.${target}`];
  return node.parent.type === 'parallel'
    ? [node.parent.id]
    : node.parent.initial.target.map(({ id }: Node) => id);
}

const dead = (config: RawNode) =>
  readChart({ id: 'm', ...config }).deadTargets.map(({ state, target }) => [state.path, target]);

describe('what leads nowhere', () => {
  test.each<[string, string | undefined, RawNode]>([
    ['a sibling', 'gone', { initial: 'a', states: { a: { on: { GO: 'gone' } } } }],
    ['an id', '#gone', { initial: 'a', states: { a: { on: { GO: '#gone' } } } }],
    ['a child', '.gone', { initial: 'a', states: { a: { on: { GO: '.gone' } } } }],
    ['a nested state', 'a.gone', { initial: 'a', states: { a: { on: { GO: 'a.gone' } } } }],
    ['an initial state', 'gone', { initial: 'a', states: { a: { initial: 'gone', states: { b: {} } } } }],
    ['a missing initial state', undefined, { initial: 'a', states: { a: { states: { b: {} } } } }],
  ])('%s is reported, where XState throws', (_, target, config) => {
    expect(dead(config)).toEqual([['a', target]]);
    expect(() => {
      const machine: AnyStateMachine = createMachine(config as object);
      return nodesOf(machine).map((node) => node.type === 'compound' && node.initial);
    }).toThrow();
  });

  test('the root has no siblings', () => {
    const config = { initial: 'a', on: { GO: 'a' }, states: { a: {} } };
    expect(dead(config)).toEqual([['', 'a']]);
    expect(() => createMachine(config as object)).toThrow();
  });
});
