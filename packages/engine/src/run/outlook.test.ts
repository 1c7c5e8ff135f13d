import { createGateway, memoryLedger } from '@paceline/gateway';
import type { Gateway, Ledger, RouteUse } from '@paceline/gateway';
import { seededRandom } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { child } from '../define/child.ts';
import { map } from '../define/map.ts';
import { setupWorkflow } from '../define/setup-workflow.ts';
import type { Step } from '../define/step.ts';
import { code, reason } from '../define/steps.ts';
import { createEngine } from '../engine.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import type { ScriptedGateway } from '../test-support/gateway.ts';
import { assign } from '../xstate/actions.ts';

const Text = z.object({ text: z.string() });
const DONE = JSON.stringify({ text: 'done' });

const asks = (route: string, expectedMs?: number) =>
  reason({
    input: Text,
    output: Text,
    route,
    prompt: () => 'Go on.',
    ...(expectedMs !== undefined && { expectedMs }),
  });

/** Looks something up, thinks, and replies; thinking may be left out. What goes wrong ends second best, with the reason. */
const chain = setupWorkflow({
  id: 'chain',
  input: Text,
  output: z.object({ text: z.string(), why: z.string() }),
  context: z.object({ text: z.string(), why: z.string() }),
  budget: { totalMs: 10_000 },
  steps: {
    look: code({ input: Text, output: Text, effect: 'pure', run: ({ input }) => input }),
    think: asks('thinker'),
    reply: asks('writer'),
  },
}).createMachine({
  context: ({ input }) => ({ text: input.text, why: '' }),
  output: ({ context }) => context,
  initial: 'looking',
  states: {
    looking: {
      invoke: {
        id: 'look',
        src: 'look',
        input: ({ context }) => ({ text: context.text }),
        onDone: [
          { guard: ({ context }) => context.text === 'hard', target: 'thinking' },
          { target: 'replying' },
        ],
        onError: {
          target: 'handoff',
          actions: assign({ why: ({ event }) => String((event.error as { message: string }).message) }),
        },
      },
    },
    thinking: {
      invoke: {
        id: 'think',
        src: 'think',
        input: ({ context }) => ({ text: context.text }),
        onDone: 'replying',
        onError: 'handoff',
      },
    },
    replying: {
      invoke: {
        id: 'reply',
        src: 'reply',
        input: ({ context }) => ({ text: context.text }),
        onDone: 'done',
        onError: 'handoff',
      },
    },
    done: { type: 'final' },
    handoff: { type: 'final', tags: ['degraded'] },
  },
});

const NO_KEY: RouteUse = { usable: false, reason: 'a/one: KEY is not in the environment', learned: false };
const REJECTED: RouteUse = { usable: false, reason: 'a/one: its credential was rejected', learned: true };

function world(uses: Readonly<Record<string, RouteUse>> = {}, ledger: Ledger = memoryLedger()) {
  const clock = createVirtualClock();
  const asked: { readonly route: string; readonly withinMs: number; readonly tenant?: string | undefined }[] =
    [];
  const gateway: ScriptedGateway = {
    ...scriptedGateway(DONE),
    ledger,
    usable: (route, options) => {
      asked.push({ route, ...options });
      return uses[route] ?? { usable: true };
    },
  };
  const engine = createEngine({ gateway, clock, random: seededRandom(1), replayCheck: true });
  const run = (text = 'easy', options = {}) => clock.run(engine.run(chain, { text }, options));
  return { clock, gateway, engine, asked, run };
}

const stepsOf = (outcome: { readonly steps: readonly { readonly step: string; readonly ok: boolean }[] }) =>
  outcome.steps.map(({ step, ok }) => `${step} ${ok ? 'ok' : 'failed'}`);

function learned(times: Readonly<Record<string, number>>, samples = 10): Ledger {
  const ledger = memoryLedger();
  for (const [step, ms] of Object.entries(times)) {
    for (let at = 0; at < samples; at++) ledger.recordLatency(`step:chain/${step}`, ms);
  }
  return ledger;
}

test('a run is degraded before its first step when a later one that it will need has no usable target', async () => {
  const { run, gateway } = world({ writer: NO_KEY });
  const outcome = await run();
  expect(outcome).toMatchObject({
    status: 'degraded',
    output: {
      why: '`reply` will be needed and asks for `writer`, of which no target can be used: a/one: KEY is not in the environment.',
    },
    spend: { attempts: 0 },
    steps: [{ step: 'look', failure: { code: 'NO_USABLE_TARGET', step: 'look' } }],
  });
  expect(gateway.requests).toEqual([]);
});

test('a step that only some branch needs keeps no run back', async () => {
  const { run, asked } = world({ thinker: NO_KEY });
  expect(await run()).toMatchObject({ status: 'succeeded' });
  expect(asked.map(({ route }) => route)).toEqual(['writer']);
});

