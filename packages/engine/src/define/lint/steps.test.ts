import { expect, test } from 'vitest';
import { z } from 'zod';
import { ask, ends, lookUp, problemsOf, prompt, text } from '../../test-support/problems-of.ts';
import type { Step } from '../step.ts';
import { classify, code, execute, reason, tool } from '../steps.ts';
import type { WorkflowDefinition } from '../workflow.ts';

/** The problems of a step, in a machine that is fine. */
const problemsOfStep = (step: Step) =>
  problemsOf({ a: { invoke: ask }, ...ends }, { steps: { ask: lookUp, odd: step } });

const fine = { a: { invoke: ask }, ...ends };

test.each<[string, Partial<WorkflowDefinition>, string]>([
  [
    'id',
    { id: 'a/b' },
    '`a/b` will not do as the workflow id. Use a letter, then letters, digits, `_` or `-`, 64 at most.',
  ],
  ['budget of time', { budget: { totalMs: 0 } }, '`budget.totalMs` is 0. Give a number above 0.'],
  ['budget of money', { budget: { totalMs: 5, usd: -1 } }, '`budget.usd` is -1. Give a number above 0.'],
  [
    'step name',
    { steps: { ask: lookUp, '': lookUp } },
    '`` will not do as the step name. Use a letter, then letters, digits, `_` or `-`, 64 at most.',
  ],
  [
    'a step name that every object has',
    { steps: { ask: lookUp, constructor: lookUp } },
    '`constructor` will not do as the step name: every JavaScript object has that. Choose another.',
  ],
])('%s', (_, parts, problem) => {
  expect(problemsOf(fine, parts)).toContain(problem);
});

const base = { input: text, output: text, prompt };
const pay = tool({ description: 'Pays', input: text, effect: 'once', run: () => 1 });

test.each<[string, Step, string]>([
  ['totalMs', reason({ ...base, totalMs: Number.NaN }), '`totalMs` is NaN. Give a number above 0.'],
  ['expectedMs', reason({ ...base, expectedMs: -1 }), '`expectedMs` is -1. Give a number above 0.'],
  [
    'expected above allowed',
    reason({ ...base, expectedMs: 9, totalMs: 5 }),
    'it is expected to take 9 ms but may take 5 ms. Raise `totalMs` or lower `expectedMs`.',
  ],
  ['limits', reason({ ...base, limits: { chunkMs: 0 } }), '`limits.chunkMs` is 0. Give a number above 0.'],
  [
    'tokens',
    reason({ ...base, maxOutputTokens: 1.5 }),
    `\`maxOutputTokens\` is 1.5. Give a whole number from 1 to ${Number.MAX_SAFE_INTEGER}.`,
  ],
  ['temperature', reason({ ...base, temperature: 3 }), '`temperature` is 3. Give a number from 0 to 2.'],
  [
    'output',
    reason({ ...base, output: z.date() }),
    '`output` cannot be shown to a model: Date cannot be represented in JSON Schema. Use a JSON type, such as an ISO string for a date.',
  ],
  [
    'one label',
    classify({ input: text, labels: ['a'], prompt }),
    'there is nothing to choose. Give at least two `labels`.',
  ],
  [
    'empty label',
    classify({ input: text, labels: ['a', ' '], prompt }),
    'a label is empty. Name or remove it.',
  ],
  [
    'repeated label',
    classify({ input: text, labels: ['a', 'b', 'a'], prompt }),
    'the label `a` stands twice. Remove one.',
  ],
  [
    'no tool calls',
    execute({ ...base, tools: {}, maxToolCalls: 0 }),
    '`maxToolCalls` is 0. Give a whole number from 1 to 100.',
  ],
  [
    'many tool calls',
    execute({ ...base, tools: {}, maxToolCalls: 101 }),
    '`maxToolCalls` is 101. Give a whole number from 1 to 100.',
  ],
  [
    'tool name',
    execute({ ...base, tools: { 'pay it': pay } }),
    '`pay it` will not do as the tool name. Use a letter, then letters, digits, `_` or `-`, 64 at most.',
  ],
  [
    'tool description',
    execute({ ...base, tools: { pay: { ...pay, description: ' ' } } }),
    'tool `pay`: it has no description. Say when the model should call it.',
  ],
  [
    'tool time',
    execute({ ...base, tools: { pay: { ...pay, toolMs: 0 } } }),
    'tool `pay`: `toolMs` is 0. Give a number above 0.',
  ],
  [
    'tool once',
    execute({ ...base, tools: { pay: { ...pay, attempts: 2 } } }),
    'tool `pay`: its effect is `once` but it may be tried 2 times. Leave `attempts` out, or make the effect `idempotent`.',
  ],
  [
    'tool input',
    execute({ ...base, tools: { pay: { ...pay, input: z.map(z.string(), z.string()) } } }),
    '`tools` cannot be shown to a model: Map cannot be represented in JSON Schema. Use a JSON type, such as an ISO string for a date.',
  ],
  [
    'once',
    code({ ...lookUp, effect: 'once', attempts: 3 }),
    'its effect is `once` but it may be tried 3 times. Leave `attempts` out, or make the effect `idempotent`.',
  ],
  ['attempts', code({ ...lookUp, attempts: 0 }), '`attempts` is 0. Give a whole number from 1 to 20.'],
  [
    'visits',
    code({ ...lookUp, maxVisits: 0 }),
    '`maxVisits` is 0. Give a whole number from 1 to 9007199254740991.',
  ],
  [
    'nothing to undo',
    code({ ...lookUp, effect: 'pure', compensate: () => {} }),
    'its effect is `pure`, so there is nothing to undo. Remove `compensate` or correct `effect`.',
  ],
  [
    'tries to undo',
    code({ ...lookUp, effect: 'once', compensate: () => {}, compensateAttempts: 0 }),
    '`compensateAttempts` is 0. Give a whole number from 1 to 20.',
  ],
  [
    'time to undo',
    code({ ...lookUp, effect: 'once', compensate: () => {}, compensateMs: 0 }),
    '`compensateMs` is 0. Give a number above 0.',
  ],
  [
    'no way to undo',
    code({ ...lookUp, effect: 'once', compensateMs: 10 }),
    'it says how to compensate but has no `compensate`. Add it, or remove the rest.',
  ],
])('%s', (_, step, problem) => {
  expect(problemsOfStep(step)).toEqual([`In step \`odd\`: ${problem}`]);
});

test('a `once` step may say that it is tried once', () => {
  expect(problemsOfStep(code({ ...lookUp, effect: 'once', attempts: 1 }))).toEqual([]);
});

test('a machine without output is fine if the workflow has none', () => {
  expect(problemsOf(fine, { output: z.undefined(), root: { output: undefined } })).toEqual([]);
});
