import { expect, test } from 'vitest';
import { ask, ends, lookUp, problemsOf, prompt, text } from '../../test-support/problems-of.ts';
import type { Effect, Step, Tool } from '../step.ts';
import { code, execute, tool } from '../steps.ts';

const problemsOfStep = (step: Step) =>
  problemsOf({ a: { invoke: ask }, ...ends }, { steps: { ask: lookUp, odd: step } });

const pay = (parts: Partial<Tool> = {}): Tool =>
  ({ ...tool({ description: 'Pays', input: text, effect: 'once', run: () => 1 }), ...parts }) as Tool;

const acting = (given: Tool, onUncertain?: 'error' | 'wait') =>
  execute({ input: text, output: text, prompt, tools: { pay: given }, ...(onUncertain && { onUncertain }) });

const working = (effect: Effect, onUncertain: unknown) =>
  code({ ...lookUp, effect, onUncertain: onUncertain as 'wait' });

const NO_DOUBT =
  'In step `odd`: nothing in it takes effect `once`, so nothing can be in doubt. Remove `onUncertain` or correct `effect`.';

test.each<[string, Step]>([
  ['a `once` step whose doubts wait', working('once', 'wait')],
  ['a `once` step whose doubts fail it', working('once', 'error')],
  ['a `pure` step that says what is so anyway', working('pure', 'error')],
  ['a step with a `once` tool', acting(pay(), 'wait')],
  ['a tool that always asks', acting(pay({ approval: 'required' }))],
  ['a tool that asks now and then', acting(pay({ approval: () => false }))],
])('%s is fine', (_, step) => {
  expect(problemsOfStep(step)).toEqual([]);
});

test.each<[string, Step, string]>([
  ['a `pure` step', working('pure', 'wait'), NO_DOUBT],
  ['an `idempotent` step', working('idempotent', 'wait'), NO_DOUBT],
  ['no `once` tool', acting(pay({ effect: 'idempotent' }), 'wait'), NO_DOUBT],
  ['another word', working('once', 'ask'), "In step `odd`: `onUncertain` is ask. Give 'error' or 'wait'."],
  [
    'an approval that is neither',
    acting(pay({ approval: true as never })),
    "In step `odd`: tool `pay`: `approval` is true. Give 'required' or a function of the arguments.",
  ],
])('%s is not', (_, step, problem) => {
  expect(problemsOfStep(step)).toEqual([problem]);
});