/** One step and nothing else. */
const only = (step: Step) =>
  setupWorkflow({
    id: 'only',
    input: Text,
    output: Text,
    context: Text,
    budget: { totalMs: 1_000 },
    steps: { step },
  }).createMachine({
    context: ({ input }) => input,
    output: ({ context }) => context,
    initial: 'working',
    states: {
      working: { invoke: { id: 'step', src: 'step', input: {}, onDone: 'done', onError: 'handoff' } },
      done: { type: 'final' },
      handoff: { type: 'final', tags: ['degraded'] },
    },
  });

/** One step, after something was looked up. */
const parent = (step: Step) =>
  setupWorkflow({
    id: 'parent',
    input: Text,
    output: z.undefined(),
    context: Text,
    budget: { totalMs: 10_000 },
    steps: {
      look: code({ input: z.object({}), output: z.object({}), effect: 'pure', run: () => ({}) }),
      step,
    },
  }).createMachine({
    context: ({ input }) => input,
    initial: 'looking',
    states: {
      looking: { invoke: { id: 'look', src: 'look', input: {}, onDone: 'working', onError: 'handoff' } },
      working: { invoke: { id: 'step', src: 'step', input: {}, onDone: 'done', onError: 'handoff' } },
      done: { type: 'final' },
      handoff: { type: 'final', tags: ['degraded'] },
    },
  });

test('what a child will need counts, what a map may need does not', async () => {
  const { clock, engine } = world({ writer: NO_KEY });
  const failuresOf = async (step: Step) => {
    const { steps } = await clock.run(engine.run(parent(step), { text: 'x' }));
    return steps.map((each) => `${each.step}: ${each.failure?.code}`);
  };
  expect(await failuresOf(child(only(asks('writer'))))).toEqual(['look: NO_USABLE_TARGET']);
  expect((await failuresOf(map(asks('writer'))))[0]).toBe('look: undefined');
});

test('the gateway is asked once, for the run’s tenant and within its time', async () => {
  const { run, asked } = world();
  await run('hard', { tenant: 'acme', deadlineMs: 4_000 });
  expect(asked).toEqual([{ route: 'writer', withinMs: 4_000, tenant: 'acme' }]);
});

test('a run is degraded before its first step when all of it together usually takes longer than it may', async () => {
  const { run, gateway } = world({}, learned({ look: 6_000, reply: 5_000 }));
  expect(await run()).toMatchObject({
    status: 'degraded',
    output: { why: '10000 ms are left for `look` and what follows, which usually take 11000 ms.' },
    steps: [{ failure: { code: 'DEADLINE_INFEASIBLE' } }],
  });
  expect(gateway.requests).toEqual([]);
});

test('a few slow visits refuse nobody: the next ones may be as fast as ever', async () => {
  const { run } = world({}, learned({ look: 6_000, reply: 5_000 }, 9));
  expect(await run()).toMatchObject({ status: 'succeeded' });
});

test('a run that just fits goes ahead', async () => {
  const { run } = world({}, learned({ look: 5_000, reply: 5_000 }));
  expect(await run()).toMatchObject({ status: 'succeeded' });
});

test('the time of a branch that need not be taken does not count', async () => {
  const { run } = world({}, learned({ look: 5_000, think: 60_000, reply: 5_000 }));
  expect(await run()).toMatchObject({ status: 'succeeded' });
});

test('what has become faster is found out by one run in ten seconds', async () => {
  const { run, clock } = world({}, learned({ look: 60_000, reply: 60_000 }));
  expect(stepsOf(await run())).toEqual(['look failed']);
  expect(stepsOf(await run())).toEqual(['look failed']);
  await clock.advance(10_000);
  expect(stepsOf(await run())).toEqual(['look ok', 'reply ok']);
  expect(stepsOf(await run())).toEqual(['look failed']);
});

test('what has been mended is found out by one run in ten seconds, but not what only a new process can see', async () => {
  for (const [use, found] of [
    [REJECTED, ['look ok', 'reply ok']],
    [NO_KEY, ['look failed']],
  ] as const) {
    const { run, clock } = world({ writer: use });
    expect(stepsOf(await run())).toEqual(['look failed']);
    await clock.advance(10_000);
    expect(stepsOf(await run())).toEqual(found);
  }
});

test('later steps are not asked about again: their own calls find out', async () => {
  const uses: Record<string, RouteUse> = {};
  const { run, gateway } = world(uses);
  const generate = gateway.generate;
  const failing: Gateway['generate'] = (request) => {
    uses['writer'] = NO_KEY;
    return generate(request);
  };
  Object.assign(gateway, { generate: failing });
  expect(stepsOf(await run('hard'))).toEqual(['look ok', 'think ok', 'reply ok']);
});

test('a gateway that is missing a role says so before the first step', async () => {
  const clock = createVirtualClock();
  const gateway = createGateway({ roles: {}, clock });
  const engine = createEngine({ gateway, clock, random: seededRandom(1) });
  const outcome = await clock.run(engine.run(chain, { text: 'easy' }));
  expect(outcome).toMatchObject({
    status: 'degraded',
    output: {
      why: expect.stringContaining('`writer`, of which no target can be used: no model is bound to it'),
    },
  });
});
