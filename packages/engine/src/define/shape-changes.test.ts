import { describe, expect, test } from 'vitest';
import { and, assign } from 'xstate';
import { z } from 'zod';
import type { RawNode } from './chart.ts';
import { workflowShape } from './hash.ts';
import { shapeChanges, shapeDifference } from './shape-changes.ts';
import type { Step } from './step.ts';
import { classify, code, execute, tool } from './steps.ts';

const text = z.object({ text: z.string() });
const prompt = () => 'Do it.';
const triage = classify({ input: text, labels: ['a', 'b'], prompt });
const pay = tool({ description: 'Pays', input: text, effect: 'once', run: () => 1 });
const act = execute({ input: text, output: text, tools: { pay }, prompt });
const tell = code({ input: text, output: text, effect: 'pure', run: ({ input }) => input });
const steps: Record<string, Step> = { triage, act, tell };

const isLong = ({ context }: never) => context > 1;

const triaging: RawNode = {
  entry: assign({ n: 1 }),
  invoke: {
    id: 'triage',
    src: 'triage',
    onDone: [{ guard: isLong, target: 'planning' }, { target: 'done' }],
    onError: 'done',
  },
  after: { 500: 'done' },
};
const planning: RawNode = {
  invoke: { id: 'plan', src: 'act', onDone: { target: 'done' } },
  on: { STOP: 'done' },
};
const config: RawNode = {
  initial: 'triaging',
  states: { triaging, planning, done: { type: 'final' } },
};
const base = { id: 'm', config, steps, signals: { go: text } };
const before = workflowShape(base);

const withConfig = (part: Partial<RawNode>) => workflowShape({ ...base, config: { ...config, ...part } });
const inTriaging = (part: Partial<RawNode>) =>
  withConfig({ states: { ...config.states, triaging: { ...triaging, ...part } } });
const inPlanning = (part: Partial<RawNode>) =>
  withConfig({ states: { ...config.states, planning: { ...planning, ...part } } });
const onDone = (...branches: object[]) =>
  inTriaging({ invoke: { id: 'triage', src: 'triage', onDone: branches, onError: 'done' } });
const withSteps = (part: Record<string, Step>) => workflowShape({ ...base, steps: { ...steps, ...part } });

test('nothing has changed', () => {
  expect(shapeChanges(before, before)).toEqual([]);
  expect(shapeDifference(before, before)).toBe('');
});

describe('a change is named with its place', () => {
  test.each([
    [
      'a state is gone',
      withConfig({ states: { triaging, done: {} } }),
      ['state `planning` is gone', 'type of state `done` is gone'],
    ],
    [
      'a new state',
      withConfig({ states: { ...config.states, more: { states: { deep: {} } } } }),
      ['state `more` is new'],
    ],
    ['an invoke is gone', inPlanning({ invoke: [] }), ['invoke `plan` of state `planning` is gone']],
    [
      'an invoke of another step',
      inPlanning({ invoke: { id: 'plan', src: 'tell', onDone: { target: 'done' } } }),
      ['src of invoke `plan` of state `planning` changed from "act" to "tell"'],
    ],
    [
      'an edited guard',
      onDone({ guard: and([isLong as never]), target: 'planning' }, { target: 'done' }),
      ['guard of onDone of invoke `triage` of state `triaging` changed'],
    ],
    [
      'another target',
      onDone({ guard: isLong, target: 'planning' }, { target: 'planning' }),
      ['target of onDone, branch 2 of invoke `triage` of state `triaging` changed from "done" to "planning"'],
    ],
    [
      'one branch less',
      onDone({ guard: isLong, target: 'planning' }),
      ['onDone, branch 2 of invoke `triage` of state `triaging` is gone'],
    ],
    [
      'a guard where there was none',
      inTriaging({ after: { 500: { target: 'done', guard: isLong } } }),
      ['guard of after 500 of state `triaging` is new'],
    ],
    [
      'another delay',
      inTriaging({ after: { 900: 'done' } }),
      ['after 500 of state `triaging` is gone', 'after 900 of state `triaging` is new'],
    ],
    [
      'an event',
      inPlanning({ on: { HALT: 'done' } }),
      ['on `STOP` of state `planning` is gone', 'on `HALT` of state `planning` is new'],
    ],
    ['an assignment', inTriaging({ entry: assign({ n: 2 }) }), ['entry of state `triaging` changed']],
    ['a way out at once', inPlanning({ always: 'done' }), ['always of state `planning` is new']],
    [
      'the first state',
      withConfig({ initial: 'planning' }),
      ['initial of the machine changed from "triaging" to "planning"'],
    ],
    [
      'labels',
      withSteps({ triage: { ...triage, labels: ['a', 'c'] } }),
      ['labels of step `triage` changed from ["a","b"] to ["a","c"]'],
    ],
    [
      'an effect',
      withSteps({ tell: { ...tell, effect: 'once' } }),
      ['effect of step `tell` changed from "pure" to "once"'],
    ],
    [
      'a schema, where it differs',
      withSteps({ tell: { ...tell, input: z.object({ text: z.number() }) } }),
      ['input.properties.text.type of step `tell` changed from "string" to "number"'],
    ],
    [
      'too long a value to show',
      withSteps({ triage: { ...triage, labels: ['a'.repeat(80)] } }),
      ['labels of step `triage` changed'],
    ],
    ['a new step', withSteps({ more: tell }), ['step `more` is new']],
    ['a signal', workflowShape({ ...base, signals: {} }), ['signal `go` is gone']],
  ])('%s', (_, after, changes) => {
    expect(shapeChanges(before, after)).toEqual(changes);
  });

  test('a target says the same however it is written', () => {
    expect(shapeChanges(before, inPlanning({ on: { STOP: { target: ['done'] } } }))).toEqual([]);
  });
});

test('a message names five differences and counts the others', () => {
  const labels = ['1', '2', '3', '4', '5', '6', '7'];
  const after = withSteps(Object.fromEntries(labels.map((name) => [name, tell])));
  expect(shapeDifference(before, after)).toBe(
    'step `1` is new; step `2` is new; step `3` is new; step `4` is new; step `5` is new; and 2 more',
  );
});
