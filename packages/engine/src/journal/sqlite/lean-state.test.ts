import type { Json } from '@paceline/gateway';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchOf } from '../../conformance/batches.ts';
import type { PendingStep, RunRecord } from '../../run/record.ts';
import { stepToken } from '../../run/token.ts';
import { leanState, wholeState } from './lean-state.ts';
import { stateText } from './rows.ts';

const { record } = batchOf('a/run', 7);

type State = Pick<RunRecord, 'runId' | 'visits' | 'snapshot' | 'pending'>;

/** As it is read back from a row. */
function again(state: State): Pick<RunRecord, 'snapshot' | 'pending'> {
  return wholeState(state, JSON.parse(JSON.stringify(leanState(state))));
}

function stepOf(id: string, given: Partial<PendingStep> = {}): PendingStep {
  const token = stepToken({ runId: 'a/run', seq: 3 }, id, given.visit ?? 1);
  return { token, invokeId: id, step: 'look', visit: 1, input: { n: 1 }, progress: [], ...given };
}

function childOf({ input, step }: PendingStep): { snapshot: { [key: string]: Json }; src: string } {
  return { snapshot: { status: 'active', input }, src: step };
}

/** Ids as authors choose them; a key that is a number would come before the others. */
const ids = fc.string({ minLength: 1, maxLength: 4 }).filter((id) => id !== '__proto__');

const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);

/** A step, and how the machine's child differs from it, if it does. */
const steps = fc.dictionary(
  ids,
  fc.record({
    step: fc.record(
      {
        visit: fc.integer({ min: 1, max: 3 }),
        input: json,
        step: fc.constantFrom('look', 'act'),
        progress: fc.constantFrom(
          [],
          [{ type: 'tool-start', toolCallId: 'c', tool: 't', input: 1 } as const],
        ),
        workedMs: fc.constant(5),
        token: fc.constantFrom('elsewhere/1/x/1', 'a/run/2/x/1', 'a/run', ''),
        invokeId: ids,
      },
      { requiredKeys: ['input'] },
    ),
    child: fc.constantFrom('as said', 'none', 'done', 'other input', 'other source', 'more', 'less'),
  }),
  { maxKeys: 3 },
);

test('whatever a state is, it is the same again, to the byte', () => {
  fc.assert(
    fc.property(
      steps,
      fc.record({
        visits: fc.dictionary(ids, fc.integer({ min: 1, max: 3 })),
        status: fc.constantFrom('active', 'done', 'error'),
        rest: fc.record({ output: json, error: json }, { requiredKeys: [] }),
        historyValue: fc.constantFrom({}, { a: [{ id: 'a.b' }] }),
        alone: fc.boolean(),
        turned: fc.boolean(),
        isOther: fc.boolean(),
      }),
      (given, { visits, status, rest, historyValue, alone, turned, isOther }) => {
        const pending = Object.fromEntries(
          Object.entries(given).map(([id, { step }]) => [id, stepOf(id, step as Partial<PendingStep>)]),
        );
        const children: Record<string, unknown> = alone ? { alone: childOf(stepOf('alone')) } : {};
        const order = Object.entries(given);
        for (const [id, { child }] of turned ? order.toReversed() : order) {
          const said = childOf(pending[id]!);
          if (child === 'none') continue;
          if (child === 'done') said.snapshot['status'] = 'done';
          if (child === 'other input') said.snapshot['input'] = { other: true };
          if (child === 'other source') said.src = 'other';
          if (child === 'more') said.snapshot['context'] = 1;
          if (child === 'less') delete said.snapshot['input'];
          children[id] = said;
        }
        const machine = { status, value: 'a', context: { n: 1 }, ...rest, children, historyValue };
        const snapshot = (isOther ? { context: { n: 1 } } : machine) as Json;
        const state = { runId: 'a/run', visits, snapshot, pending };
        expect(JSON.stringify(again(state))).toBe(JSON.stringify({ snapshot, pending }));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('children that stand in another order than the steps keep theirs', () => {
  const [one, two] = [stepOf('one'), stepOf('two')] as const;
  const children = { two: childOf(two), one: childOf(one) };
  const snapshot = { status: 'active', value: 'a', context: {}, children, historyValue: {} } as Json;
  const state = { runId: 'a/run', visits: { one: 1, two: 1 }, snapshot, pending: { one, two } };
  expect(JSON.stringify(again(state).snapshot)).toBe(JSON.stringify(snapshot));
});

test('a machine that failed before it had a state', () => {
  expect(again({ ...record, snapshot: null, pending: {} })).toEqual({ snapshot: null, pending: {} });
});

test('what a step is given stands in the row once', () => {
  const look = stepOf('look', { input: { text: 'x'.repeat(1_000) } });
  const snapshot = {
    status: 'active',
    value: 'a',
    context: {},
    children: { look: childOf(look) },
    historyValue: {},
  };
  const text = stateText({ ...record, visits: { look: 1 }, snapshot, pending: { look } });
  expect(text.length).toBeLessThan(1_000 + 200);
  expect(text).not.toContain('children');
  expect(text).not.toContain('a/run');
});
