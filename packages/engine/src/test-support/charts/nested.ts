import type { Workflow } from '../../define/workflow.ts';
import { assign, cancel, raise } from '../../xstate/actions.ts';
import { at, below, chart, count, final, isEven, note } from './chart.ts';

/** Machines whose states have states. */
export const NESTED: Readonly<Record<string, () => Workflow>> = {
  'a state with states': () =>
    chart({ o: { initial: 'a', onDone: 'end', states: { a: at('x', 'b'), b: at('y', 'z'), z: final } } }),
  'two levels': () =>
    chart({
      o: {
        initial: 'i',
        onDone: 'end',
        states: {
          i: { initial: 'a', onDone: 'b', states: { a: at('x', 'z'), z: final } },
          b: at('y', 'z'),
          z: final,
        },
      },
    }),
  'three levels': () =>
    chart({
      o: {
        initial: 'i',
        onDone: 'end',
        states: {
          i: {
            initial: 'j',
            onDone: 'z',
            states: { j: { initial: 'a', onDone: 'z', states: { a: at('x', 'z'), z: final } }, z: final },
          },
          z: final,
        },
      },
    }),
  'a step above a step': () =>
    chart({ o: { ...at('whole', 'end'), initial: 'a', states: { a: at('x', 'b'), b: at('y', 'a') } } }),
  'a signal that the outer state hears': () =>
    chart({ o: { initial: 'a', on: { hello: 'end' }, states: { a: at('x', 'b'), b: at('y', 'a') } } }),
  'a signal that the inner state hears first': () =>
    chart({
      o: { initial: 'a', on: { hello: 'end' }, states: { a: { on: { hello: 'b' } }, b: at('x', 'a') } },
    }),
  'a signal forbidden inside': () =>
    chart({
      o: {
        initial: 'a',
        on: { hello: 'end' },
        states: { a: { on: { hello: {}, bye: 'b' } }, b: at('x', 'a') },
      },
    }),
  'a signal whose inner guard is shut': () =>
    chart({
      o: {
        initial: 'a',
        on: { hello: 'end' },
        states: { a: { on: { hello: { guard: below(2), actions: count } } } },
      },
    }),
  'a way into the depth': () =>
    chart({
      a: at('x', 'o.b'),
      o: {
        initial: 'c',
        onDone: 'end',
        on: { hello: 'a' },
        states: { b: at('y', 'c'), c: at('z', 'd'), d: final },
      },
    }),
  'a way by name': () =>
    chart({
      a: at('x', '#deep'),
      o: {
        initial: 'c',
        onDone: 'end',
        states: { b: { id: 'deep', ...at('y', 'c') }, c: at('z', 'd'), d: final },
      },
    }),
  'a way from above into itself': () =>
    chart({
      o: {
        initial: 'a',
        on: { hello: '.b' },
        onDone: 'end',
        entry: count,
        states: { a: at('x', 'b'), b: at('y', 'z'), z: final },
      },
    }),
  'a way that enters it again': () =>
    chart({
      o: {
        initial: 'a',
        on: { hello: { target: '.b', reenter: true } },
        onDone: 'end',
        entry: note('in'),
        exit: note('out'),
        states: { a: at('x', 'b'), b: at('y', 'z'), z: final },
      },
    }),
  'a way to its sibling and back': () =>
    chart({
      o: {
        initial: 'a',
        on: { hello: 'p' },
        onDone: 'end',
        states: { a: at('x', 'b'), b: at('y', 'z'), z: final },
      },
      p: { on: { hello: 'o' } },
    }),
  'an outer delay over inner steps': () =>
    chart({ o: { after: { 77: 'end' }, initial: 'a', states: { a: at('x', 'b'), b: at('y', 'a') } } }),
  'an inner delay under an outer step': () =>
    chart({
      o: {
        ...at('whole', 'end'),
        initial: 'a',
        states: { a: { after: { 12: 'b' } }, b: { after: { 17: 'a' }, entry: count } },
      },
    }),
  'a passage of the outer state': () =>
    chart({
      o: {
        always: { guard: ({ context }: { context: { n: number } }) => context.n > 2, target: 'end' },
        initial: 'a',
        states: { a: at('x', { target: 'b', actions: count }), b: at('y', { target: 'a', actions: count }) },
      },
    }),
  'a beginning with an action': () =>
    chart({
      o: {
        initial: { target: 'a', actions: note('begun') },
        onDone: 'end',
        states: { a: at('x', 'z'), z: final },
      },
    }),
  'words through all levels': () =>
    chart({
      o: {
        entry: note('o in'),
        exit: note('o out'),
        initial: 'i',
        onDone: { target: 'b', actions: note('done') },
        states: {
          i: { entry: note('i in'), exit: note('i out'), ...at('x', 'z') },
          z: { ...final, entry: note('z in') },
        },
      },
      b: at('y', 'end'),
    }),
  'a done that chooses': () =>
    chart({
      o: {
        initial: 'a',
        onDone: [{ guard: isEven, target: 'b' }, 'end'],
        states: { a: at('x', { target: 'z', actions: count }), z: final },
      },
      b: { entry: count, after: { 9: 'o' } },
    }),
  'two ends inside': () =>
    chart({
      o: {
        initial: 'a',
        onDone: 'end',
        states: {
          a: at('x', 'good', 'bad'),
          good: { ...final, entry: note('good') },
          bad: { ...final, entry: note('bad') },
        },
      },
    }),
  'an inner end with an answer': () =>
    chart({
      o: {
        initial: 'a',
        onDone: {
          target: 'b',
          actions: assign(({ event }) => ({ n: (event as unknown as { output: number }).output })),
        },
        states: { a: at('x', 'z'), z: { ...final, output: 42 } },
      },
      b: at('y', 'end'),
    }),
  'an event raised from inside': () =>
    chart({
      o: {
        initial: 'a',
        on: { OUT: 'end' },
        states: {
          a: at('x', 'b'),
          b: {
            entry: raise({ type: 'OUT' }, { id: 'out', delay: 21 }),
            exit: cancel('out'),
            ...at('y', 'a'),
          },
        },
      },
    }),
  'tags on all levels': () =>
    chart({
      o: {
        tags: ['outer'],
        initial: 'a',
        onDone: 'end',
        states: {
          a: { tags: ['inner'], ...at('x', 'b') },
          b: { tags: ['other'], ...at('y', 'z') },
          z: final,
        },
      },
    }),
  'history, shallow': () =>
    chart({
      o: {
        initial: 'a',
        on: { hello: 'p' },
        onDone: 'end',
        states: {
          a: at('x', 'b'),
          b: { initial: 'c', onDone: 'z', states: { c: at('y', 'd'), d: at('z', 'e'), e: final } },
          z: final,
          past: { type: 'history' },
        },
      },
      p: { on: { hello: 'o.past' } },
    }),
  'history, deep': () =>
    chart({
      o: {
        initial: 'a',
        on: { hello: 'p' },
        onDone: 'end',
        states: {
          a: at('x', 'b'),
          b: { initial: 'c', onDone: 'z', states: { c: at('y', 'd'), d: at('z', 'e'), e: final } },
          z: final,
          past: { type: 'history', history: 'deep' },
        },
      },
      p: { on: { hello: 'o.past' } },
    }),
  'history before there is any': () =>
    chart({
      p: { on: { hello: 'o.past', bye: 'o' } },
      o: {
        initial: 'a',
        on: { bye: 'p' },
        onDone: 'end',
        states: { a: at('x', 'b'), b: at('y', 'z'), z: final, past: { type: 'history', target: 'b' } },
      },
    }),
  'history after a delay': () =>
    chart({
      o: {
        initial: 'a',
        after: { 31: 'p' },
        onDone: 'end',
        states: { a: at('x', 'b'), b: at('y', 'z'), z: final, past: { type: 'history' } },
      },
      p: { entry: count, after: { 19: [{ guard: below(4), target: 'o.past' }, 'end'] } },
    }),
};
