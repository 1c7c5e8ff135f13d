import { z } from 'zod';
import { child } from '../define/child.ts';
import { map } from '../define/map.ts';
import type { Step } from '../define/step.ts';
import { code } from '../define/steps.ts';
import { assign } from '../xstate/actions.ts';
import type { Case } from './case-conformance.ts';
import { at, counting } from './machines.ts';
import type { Args } from './machines.ts';
import { add, cancelling, fail, hang } from './steps-conformance.ts';

const Count = z.object({ n: z.number() });

/** One step; its failure is the run's. */
const inner = (step: Step) => counting({ step }, { inner: at('step') }, { failed: 'failed' });
const outer = (step: Step) => counting({ step }, { outer: at('step') }, { failed: 'failed' });

/** Three items of it: the run's output is their sum, or how many of them failed below 0. */
function many(each: Step) {
  const actions = assign(({ event }: Args) => ({ n: sumOf(event.output as readonly Ended[]) }));
  const input = [{ n: 1 }, { n: 2 }, { n: 3 }];
  return counting({ each }, { one: at('each', { input, onDone: { target: 'done', actions } }) });
}

type Ended = z.output<typeof Count> | { readonly ok: boolean };

function sumOf(ended: readonly Ended[]): number {
  return ended.reduce((sum, each) => sum + ('n' in each ? each.n : each.ok ? 0 : -1), 0);
}

/** Fails for 2. */
const picky = code({
  input: Count,
  output: Count,
  effect: 'pure',
  run: ({ input }) => {
    if (input.n === 2) throw new Error('as it should');
    return input;
  },
});

const ITEMS = ['each[0]', 'each[1]', 'each[2]'];

/** Runs within runs, and lists. All workflows take `{ n: 0 }`. */
export const NESTED: Readonly<Record<string, Case>> = {
  'a child gives its output to its parent': {
    expected: { status: 'succeeded', output: { n: 1 }, steps: ['step'] },
    prepare: () => ({ workflow: outer(child(inner(add))) }),
  },
  'a child that fails fails its step': {
    expected: { status: 'failed', code: 'STEP_FAILED', steps: ['step!'] },
    prepare: () => ({ workflow: outer(child(inner(fail))) }),
  },
  'a child has no more time than its parent’s step': {
    expected: { status: 'failed', code: 'DEADLINE_EXCEEDED', steps: ['step!'] },
    prepare: () => ({ workflow: outer({ ...child(inner(hang)), totalMs: 100 }) }),
  },
  'a cancel reaches the child': {
    expected: { status: 'cancelled', code: 'CANCELLED', steps: ['step!'] },
    prepare: () => {
      const caller = new AbortController();
      return { workflow: outer(child(inner(cancelling(caller)))), options: { signal: caller.signal } };
    },
  },
  'a list is done item by item': {
    expected: { status: 'succeeded', output: { n: 9 }, steps: [...ITEMS, 'each'] },
    prepare: () => ({ workflow: many(map(add)) }),
  },
  'an item that fails fails the list': {
    expected: { status: 'degraded', output: { n: 0 }, steps: ['each[0]', 'each[1]!', 'each!'] },
    prepare: () => ({ workflow: many(map(picky, { concurrency: 1 })) }),
  },
  'failures are collected': {
    expected: { status: 'succeeded', output: { n: -1 }, steps: ['each[0]', 'each[1]!', 'each[2]', 'each'] },
    prepare: () => ({ workflow: many(map(picky, { failure: 'collect', concurrency: 1 })) }),
  },
  'every item may be a child': {
    expected: { status: 'succeeded', output: { n: 9 }, steps: [...ITEMS, 'each'] },
    prepare: () => ({ workflow: many(map(child(inner(add)), { concurrency: 1 })) }),
  },
};
