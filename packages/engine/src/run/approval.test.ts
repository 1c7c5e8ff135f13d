import { seededRandom } from '@paceline/resilience';
import { describe, expect, test } from 'vitest';
import type { Tool } from '../define/step.ts';
import { createEngine } from '../engine.ts';
import type { RunHandle } from '../engine.ts';
import type { Reply } from '../test-support/gateway.ts';
import { oneStep, scriptedWorld } from '../test-support/one-step.ts';
import type { World } from '../test-support/one-step.ts';
import { acting, heard, payingTool, wanting } from '../test-support/people.ts';

const receipt = '{"receipt":"r1"}';
const payFive = wanting(['call-1', 'pay', { amount: 5 }]);

type Approval = NonNullable<Tool['approval']>;

interface Asked extends World {
  readonly handle: RunHandle<unknown>;
  readonly workflow: ReturnType<typeof oneStep>;
  readonly paid: number[];
}

/** A run whose model wants to pay, up to the moment in which it waits for a person. */
async function asked(
  parts: Partial<Tool> = {},
  replies: readonly Reply[] = [payFive, receipt],
): Promise<Asked> {
  const paid: number[] = [];
  const world = scriptedWorld(...replies);
  const workflow = oneStep(acting({ pay: payingTool(paid, { approval: 'required', ...parts }) }));
  const waits = heard(world.engine, 'step-wait');
  const handle = world.engine.start(workflow, { text: 'go' }, { runId: 'run' });
  await world.clock.run(waits);
  return { ...world, handle, workflow, paid };
}

const lastShown = ({ gateway }: World) => gateway.requests.at(-1)!.messages.at(-1);

describe('a tool that needs approval', () => {
  test('is not called before a person has seen the arguments and said yes', async () => {
    const { clock, journal, gateway, handle, paid } = await asked();
    const { pending } = (await journal.load('run'))!;
    expect(pending['step']!.wait).toEqual({
      type: 'approval',
      toolCallId: 'call-1',
      tool: 'pay',
      input: { amount: 5 },
    });
    await clock.advance(5_000);
    expect(paid).toEqual([]);
    expect(await clock.run(handle.answer({ type: 'approve', by: 'ada' }))).toBe('taken');
    expect(await clock.run(handle.result)).toMatchObject({ ok: true, output: { receipt: 'r1' } });
    expect(paid).toEqual([5]);
    expect(gateway.requests.map(({ call }) => call.turn)).toEqual([0, 1]);
  });

  test('runs under the key it would have had, and with the arguments that were shown', async () => {
    const seen: unknown[] = [];
    const { clock, handle, journal } = await asked({
      run: ({ input, idempotencyKey }) => void seen.push(input, idempotencyKey),
    });
    await clock.run(handle.answer({ type: 'approve' }));
    await clock.run(handle.result);
    expect(seen).toEqual([{ amount: 5 }, expect.stringMatching(/^[\w-]{43}$/)]);
    const progress: string[] = [];
    for await (const { event } of journal.entries('run')) {
      if (event.type === 'step-progress') progress.push(event.progress.type);
    }
    expect(progress).toEqual(['turn', 'tool-start', 'tool-end', 'turn']);
  });

  test('is not called if the person says no; the model is told why and goes on', async () => {
    const world = await asked();
    const { clock, handle, paid } = world;
    await clock.run(handle.answer({ type: 'reject', reason: 'too much' }));
    expect((await clock.run(handle.result)).ok).toBe(true);
    expect(paid).toEqual([]);
    expect(lastShown(world)).toEqual({
      role: 'tool',
      toolCallId: 'call-1',
      toolName: 'pay',
      result: 'A person refused this call, so it was not made. The reason: too much',
      isError: true,
    });
  });

  test('a refusal without a reason says so', async () => {
    const world = await asked();
    await world.clock.run(world.handle.answer({ type: 'reject' }));
    await world.clock.run(world.handle.result);
    expect(lastShown(world)).toMatchObject({ result: expect.stringContaining('No reason was given.') });
  });

  test('several calls of one turn are asked about one after the other', async () => {
    const both = wanting(['call-1', 'pay', { amount: 1 }], ['call-2', 'pay', { amount: 2 }]);
    const { clock, engine, handle, paid } = await asked({}, [both, receipt]);
    const next = heard(engine, 'step-wait');
    await clock.run(handle.answer({ type: 'reject' }, { toolCallId: 'call-1' }));
    expect((await clock.run(next)).wait).toMatchObject({ toolCallId: 'call-2', input: { amount: 2 } });
    // A second click on the first one allows nothing.
    await expect(
      clock.run(handle.answer({ type: 'approve' }, { toolCallId: 'call-1' })),
    ).rejects.toMatchObject({
      code: 'NOT_WAITING',
    });
    await clock.run(handle.answer({ type: 'approve' }, { toolCallId: 'call-2' }));
    await clock.run(handle.result);
    expect(paid).toEqual([2]);
  });

  test('the same call in a later turn is asked about again', async () => {
    const { clock, engine, handle, paid } = await asked({}, [payFive, payFive, receipt]);
    const next = heard(engine, 'step-wait');
    await clock.run(handle.answer({ type: 'approve' }));
    await clock.run(next);
    expect(paid).toEqual([5]);
    await clock.run(handle.answer({ type: 'approve' }));
    await clock.run(handle.result);
    expect(paid).toEqual([5, 5]);
  });
});

