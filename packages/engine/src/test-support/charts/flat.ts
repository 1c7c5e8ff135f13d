import type { Workflow } from '../../define/workflow.ts';
import { and, assign, cancel, log, not, or, raise } from '../../xstate/actions.ts';
import { at, below, chart, count, final, hear, isEven, note, says, take } from './chart.ts';

/** Machines whose states have no states of their own. */
export const FLAT: Readonly<Record<string, () => Workflow>> = {
  'one step': () => chart({ a: at('x', 'end') }),
  'two steps': () => chart({ a: at('x', 'b'), b: at('y', 'end') }),
  'an answer taken into the context': () =>
    chart({ a: at('x', { target: 'b', actions: take }), b: at('y', 'end') }),
  'a loop with a bound': () =>
    chart({
      a: at('x', [{ guard: below(3), target: 'a', reenter: true, actions: count }, { target: 'end' }]),
    }),
  'a step tried again on failure': () =>
    chart({
      a: at('x', 'end', [
        { guard: below(2), target: 'a', reenter: true, actions: count },
        { target: '#lost' },
      ]),
    }),
  'a target without entering again': () =>
    chart({
      a: { ...at('x', [{ guard: below(1), target: 'a', actions: count }, 'end']), after: { 70: 'end' } },
    }),
  'an answer that leads nowhere': () => chart({ a: { ...at('x', { actions: take }), after: { 90: 'end' } } }),
  'an answer that chooses': () =>
    chart({ a: at('x', [{ guard: isEven, target: 'b' }, 'end']), b: at('y', 'end') }),
  'a failure with a way of its own': () => chart({ a: at('x', 'end', 'b'), b: at('y', 'end') }),
  'two steps in one state': () =>
    chart({ a: { invoke: [at('x', 'b').invoke, at('y', { actions: count }).invoke] }, b: at('z', 'end') }),
  'a state passed through': () =>
    chart({ a: at('x', 'b'), b: { entry: count, always: 'c' }, c: at('y', 'end') }),
  'a choice without an event': () =>
    chart({
      a: at('x', { target: 'b', actions: take }),
      b: { always: [{ guard: isEven, target: 'end' }, 'c'] },
      c: at('y', 'end'),
    }),
  'a step that nobody sees': () => chart({ a: { ...at('unseen', 'end'), always: 'b' }, b: at('y', 'end') }),
  'a chain of passages': () =>
    chart({
      a: { always: 'b' },
      b: { entry: count, always: 'c' },
      c: { entry: count, always: 'd' },
      d: at('x', 'end'),
    }),
  'a passage that opens later': () =>
    chart({
      a: { always: { guard: not(below(2) as never), target: 'end' }, on: { hello: { actions: count } } },
    }),
  'a delay': () => chart({ a: { after: { 30: 'b' } }, b: at('x', 'end') }),
  'a delay that races a step': () =>
    chart({ a: { ...at('x', 'end'), after: { 40: 'b' } }, b: at('y', 'end') }),
  'two delays': () => chart({ a: { after: { 20: { actions: count }, 50: 'end' } } }),
  'a delay that chooses': () =>
    chart({
      a: { ...at('x', { actions: count }), after: { 25: [{ guard: isEven, target: 'end' }, 'b'] } },
      b: at('y', 'end'),
    }),
  'a delay set again': () =>
    chart({ a: { after: { 60: 'end' }, on: { hello: { target: 'a', reenter: true } } } }),
  'an event raised on entry': () =>
    chart({ a: { entry: raise({ type: 'GO' }), on: { GO: 'b' } }, b: at('x', 'end') }),
  'an event raised on the way out': () =>
    chart({
      a: { ...at('x', 'b'), exit: raise({ type: 'GO' }) },
      b: { on: { GO: 'c' }, after: { 15: 'end' } },
      c: at('y', 'end'),
    }),
  'an event raised on the way': () =>
    chart({
      a: at('x', { target: 'b', actions: raise({ type: 'GO' }) }),
      b: { on: { GO: 'end' }, after: { 15: 'end' } },
    }),
  'two events raised in order': () =>
    chart({
      a: {
        entry: [raise({ type: 'ONE' }), raise({ type: 'TWO' })],
        on: { ONE: { actions: note('one') }, TWO: { target: 'b', actions: note('two') } },
      },
      b: at('x', 'end'),
    }),
  'an event raised later': () =>
    chart({ a: { entry: raise({ type: 'GO' }, { id: 'go', delay: 35 }), on: { GO: 'end' } } }),
  'an event raised later and cancelled': () =>
    chart({
      a: {
        ...at('x', 'b'),
        entry: raise({ type: 'GO' }, { id: 'go', delay: 35 }),
        exit: cancel('go'),
        on: { GO: 'end' },
      },
      b: { on: { GO: 'end' }, after: { 80: 'end' } },
    }),
  'an event raised later that outlives its state': () =>
    chart({
      a: { ...at('x', 'b'), entry: raise({ type: 'GO' }, { id: 'go', delay: 35 }), on: { GO: 'end' } },
      b: { ...at('y', 'end'), on: { GO: { actions: count } } },
    }),
  'an event raised later, cancelled and raised again': () =>
    chart({
      a: {
        entry: raise({ type: 'GO' }, { id: 'go', delay: 45 }),
        exit: cancel('go'),
        on: { hello: { target: 'a', reenter: true }, GO: 'end' },
      },
    }),
  'an event raised later twice under one name': () =>
    chart({
      a: { ...at('x', 'b'), entry: raise({ type: 'GO' }, { id: 'go', delay: 40 }), on: { GO: 'b' } },
      b: {
        entry: [
          raise({ type: 'GO' }, { id: 'go', delay: 25 }),
          raise({ type: 'ON' }, { id: 'go', delay: 55 }),
        ],
        on: { GO: { actions: count }, ON: 'end' },
      },
    }),
  'an event raised later without a name': () =>
    chart({
      a: {
        entry: [raise({ type: 'GO' }, { delay: 10 }), raise({ type: 'ON' }, { delay: 23 })],
        on: { GO: { actions: count }, ON: 'end' },
      },
    }),
  'a delay that depends': () =>
    chart({
      a: {
        entry: raise({ type: 'GO' }, { delay: ({ context }) => 10 * (context['n'] + 1) }),
        on: { GO: 'end' },
      },
    }),
  'a signal': () => chart({ a: { on: { hello: 'end' } } }),
  'a signal taken into the context': () =>
    chart({ a: { on: { hello: { target: 'b', actions: hear } } }, b: at('x', 'end') }),
  'a signal that has to say something': () =>
    chart({ a: { on: { hello: { guard: says(2), target: 'end', actions: hear } } } }),
  'a signal that chooses': () =>
    chart({
      a: { on: { hello: [{ guard: says(2), target: 'b' }, { actions: hear }], bye: 'end' } },
      b: at('x', 'end'),
    }),
  'a signal that only counts': () => chart({ a: { on: { hello: { actions: count }, bye: 'end' } } }),
  'a signal beside a step': () => chart({ a: { ...at('x', 'end'), on: { hello: 'b' } }, b: at('y', 'end') }),
  'a signal in time': () => chart({ a: { on: { hello: 'b' }, after: { 100: '#lost' } }, b: at('x', 'end') }),
  'a signal for any state': () =>
    chart({ a: at('x', 'b'), b: { after: { 55: 'end' } } }, { on: { hello: { actions: hear } } }),
  'a signal that ends any state': () =>
    chart({ a: at('x', 'b'), b: { after: { 55: 'end' } } }, { on: { hello: '.end' } }),
  'any signal': () =>
    chart({ a: { on: { '*': 'b' } }, b: { on: { hello: 'end', '*': { actions: count } } } }),
  'a cycle of signals': () =>
    chart({
      a: { on: { hello: 'b' } },
      b: { on: { bye: 'c' } },
      c: { on: { hello: 'a', bye: { guard: below(9), target: 'end' } }, entry: count },
    }),
  'a cycle of delays': () =>
    chart({
      a: { after: { 11: 'b' } },
      b: { entry: count, after: { 13: [{ guard: not(below(4) as never), target: 'end' }, 'a'] } },
    }),
  'words on the way in and out': () =>
    chart({
      a: { ...at('x', { target: 'b', actions: note('over') }), entry: note('in'), exit: note('out') },
      b: { ...at('y', 'end'), entry: note('in b'), exit: note('out b') },
    }),
  'guards joined': () =>
    chart({
      a: {
        on: {
          hello: { actions: count },
          bye: [
            { guard: and([isEven, not(below(2) as never)] as never), target: 'end' },
            { guard: or([isEven, below(2)] as never), actions: count },
          ],
        },
      },
    }),
  'several assigns at once': () =>
    chart({
      a: at('x', { target: 'b', actions: [take, count, note('done'), log('done')] }),
      b: { after: { 5: 'end' } },
    }),
  'an assign of single keys': () =>
    chart({
      a: at('x', { target: 'b', actions: assign({ n: ({ context }) => context['n'] + 5 }) }),
      b: at('y', 'end'),
    }),
  tags: () =>
    chart(
      { a: { ...at('x', 'b'), tags: ['busy', 'early'] }, b: { ...at('y', 'end'), tags: ['busy'] } },
      { tags: ['whole'] },
    ),
  'a step of the root': () =>
    chart(
      { a: at('x', 'b'), b: { after: { 33: 'end' } } },
      { invoke: at('whole', { actions: count }).invoke },
    ),
  'a delay of the root': () => chart({ a: at('x', 'b'), b: at('y', 'end') }, { after: { 120: '.end' } }),
  'an end with an answer': () =>
    chart(
      { a: at('x', 'given'), given: { ...final, output: 7 }, b: at('y', 'end') },
      { initial: 'b', on: { hello: '.a' } },
    ),
};
