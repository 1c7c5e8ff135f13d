import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Step, Tool } from '../define/step.ts';
import { code } from '../define/steps.ts';
import { createEngine } from '../engine.ts';
import type { RunHandle } from '../engine.ts';
import type { Reply } from '../test-support/gateway.ts';
import { oneStep, scriptedWorld } from '../test-support/one-step.ts';
import { acting, heard, payingTool, wanting } from '../test-support/people.ts';

const N = z.object({ n: z.number() });
const receipt = '{"receipt":"r1"}';
const payFive = wanting(['call-1', 'pay', { amount: 5 }]);
const never = (): Promise<never> => new Promise(() => {});

const charge = (parts: { readonly onUncertain?: 'error' | 'wait'; readonly totalMs?: number } = {}) =>
  code({ input: N, output: N, effect: 'once', run: never, onUncertain: 'wait', ...parts }) as Step;

const acts = (pay: Partial<Tool>) => acting({ pay: payingTool([], pay) }, { onUncertain: 'wait' });

/** A run that waits because its step was cut off by a limit of its own. */
async function inDoubt(step: Step, input: unknown, replies: readonly Reply[] = []) {
  const world = scriptedWorld(...replies);
  const waits = heard(world.engine, 'step-wait');
  const workflow = oneStep(step);
  const handle: RunHandle<unknown> = world.engine.start(workflow, input as null, { runId: 'run' });
  const { wait } = await world.clock.run(waits);
  return { ...world, workflow, handle, wait };
}

describe('a code step that takes effect once and was cut off', () => {
  const limited = charge({ totalMs: 50 });

  test('fails where nobody is to be asked', async () => {
    const { clock, engine } = scriptedWorld();
    const step = charge({ totalMs: 50, onUncertain: 'error' });
    const outcome = await clock.run(engine.run(oneStep(step), { n: 1 }));
    expect(outcome).toMatchObject({ status: 'degraded', output: { code: 'UNCERTAIN' } });
  });

  test('ends well with what a person found that it gave', async () => {
    const { clock, handle, wait } = await inDoubt(limited, { n: 1 });
    expect(wait).toEqual({ type: 'uncertain' });
    await clock.advance(1_000);
    expect(await clock.run(handle.answer({ type: 'done', output: { n: 7 } }))).toBe('taken');
    const outcome = await clock.run(handle.result);
    expect(outcome).toMatchObject({ status: 'succeeded', output: { n: 7 } });
    expect(outcome.steps).toEqual([{ step: 'step', visit: 1, ok: true, ms: 50, attempts: [] }]);
  });

  test('fails with what a person found, and not as uncertain', async () => {
    const { clock, handle } = await inDoubt(limited, { n: 1 });
    await clock.run(handle.answer({ type: 'failed', reason: 'no such charge' }));
    const failure = { code: 'STEP_FAILED', message: 'no such charge', step: 'step' };
    const outcome = await clock.run(handle.result);
    expect(outcome).toMatchObject({ status: 'degraded', output: failure });
    expect(outcome.steps).toMatchObject([{ ok: false, ms: 50, failure }]);
  });

  test('takes no output that does not fit, and goes on waiting', async () => {
    const { clock, handle } = await inDoubt(limited, { n: 1 });
    await expect(handle.answer({ type: 'done', output: { n: 'seven' } })).rejects.toMatchObject({
      code: 'OUTPUT_INVALID',
    });
    expect(await clock.run(handle.answer({ type: 'done', output: { n: 7 } }))).toBe('taken');
    await clock.run(handle.result);
  });

  test('is not learned from: nobody knows how long it took', async () => {
    const { clock, handle, gateway } = await inDoubt(limited, { n: 1 });
    await clock.run(handle.answer({ type: 'done', output: { n: 7 } }));
    await clock.run(handle.result);
    expect(gateway.ledger.latency('step:one-step/step')).toBeNull();
  });
});

test('a step that fails for another reason asks nobody', async () => {
  const { clock, engine } = scriptedWorld();
  const step = code({
    input: N,
    output: N,
    effect: 'once',
    onUncertain: 'wait',
    run: () => {
      throw new Error('closed');
    },
  }) as Step;
  const outcome = await clock.run(engine.run(oneStep(step), { n: 1 }));
  expect(outcome).toMatchObject({ output: { code: 'STEP_FAILED', message: 'closed' } });
});

test('a step that is cancelled while it works asks nobody', async () => {
  const { clock, engine } = scriptedWorld();
  const handle = engine.start(oneStep(charge()), { n: 1 });
  await clock.advance(10);
  handle.cancel();
  expect(await clock.run(handle.result)).toMatchObject({ status: 'cancelled', steps: [{ ok: false }] });
});

