import { expect, test } from 'vitest';
import { emit } from 'xstate';
import { ask, definition, ends, problemsOf } from '../../test-support/problems-of.ts';
import { setupWorkflow } from '../setup-workflow.ts';

test('a machine with nothing wrong is accepted', () => {
  expect(problemsOf({ a: { invoke: ask }, ...ends })).toEqual([]);
});

test('all problems are listed, each with its place and its mend', () => {
  const states = {
    a: { invoke: { ...ask, src: 'aks', onError: undefined } },
    lost: { entry: emit({ type: 'X' }) },
    ...ends,
  };
  expect(() =>
    setupWorkflow(definition).createMachine({ initial: 'a', context: { text: '' }, states } as never),
  ).toThrow(
    [
      'Workflow `support` has 6 problems:',
      "In state `a`: `src: 'aks'` names no step. Did you mean `ask`? The steps are: ask, act.",
      'In state `a`: invoke `ask` has no error path: the run would fail with it. Add `onError`, e.g. to a final state tagged `degraded`.',
      'In state `lost`: `emit` reaches nobody. Listen to the events of the engine.',
      'In the root of the machine: `output` is missing, so no run could end well. Add `output: ({ context }) => ...`.',
      'In state `lost`: nothing leads here. Target it in a transition, or remove it.',
      'In state `handoff`: nothing leads here. Target it in a transition, or remove it.',
    ].join('\n  - '),
  );
});

test('what only XState finds is said in its words', () => {
  const setup = setupWorkflow(definition);
  const config = {
    initial: 'a',
    context: { text: '' },
    output: { text: '' },
    on: { '': '.a' },
    states: { a: { invoke: ask }, ...ends },
  };
  expect(() => setup.createMachine(config as never)).toThrow(
    /^Workflow `support` is refused by XState: Null events/,
  );
});
