import { describe, expect, test } from 'vitest';
import { flow } from '../test-support/nested.ts';
import { ask, ends, lookUp, problemsOf, prompt, text } from '../test-support/problems-of.ts';
import { asWorkflow } from '../test-support/workflows.ts';
import { child, workflowsWithin } from './child.ts';
import { map } from './map.ts';
import type { Step } from './step.ts';
import { code, execute, tool } from './steps.ts';
import { workflowInfo } from './workflow.ts';

const problemsOfStep = (step: Step) =>
  problemsOf({ a: { invoke: ask }, ...ends }, { steps: { ask: lookUp, odd: step } });

const pay = tool({ description: 'Pays', input: text, effect: 'once', approval: 'required', run: () => 1 });

test.each<[string, Step, string]>([
  [
    'no concurrency',
    map(lookUp, { concurrency: 0 }),
    '`concurrency` is 0. Give a whole number from 1 to 64.',
  ],
  [
    'too much of it',
    map(lookUp, { concurrency: 65 }),
    '`concurrency` is 65. Give a whole number from 1 to 64.',
  ],
  [
    'none to succeed',
    map(lookUp, { failure: { atLeast: 0 } }),
    '`failure.atLeast` is 0. Give a whole number from 1.',
  ],
  [
    'what its items may not be',
    map({ ...lookUp, attempts: 99 }),
    'its items: `attempts` is 99. Give a whole number from 1 to 20.',
  ],
  [
    'an item’s own visits',
    map({ ...lookUp, maxVisits: 2 }),
    '`expectedMs` and `maxVisits` are for visits, and its items are none. Give them to the `map`.',
  ],
  [
    'an item to be undone',
    map(code({ ...lookUp, effect: 'idempotent', compensate: () => {} })),
    'an item is not undone by itself. Give it a `child` whose step has the `compensate`.',
  ],
  [
    'an item that waits for a person',
    map(code({ ...lookUp, effect: 'once', onUncertain: 'wait' })),
    'an item cannot wait for a person. Give it a `child` whose step does.',
  ],
  [
    'an item whose tool waits for one',
    map(execute({ input: text, output: text, prompt, tools: { pay } })),
    'an item cannot wait for a person. Give it a `child` whose step does.',
  ],
])('refuses %s', (_, step, problem) => {
  expect(problemsOfStep(step)).toEqual([`In step \`odd\`: ${problem}`]);
});

test('accepts maps and children as they are meant', () => {
  const inner = flow('inner', lookUp);
  for (const step of [map(lookUp), map(child(inner), { failure: 'collect', expectedMs: 5 }), child(inner)]) {
    expect(problemsOfStep(step)).toEqual([]);
  }
  expect(() => map(map(lookUp) as never)).toThrow('`map` takes a step made by');
  expect(() => map(undefined as never)).toThrow('`map` takes a step made by');
});

test('what is within a workflow is found once, however often it is used', () => {
  const inner = flow('inner', lookUp);
  const middle = flow('middle', map(child(inner)));
  const all = workflowsWithin([flow('outer', child(middle)), inner].map(asWorkflow));
  expect([...all].map((workflow) => workflowInfo(workflow).id)).toEqual(['outer', 'inner', 'middle']);
});

const hashOf = (step: Step) => workflowInfo(flow('outer', step)).hash;
const once = code({ input: text, output: text, effect: 'once', run: ({ input }) => input });
const of = (step: Step) => child(flow('inner', step));

describe('the hash of a workflow', () => {
  test('moves with what is within it', () => {
    expect(hashOf(of(once))).not.toBe(hashOf(of(lookUp)));
    expect(hashOf(child(flow('other', lookUp)))).not.toBe(hashOf(of(lookUp)));
    expect(hashOf(map(once))).not.toBe(hashOf(map(lookUp)));
    expect(hashOf(map(lookUp, { failure: 'collect' }))).not.toBe(hashOf(map(lookUp)));
    expect(hashOf(map(of(once)))).not.toBe(hashOf(map(of(lookUp))));
  });

  test('does not move with limits', () => {
    expect(hashOf(map(lookUp, { concurrency: 9, totalMs: 5 }))).toBe(hashOf(map(lookUp)));
    expect(hashOf({ ...of(lookUp), totalMs: 5 })).toBe(hashOf(of(lookUp)));
    expect(hashOf(of(code({ ...lookUp, run: () => ({ text: 'other' }) })))).toBe(hashOf(of(lookUp)));
  });
});