test('a step that was begun by an owner that died waits, and is not begun again', async () => {
  let begun = 0;
  const step = code({
    input: N,
    output: N,
    effect: 'once',
    onUncertain: 'wait',
    run: () => {
      begun++;
      return never();
    },
  }) as Step;
  const workflow = oneStep(step);
  const { clock, engine, gateway, journal } = scriptedWorld();
  engine.start(workflow, { n: 1 }, { runId: 'run' }).result.catch(() => {});
  await clock.advance(10);

  const next = createEngine({ gateway, journal, clock, replayCheck: true });
  const waits = heard(next, 'step-wait');
  const { runs } = await next.recover([workflow]);
  await clock.run(waits);
  // It dies too; the third one is told.
  const third = createEngine({ gateway, journal, clock, replayCheck: true });
  const again = await third.recover([workflow]);
  runs[0]!.result.catch(() => {});
  await clock.run(again.runs[0]!.answer({ type: 'done', output: { n: 3 } }));
  expect(await clock.run(again.runs[0]!.result)).toMatchObject({ ok: true, output: { n: 3 } });
  expect(begun).toBe(1);
});

describe('a tool that takes effect once and was cut off', () => {
  const hanging: Partial<Tool> = { toolMs: 50, run: never };

  test.each([
    [{ type: 'done', output: { id: 9 } } as const, { result: { id: 9 }, isError: false }],
    [{ type: 'failed', reason: 'never arrived' } as const, { result: 'never arrived', isError: true }],
  ])('is given the end that a person found, and the model goes on: %o', async (answer, shown) => {
    const { clock, handle, gateway, wait } = await inDoubt(acts(hanging), { text: 'go' }, [payFive, receipt]);
    expect(wait).toEqual({ type: 'uncertain', toolCallId: 'call-1', tool: 'pay' });
    await clock.run(handle.answer(answer));
    const outcome = await clock.run(handle.result);
    expect(outcome).toMatchObject({ ok: true, spend: { calls: 2 }, steps: [{ ms: 50 }] });
    expect(gateway.requests.at(-1)!.messages.at(-1)).toMatchObject({
      role: 'tool',
      toolName: 'pay',
      ...shown,
    });
  });

  test('also when the limit was the step’s own: it has its time anew', async () => {
    const step = { ...acts({ run: never }), totalMs: 50 };
    const { clock, handle } = await inDoubt(step, { text: 'go' }, [payFive, receipt]);
    await clock.run(handle.answer({ type: 'done', output: null }));
    expect(await clock.run(handle.result)).toMatchObject({ ok: true });
  });

  test('may need approval first: both are asked, in that order', async () => {
    const step = acts({ ...hanging, approval: 'required' });
    const { clock, engine, handle, wait } = await inDoubt(step, { text: 'go' }, [payFive, receipt]);
    expect(wait.type).toBe('approval');
    const next = heard(engine, 'step-wait');
    await clock.run(handle.answer({ type: 'approve' }));
    expect((await clock.run(next)).wait).toMatchObject({ type: 'uncertain', toolCallId: 'call-1' });
    await clock.run(handle.answer({ type: 'done', output: null }));
    expect((await clock.run(handle.result)).ok).toBe(true);
  });
});

/** A run whose owner died 7 s ago, of its 10. */
async function recovered(step: Step, input: unknown, replies: readonly Reply[] = []) {
  const { clock, engine, gateway, journal } = scriptedWorld(...replies);
  const workflow = oneStep(step);
  engine.start(workflow, input as null, { runId: 'run' }).result.catch(() => {});
  await clock.advance(7_000);
  const { runs } = await createEngine({ gateway, journal, clock }).recover([workflow]);
  return { outcome: await clock.run(runs[0]!.result), gateway };
}

describe('a doubt that is found when there is too little time for the step', () => {
  const usual = { expectedMs: 8_000 };

  test('is a doubt all the same: nobody may take it for a step that was never begun', async () => {
    const step = { ...charge({ onUncertain: 'error' }), ...usual };
    expect((await recovered(step, { n: 1 })).outcome).toMatchObject({ output: { code: 'UNCERTAIN' } });
  });

  test('also of a tool', async () => {
    const step = { ...acting({ pay: payingTool([], { run: never }) }), ...usual };
    const { outcome } = await recovered(step, { text: 'go' }, [payFive, receipt]);
    expect(outcome).toMatchObject({ output: { code: 'UNCERTAIN' } });
  });

  test('is none where the work may be done again', async () => {
    const step = { ...charge(), ...usual, effect: 'idempotent', onUncertain: 'error' } as Step;
    expect((await recovered(step, { n: 1 })).outcome).toMatchObject({
      output: { code: 'DEADLINE_INFEASIBLE' },
    });
    const tool = payingTool([], { run: never, effect: 'idempotent' });
    const { outcome } = await recovered({ ...acting({ pay: tool }), ...usual }, { text: 'go' }, [payFive]);
    expect(outcome).toMatchObject({ output: { code: 'DEADLINE_INFEASIBLE' } });
  });
});
