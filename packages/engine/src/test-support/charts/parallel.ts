import type { Workflow } from '../../define/workflow.ts';
import { raise, stateIn } from '../../xstate/actions.ts';
import { at, below, chart, count, final, note } from './chart.ts';

const region = (id: string) => ({ initial: 'a', states: { a: at(id, 'z'), z: final } });

const both = (regions: Readonly<Record<string, object>>, rest: object = {}): Workflow =>
  chart({ p: { type: 'parallel', onDone: 'end', states: regions, ...rest } });

/** Machines that are in several states at once. */
export const PARALLEL: Readonly<Record<string, () => Workflow>> = {
  'two regions': () => both({ l: region('x'), r: region('y') }),
  'three regions': () => both({ l: region('x'), m: region('y'), r: region('z') }),
  'regions of different length': () =>
    both({ l: { initial: 'a', states: { a: at('x', 'b'), b: at('y', 'z'), z: final } }, r: region('w') }),
  'a region that ends at once': () => both({ l: { initial: 'z', states: { z: final } }, r: region('y') }),
  'a region with a delay': () =>
    both({ l: { initial: 'a', states: { a: { after: { 41: 'z' } }, z: final } }, r: region('y') }),
  'delays in each region': () =>
    both({
      l: { initial: 'a', states: { a: { after: { 23: 'z' } }, z: final } },
      r: { initial: 'a', states: { a: { after: { 29: 'b' } }, b: { after: { 31: 'z' } }, z: final } },
    }),
  'a signal for both regions': () =>
    both({
      l: { initial: 'a', states: { a: { on: { hello: 'z' } }, z: final } },
      r: { initial: 'a', states: { a: { on: { hello: 'b' } }, b: at('y', 'z'), z: final } },
    }),
  'a signal for the whole': () =>
    chart({
      p: { type: 'parallel', on: { hello: 'q' }, onDone: 'end', states: { l: region('x'), r: region('y') } },
      q: { on: { hello: 'p' } },
    }),
  'a region that waits for another': () =>
    both({
      l: region('x'),
      r: { initial: 'a', states: { a: { always: { guard: stateIn('#ready'), target: 'z' } }, z: final } },
      m: { initial: 'a', states: { a: at('y', 'b'), b: { id: 'ready', ...at('w', 'z') }, z: final } },
    }),
  'a region that calls another': () =>
    both({
      l: { initial: 'a', states: { a: at('x', { target: 'z', actions: raise({ type: 'GO' }) }), z: final } },
      r: { initial: 'a', states: { a: { on: { GO: 'b' } }, b: at('y', 'z'), z: final } },
    }),
  'a region within a region': () =>
    both({
      l: {
        initial: 'a',
        states: {
          a: { type: 'parallel', onDone: 'z', states: { one: region('x'), two: region('y') } },
          z: final,
        },
      },
      r: region('w'),
    }),
  'a region with states of states': () =>
    both({
      l: {
        initial: 'o',
        states: {
          o: { initial: 'a', onDone: 'z', states: { a: at('x', 'b'), b: at('y', 'z'), z: final } },
          z: final,
        },
      },
      r: region('w'),
    }),
  'a region that goes round': () =>
    both({
      l: {
        initial: 'a',
        states: {
          a: at('x', [{ guard: below(3), target: 'a', reenter: true, actions: count }, 'z']),
          z: final,
        },
      },
      r: region('y'),
    }),
  'one count for all regions': () =>
    both({
      l: { initial: 'a', states: { a: at('x', { target: 'z', actions: count }), z: final } },
      r: { initial: 'a', states: { a: at('y', { target: 'z', actions: count }), z: final } },
    }),
  'a step over the regions': () =>
    chart({
      p: {
        type: 'parallel',
        ...at('whole', 'end'),
        onDone: 'end',
        states: { l: region('x'), r: region('y') },
      },
    }),
  'words of both regions': () =>
    both({
      l: { entry: note('l in'), exit: note('l out'), ...region('x') },
      r: { entry: note('r in'), exit: note('r out'), ...region('y') },
    }),
  'tags of both regions': () =>
    both({ l: { tags: ['left'], ...region('x') }, r: { tags: ['right'], ...region('y') } }),
  'a root of regions': () =>
    chart(
      {},
      {
        type: 'parallel',
        initial: undefined,
        states: {
          l: region('x'),
          r: region('y'),
          lost: { id: 'lost', initial: 'a', states: { a: { on: { hello: 'z' } }, z: final } },
        },
      },
    ),
  'regions and what follows': () =>
    chart({
      p: {
        type: 'parallel',
        onDone: { target: 'q', actions: note('both') },
        states: { l: region('x'), r: region('y') },
      },
      q: at('w', 'end'),
    }),
  'regions entered in their depth': () =>
    chart({
      s: at('s', { target: ['#l2', '#r2'] }),
      p: {
        type: 'parallel',
        onDone: 'end',
        on: { hello: { target: '.l.a' } },
        states: {
          l: { initial: 'a', states: { a: at('x', 'b'), b: { id: 'l2', ...at('y', 'z') }, z: final } },
          r: {
            initial: 'a',
            on: { bye: '.a' },
            states: { a: at('v', 'b'), b: { id: 'r2', ...at('w', 'z') }, z: final },
          },
        },
      },
    }),
  'history of regions, deep': () =>
    chart({
      p: {
        type: 'parallel',
        on: { hello: 'q' },
        onDone: 'end',
        states: {
          l: { initial: 'a', states: { a: at('x', 'b'), b: at('y', 'z'), z: final } },
          r: region('w'),
          past: { type: 'history', history: 'deep' },
        },
      },
      q: { on: { hello: 'p.past' } },
    }),
  'history of one region': () =>
    chart({
      p: {
        type: 'parallel',
        on: { hello: 'q' },
        onDone: 'end',
        states: {
          l: {
            initial: 'a',
            states: { a: at('x', 'b'), b: at('y', 'z'), z: final, past: { type: 'history' } },
          },
          r: region('w'),
        },
      },
      q: { on: { hello: 'p.l.past' } },
    }),
};