const above =
  (limit: number): Approval =>
  ({ input }) =>
    (input as { amount: number }).amount > limit;

describe('a policy', () => {
  test('that says no lets the call be made at once', async () => {
    const paid: number[] = [];
    const { clock, engine } = scriptedWorld(payFive, receipt);
    const workflow = oneStep(acting({ pay: payingTool(paid, { approval: above(5) }) }));
    expect((await clock.run(engine.run(workflow, { text: 'go' }))).ok).toBe(true);
    expect(paid).toEqual([5]);
  });

  test.each<[string, Approval]>([
    ['that says yes', above(4)],
    [
      'that throws',
      () => {
        throw new Error('no idea');
      },
    ],
    ['that says neither', (() => undefined) as never],
  ])('%s asks', async (_, approval) => {
    const { clock, handle, paid } = await asked({ approval });
    expect(paid).toEqual([]);
    await clock.run(handle.answer({ type: 'approve' }));
    await clock.run(handle.result);
    expect(paid).toEqual([5]);
  });

  test('is not asked about arguments that do not fit, nor about tools that do not exist', async () => {
    const wrong = wanting(['call-0', 'pay', { amount: 'five' }], ['call-00', 'toString', {}]);
    const world = await asked({}, [wrong, payFive, receipt]);
    expect(world.gateway.requests).toHaveLength(2);
    expect(lastShown(world)).toMatchObject({ isError: true, toolName: 'toString' });
    await world.clock.run(world.handle.answer({ type: 'approve' }));
    expect((await world.clock.run(world.handle.result)).ok).toBe(true);
    expect(world.paid).toEqual([5]);
  });
});

describe('answers', () => {
  test('are idempotent by their id', async () => {
    const { clock, handle } = await asked();
    const answers = ['a', 'a', 'b'].map((id) => handle.answer({ type: 'approve' }, { id }).catch(codeOf));
    expect(await clock.run(Promise.all(answers))).toEqual(['taken', 'repeated', 'NOT_WAITING']);
    const again = handle.answer({ type: 'reject' }, { id: 'a' }).catch(codeOf);
    expect(['repeated', 'RUN_ENDED']).toContain(await clock.run(again));
    await clock.run(handle.result);
  });

  test.each<[string, Parameters<RunHandle<unknown>['answer']>, string]>([
    ['to another question', [{ type: 'done', output: null }], 'waits for approve or reject, not for done'],
    ['to another step', [{ type: 'approve' }, { step: 'other' }], '`step` (tool call call-1)'],
    ['to another call', [{ type: 'approve' }, { toolCallId: 'call-9' }], '`step` (tool call call-1)'],
  ])('%s are refused', async (_, [answer, options], text) => {
    const { clock, handle, engine } = await asked();
    await expect(handle.answer(answer, options)).rejects.toMatchObject({
      code: 'NOT_WAITING',
      message: expect.stringContaining(text),
    });
    await clock.run(engine.close());
  });

  test('to a run that is over are refused', async () => {
    const { clock, handle } = await asked();
    await clock.run(handle.answer({ type: 'approve' }));
    await clock.run(handle.result);
    await expect(handle.answer({ type: 'approve' })).rejects.toMatchObject({ code: 'RUN_ENDED' });
  });
});

