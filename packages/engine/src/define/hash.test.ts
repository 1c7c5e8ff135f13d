import { describe, expect, test } from 'vitest';
import { and, assign, log, raise } from 'xstate';
import { z } from 'zod';
import type { RawNode } from './chart.ts';
import { shapeHash, workflowShape } from './hash.ts';
import type { Shaped } from './hash.ts';
import type { Step } from './step.ts';
import { classify, code, execute, reason, tool } from './steps.ts';

const text = z.object({ text: z.string() });
const prompt = () => 'Do it.';
const triage = classify({ input: text, labels: ['a', 'b'], prompt });
const pay = tool({ description: 'Pays', input: text, effect: 'once', run: () => 1 });
const act = execute({ input: text, output: text, tools: { pay }, prompt });
const tell = code({ input: text, output: text, effect: 'pure', run: ({ input }) => input });

const config: RawNode = {
  initial: 'a',
  states: {
    a: { always: { guard: ({ context }: never) => context === 1, target: 'b' }, entry: assign({ n: 1 }) },
    b: {},
  },
};
const base = {
  id: 'm',
  config,
  steps: { triage, act, tell } as Record<string, Step>,
  signals: { go: text },
};
const workflowHash = (shaped: Shaped): string => shapeHash(workflowShape(shaped));
const hash = workflowHash(base);

const inA = (part: object) =>
  workflowHash({
    ...base,
    config: { ...config, states: { a: { ...config.states?.['a'], ...part }, b: {} } },
  });
const withStep = (name: string, step: Step) =>
  workflowHash({ ...base, steps: { ...base.steps, [name]: step } });

test('is a SHA-256 in hex, and does not move', () => {
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(workflowHash(base)).toBe(hash);
});

describe('moves with what decides how a recorded run goes on', () => {
  test.each([
    ['the id', workflowHash({ ...base, id: 'n' })],
    ['a new signal', workflowHash({ ...base, signals: { go: text, stop: text } })],
    ['the payload of a signal', workflowHash({ ...base, signals: { go: z.object({ text: z.number() }) } })],
    ['a target', inA({ always: 'b' })],
    ['a new state', workflowHash({ ...base, config: { ...config, states: { ...config.states, c: {} } } })],
    ['an edited guard', inA({ always: { guard: ({ context }: never) => context === 2, target: 'b' } })],
    ['a guard inside another', inA({ always: { guard: and([() => true]), target: 'b' } })],
    ['an assigned value', inA({ entry: assign({ n: 2 }) })],
    ['an assigning function', inA({ entry: assign({ n: () => 1 }) })],
    ['another action', inA({ entry: raise({ type: 'GO' }) })],
    ['the delay of an action', inA({ entry: raise({ type: 'GO' }, { delay: 5 }) })],
    ['a key named like a part of XState', inA({ entry: assign({ n: 1, resolve: 2 }) })],
    ['a tag', inA({ tags: ['degraded'] })],
    ['a removed step', workflowHash({ ...base, steps: { triage, act } })],
    ['labels', withStep('triage', classify({ input: text, labels: ['a', 'c'], prompt }))],
    ['the kind of a step', withStep('tell', reason({ input: text, output: text, prompt }))],
    ['an effect', withStep('tell', { ...tell, effect: 'once' })],
    ['an input', withStep('tell', { ...tell, input: z.object({ text: z.number() }) })],
    ['an output', withStep('tell', { ...tell, output: z.object({ text: z.number() }) })],
    ['a tool', withStep('act', { ...act, tools: {} })],
    ["a tool's effect", withStep('act', { ...act, tools: { pay: { ...pay, effect: 'pure' } } })],
  ])('%s', (_, other) => {
    expect(other).not.toBe(hash);
  });
});

describe('stays with what may change under a running run', () => {
  test.each([
    ['a prompt', withStep('triage', classify({ input: text, labels: ['a', 'b'], prompt: () => 'Better.' }))],
    ['a body', withStep('tell', { ...tell, run: () => ({ text: 'new' }) })],
    ['a limit', withStep('triage', { ...triage, totalMs: 5, expectedMs: 3, route: 'fast' })],
    ["a tool's words", withStep('act', { ...act, tools: { pay: { ...pay, description: 'Pays back' } } })],
    ['the order of keys', inA({ entry: config.states?.['a']?.entry, always: config.states?.['a']?.always })],
    ['the order of steps', workflowHash({ ...base, steps: { tell, act, triage } })],
  ])('%s', (_, other) => {
    expect(other).toBe(hash);
  });
});

/** Written by hand, as the compiler lays out functions as it likes. */
const written = (source: string) => Object.defineProperty(() => 1, 'toString', { value: () => source });

test('white space in a function does not count', () => {
  const spaced = inA({ always: { guard: written('({ n }) =>\n  n > 1') } });
  expect(inA({ always: { guard: written('({n}) => n > 1') } })).toBe(spaced);
  expect(inA({ always: { guard: written('({n}) => n > 2') } })).not.toBe(spaced);
});

test('no source of XState counts, so that its next version may run a recorded run', () => {
  const before = inA({ entry: log('x') });
  const patched = Object.assign(log('x'), { resolve: () => 'another version' });
  expect(inA({ entry: patched })).toBe(before);
});

test('a schema that JSON Schema cannot say still counts', () => {
  const dated = withStep('tell', { ...tell, input: z.object({ at: z.date() }) });
  expect(dated).not.toBe(hash);
  expect(withStep('tell', { ...tell, input: z.object({ on: z.date() }) })).not.toBe(dated);
});
