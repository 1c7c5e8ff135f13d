import { expect, test } from 'vitest';
import { assign, createActor, fromPromise, toPromise, transition, initialTransition } from 'xstate';
import { z } from 'zod';
import { setupWorkflow } from './setup-workflow.ts';
import type { Classification } from './step.ts';
import { classify, code } from './steps.ts';
import { isWorkflow, workflowInfo } from './workflow.ts';

type Triage = Classification<'refund' | 'bug'>;

const text = z.object({ text: z.string() });
const Output = z.object({ said: z.string() });
const steps = {
  triage: classify({
    input: text,
    labels: ['refund', 'bug'],
    prompt: ({ input }) => input.text,
    expectedMs: 300,
  }),
  tell: code({
    input: text,
    output: z.object({ sent: z.boolean() }),
    effect: 'idempotent',
    run: () => ({ sent: true }),
  }),
};

const flow = setupWorkflow({
  id: 'support',
  input: text,
  output: Output,
  context: z.object({ text: z.string(), label: z.string() }),
  budget: { totalMs: 8_000, usd: 0.02 },
  steps,
});

const machine = flow.createMachine({
  initial: 'triaging',
  context: ({ input }) => ({ text: input.text, label: 'none' }),
  states: {
    triaging: {
      invoke: {
        id: 'triage',
        src: 'triage',
        input: ({ context }) => ({ text: context.text }),
        onDone: [
          {
            guard: ({ event }) => event.output.label === 'bug',
            target: 'telling',
            actions: assign({ label: ({ event }) => event.output.label }),
          },
          { target: 'done' },
        ],
        onError: { target: 'handoff', actions: assign({ label: ({ event }) => String(event.error) }) },
      },
    },
    telling: {
      invoke: {
        id: 'tell',
        src: 'tell',
        input: ({ context }) => ({ text: context.label }),
        onDone: 'done',
        onError: 'handoff',
      },
    },
    done: { type: 'final' },
    handoff: { type: 'final', tags: ['degraded'] },
  },
  output: ({ context }) => ({ said: `${context.text}: ${context.label}` }),
});

test('the machine runs as an ordinary XState actor when its steps are provided', async () => {
  const told: unknown[] = [];
  const tried = machine.provide({
    actors: {
      triage: fromPromise<Triage, { text: string }>(async ({ input }) => ({
        label: input.text === 'it crashes' ? 'bug' : 'refund',
        confidence: 0.9,
        confidenceSource: 'self-reported',
      })),
      tell: fromPromise<{ sent: boolean }, { text: string }>(async ({ input }) => {
        told.push(input);
        return { sent: true };
      }),
    },
  });
  const actor = createActor(tried, { input: { text: 'it crashes' } }).start();
  await expect(toPromise(actor)).resolves.toEqual({ said: 'it crashes: bug' });
  expect(told).toEqual([{ text: 'bug' }]);
  expect(actor.getSnapshot().value).toBe('done');
});

test('a step that is not provided says where it runs, and takes its error path', async () => {
  const actor = createActor(machine, { input: { text: 'hello' } }).start();
  const { said } = await toPromise(actor);
  expect(said).toBe(
    "hello: Error: Step `triage` runs in Paceline's engine. Use engine.run(workflow, input), or machine.provide({ actors }) to try the machine by itself.",
  );
  expect(actor.getSnapshot().hasTag('degraded')).toBe(true);
});

test('it can be stepped by pure transitions and shown by tools that read its definition', () => {
  const [triaging, actions] = initialTransition(machine, { text: 'hello' });
  expect(actions.map(({ type, params }) => [type, (params as { src?: string }).src])).toEqual([
    ['xstate.spawnChild', 'triage'],
  ]);
  const output: Triage = { label: 'refund', confidence: null, confidenceSource: 'none' };
  // XState's own event, which is none of those that the machine declares.
  const [ended] = transition(machine, triaging, { type: 'xstate.done.actor.triage', output } as never);
  expect(ended.output).toEqual({ said: 'hello: none' });
  expect(machine.id).toBe('support');
  expect(Object.keys(machine.definition.states)).toEqual(['triaging', 'telling', 'done', 'handoff']);
  expect(() => JSON.stringify(machine)).not.toThrow();
});

test('the workflow stands on the machine', () => {
  const info = workflowInfo(machine);
  expect(info).toMatchObject({
    id: 'support',
    budget: { totalMs: 8_000, usd: 0.02 },
    input: text,
    output: Output,
  });
  expect(info.steps).toBe(steps);
  expect(info.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(info.timePlan.totalMs((step) => (step === 'triage' ? 300 : 40))).toBe(300);
  expect(info.timePlan.laterMs('triage', () => 40)).toBe(0);
});

test('a workflow is known by its mark, also when another install made it', () => {
  expect(isWorkflow(machine)).toBe(true);
  expect(isWorkflow({ [Symbol.for('paceline.workflow')]: {} })).toBe(true);
  // A machine with other actors is XState's own again: the engine would run the steps, not the actors.
  expect(isWorkflow(machine.provide({ actors: {} }))).toBe(false);
  for (const value of [undefined, null, 'support', {}]) expect(isWorkflow(value)).toBe(false);
});

test('an endless ring of eventless transitions is cut', () => {
  const ring = flow.createMachine({
    initial: 'a',
    context: { text: '', label: '' },
    output: { said: '' },
    states: {
      a: { always: [{ guard: () => false, target: 'done' }, { target: 'b' }] },
      b: { always: 'a' },
      done: { type: 'final' },
    },
  });
  const [snapshot] = initialTransition(ring, { text: '' });
  expect(snapshot).toMatchObject({
    status: 'error',
    error: { message: expect.stringContaining('1000 microsteps') },
  });
});

test('the id of the machine may differ from the id of the workflow', () => {
  const other = flow.createMachine({
    id: 'chart',
    initial: 'a',
    context: { text: '', label: '' },
    output: { said: '' },
    states: { a: { always: '#chart.done' }, done: { type: 'final' } },
  });
  expect(other.id).toBe('chart');
  expect(workflowInfo(other).id).toBe('support');
});