const codeOf = (error: { readonly code: string }): string => error.code;

describe('a run that waits', () => {
  test('waits over a restart, and what was said and paid before is not asked again', async () => {
    const { clock, engine, journal, gateway, workflow, handle, paid } = await asked();
    const left = handle.result.catch(codeOf);
    await clock.run(engine.close({ unfinished: 'leave' }));
    expect(await left).toBe('ENGINE_CLOSED');
    expect(clock.pendingTimers()).toBe(0);

    const next = createEngine({ gateway, journal, clock, random: seededRandom(8), replayCheck: true });
    const { runs } = await next.recover([workflow]);
    await clock.advance(1_000);
    expect(paid).toEqual([]);
    expect(gateway.requests).toHaveLength(1);
    expect(await clock.run(runs[0]!.answer({ type: 'approve' }))).toBe('taken');
    const outcome = await clock.run(runs[0]!.result);
    expect(outcome).toMatchObject({ ok: true, spend: { calls: 2 } });
    expect(outcome.steps).toHaveLength(1);
    expect(outcome.steps[0]!.attempts).toHaveLength(2);
    expect(paid).toEqual([5]);
  });

  test('an owner that dies after the answer leaves it to the next one, who does not ask again', async () => {
    const { clock, journal, gateway, workflow, handle, paid } = await asked({
      run: () => new Promise<never>(() => {}),
    });
    // It allows the call, begins it, and dies.
    handle.result.catch(() => {});
    await clock.run(handle.answer({ type: 'approve' }));
    await clock.advance(10);
    const kept = { ...(await journal.load('run'))! };
    expect(kept.pending['step']!.progress.map(({ type }) => type)).toEqual([
      'turn',
      'approval',
      'tool-start',
    ]);
    const next = createEngine({ gateway, journal, clock });
    const { runs } = await next.recover([workflow]);
    // It takes effect once and was begun.
    expect(await clock.run(runs[0]!.result)).toMatchObject({ output: { code: 'UNCERTAIN' } });
    expect(paid).toEqual([]);
  });

  test.each(['cancel', 'deadline'] as const)('is ended by a %s, with one report', async (how) => {
    const { clock, handle, paid } = await asked();
    if (how === 'cancel') handle.cancel('enough');
    const outcome = await clock.run(handle.result);
    const code = how === 'cancel' ? 'CANCELLED' : 'DEADLINE_EXCEEDED';
    expect(outcome).toMatchObject({ error: { code }, spend: { calls: 1 } });
    expect(outcome.steps).toMatchObject([{ step: 'step', ok: false, ms: 0, failure: { code } }]);
    expect(outcome.steps[0]!.attempts).toHaveLength(1);
    expect(paid).toEqual([]);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('counts and learns the time it worked, not the time it waited', async () => {
    const { clock, handle, gateway } = await asked({
      run: () => new Promise((resolve) => clock.setTimer(40, () => resolve({}))),
    });
    await clock.advance(3_000);
    await clock.run(handle.answer({ type: 'approve' }));
    const { steps } = await clock.run(handle.result);
    expect(steps[0]!.ms).toBe(40);
    expect(gateway.ledger.latency('step:one-step/step')).toMatchObject({ p50Ms: 40 });
  });

  test('tells what it waits for and what was said', async () => {
    const { clock, handle } = await asked();
    await clock.run(handle.answer({ type: 'approve', by: 'ada' }));
    await clock.run(handle.result);
    const told: string[] = [];
    for await (const event of handle.events) {
      if (event.type !== 'attempt-end') told.push(event.type);
      if (event.type === 'step-wait')
        expect(event).toMatchObject({ step: 'step', visit: 1, wait: { tool: 'pay' } });
      if (event.type === 'step-answer')
        expect(event).toMatchObject({ answer: { type: 'approve', by: 'ada' } });
    }
    expect(told).toEqual([
      'run-start',
      'step-start',
      'step-wait',
      'step-answer',
      'step-start',
      'tool-start',
      'tool-end',
      'step-end',
      'run-end',
    ]);
  });
});
