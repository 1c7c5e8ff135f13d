import { createVirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { and, not } from 'xstate';
import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { createEngine } from '../engine.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import { echo } from '../test-support/workflows.ts';
import { assign, raise } from '../xstate/actions.ts';

const N = z.object({ n: z.number() });

interface Seen {
  readonly context: { n: number };
}

interface Parts {
  readonly guard?: unknown;
  readonly actions?: unknown;
  readonly input?: unknown;
  readonly entry?: unknown;
  readonly context?: unknown;
}

const isSmall = ({ context }: Seen) => context.n < 10;
const count = ({ context }: Seen) => context.n + 1;

/** One step, then a state with an entry and a raise. */
function workflowWith({ guard = isSmall, actions = assign({ n: count }), entry, ...parts }: Parts) {
  return setupWorkflow({
    id: 'pure',
    input: N,
    output: N,
    context: N,
    budget: { totalMs: 1_000 },
    steps: { echo },
  }).createMachine({
    context: parts.context ?? (({ input }: { input: Seen['context'] }) => ({ n: input.n })),
    output: ({ context }: Seen) => ({ n: context.n }),
    initial: 'one',
    states: {
      one: {
        invoke: {
          id: 'echo',
          src: 'echo',
          input: parts.input ?? (({ context }: Seen) => ({ n: context.n })),
          onDone: [{ guard, target: 'two', actions }, { target: 'done' }],
          onError: 'done',
        },
      },
      two: { entry: [entry ?? [], raise({ type: 'GO' }, { delay: 10 })].flat(), on: { GO: 'done' } },
      done: { type: 'final' },
    },
  } as never);
}

async function runOf(parts: Parts): Promise<unknown> {
  const clock = createVirtualClock();
  const engine = createEngine({ gateway: scriptedGateway(), clock, replayCheck: true });
  return clock.run(engine.run(workflowWith(parts) as never, { n: 1 } as never, { runId: 'run' }));
}

let calls = 0;
const drifting = () => ++calls;

test('pure functions pass, those that XState combines too', async () => {
  expect(
    await runOf({ guard: and([isSmall as never, not((({ context }: Seen) => context.n > 5) as never)]) }),
  ).toMatchObject({
    ok: true,
    output: { n: 2 },
  });
});

describe('what is not pure is named', () => {
  test.each<[string, Parts, string]>([
    [
      'a guard',
      { guard: () => drifting() % 2 === 0 },
      'the guard of onDone of invoke `echo` of state `one` gives something else',
    ],
    [
      'a guard within another',
      { guard: and([isSmall as never, () => drifting() % 2 === 0]) },
      'the guard of onDone of invoke `echo` of state `one` gives something else',
    ],
    [
      'an assigned value',
      { actions: assign({ n: drifting }) },
      'the `n` in actions of onDone of invoke `echo` of state `one` gives something else',
    ],
    [
      'an assigning function',
      { actions: assign(() => ({ n: drifting() })) },
      'the actions of onDone of invoke `echo` of state `one` gives something else',
    ],
    [
      'a mapper of an input',
      { input: () => ({ n: drifting() }) },
      'the input of invoke `echo` of state `one` gives something else',
    ],
    [
      'the first context',
      { context: () => ({ n: drifting() }) },
      'the context of the machine gives something else',
    ],
    ['an entry', { entry: assign({ n: drifting }) }, 'the `n` in entry of state `two` gives something else'],
    [
      'a function that changes its arguments',
      { actions: assign(({ context }: Seen) => ({ n: ++context.n })) },
      'the actions of onDone of invoke `echo` of state `one` changes what it is given',
    ],
  ])('%s', async (_, parts, message) => {
    const error = await runOf(parts).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'WORKFLOW_INVALID' });
    expect((error as Error).message).toContain(message);
  });

  test('all of them at once', async () => {
    const error = await runOf({ input: () => ({ n: drifting() }), actions: assign({ n: drifting }) }).catch(
      (thrown: unknown) => thrown,
    );
    expect((error as Error).message).toMatch(/the input of invoke `echo`.*; the `n` in actions/);
  });
});
