import { expect, test } from 'vitest';
import { z } from 'zod';
import type { CodeStep } from '../define/step.ts';
import { code } from '../define/steps.ts';
import { oneStep, runStepAlone, scriptedWorld } from '../test-support/one-step.ts';

const Count = z.object({ n: z.number() });

function step(run: CodeStep['run'], policy: Partial<CodeStep> = {}) {
  return code({ input: Count, output: Count, effect: 'pure', ...policy, run });
}

test('gives back what its schema makes of what the body returns', async () => {
  const trimmed = code({
    input: z.object({ text: z.string().trim() }),
    output: z.object({ text: z.string().toUpperCase(), at: z.string().default('now') }),
    effect: 'pure',
    run: ({ input }) => ({ text: input.text }),
  });
  const { outcome } = await runStepAlone(trimmed, { text: '  hi ' });
  expect(outcome).toMatchObject({ status: 'succeeded', output: { text: 'HI', at: 'now' } });
});

test('an undefined property is not recorded, and not seen either', async () => {
  const { outcome } = await runStepAlone(
    step(() => ({ n: 1, extra: undefined }), { output: z.looseObject({ n: z.number() }) }),
    { n: 1 },
  );
  expect(outcome.ok && outcome.output).toStrictEqual({ n: 1 });
});

test.each([
  ['an input that does not fit', step(() => ({ n: 1 })), { n: 'one' }, 'STEP_INPUT_INVALID', 'n'],
  [
    'a body that throws',
    step(() => {
      throw new Error('boom');
    }),
    { n: 1 },
    'STEP_FAILED',
    'boom',
  ],
  ['a body that throws no error', step(() => Promise.reject('text')), { n: 1 }, 'STEP_FAILED', 'text'],
  ['an output that does not fit', step(() => ({ n: 'x' })), { n: 1 }, 'STEP_FAILED', 'does not fit'],
  [
    'an output JSON cannot hold',
    step(() => new Map(), { output: z.map(z.any(), z.any()) }),
    { n: 1 },
    'STEP_FAILED',
    'is a Map',
  ],
  [
    'a body that never ends',
    step(() => new Promise(() => {}), { totalMs: 200 }),
    { n: 1 },
    'DEADLINE_EXCEEDED',
    '200 ms',
  ],
])('%s is a failure of the step', async (...[, body, input, code_, text]) => {
  const { outcome } = await runStepAlone(body, input);
  expect(outcome.status).toBe('degraded');
  expect(outcome.steps[0]!.failure).toMatchObject({ code: code_, step: 'step' });
  expect(outcome.steps[0]!.failure!.message).toContain(text);
  // The machine was told the same.
  expect(outcome.ok && outcome.output).toEqual(outcome.steps[0]!.failure);
});

test('is cut off at its own limit, and told so by its signal', async () => {
  let aborted: unknown;
  const slow = step(({ signal }) => {
    signal.addEventListener('abort', () => (aborted = signal.reason));
    return new Promise(() => {});
  });
  const { outcome, clock } = await runStepAlone({ ...slow, totalMs: 150 }, { n: 1 });
  expect(outcome.ms).toBe(150);
  expect(clock.nowMs()).toBe(150);
  expect(aborted).toMatchObject({ abortCause: 'deadline' });
});

test('tries again with backoff, under the same key, and within one deadline', async () => {
  const keys: string[] = [];
  const flaky = step(
    ({ idempotencyKey }) => {
      keys.push(idempotencyKey);
      if (keys.length < 3) throw new Error('not yet');
      return { n: keys.length };
    },
    { effect: 'idempotent', attempts: 3 },
  );
  const { outcome } = await runStepAlone(flaky, { n: 1 });
  expect(outcome).toMatchObject({ ok: true, output: { n: 3 } });
  expect(new Set(keys).size).toBe(1);
  expect(outcome.ms).toBeGreaterThan(0);
});

test('tries no more often than it is told to', async () => {
  let tries = 0;
  const failing = step(
    () => {
      tries++;
      throw new Error('never');
    },
    { attempts: 4 },
  );
  const { outcome } = await runStepAlone(failing, { n: 1 });
  expect(tries).toBe(4);
  expect(outcome.steps[0]!.failure).toMatchObject({ code: 'STEP_FAILED', message: 'never' });
});

test('a `once` step is never tried again, and is uncertain when it was cut off', async () => {
  let tries = 0;
  const failing = step(
    () => {
      tries++;
      throw new Error('never');
    },
    { effect: 'once' },
  );
  expect((await runStepAlone(failing, { n: 1 })).outcome.steps[0]!.failure!.code).toBe('STEP_FAILED');
  expect(tries).toBe(1);
  const hanging = step(() => new Promise(() => {}), { effect: 'once', totalMs: 100 });
  expect((await runStepAlone(hanging, { n: 1 })).outcome.steps[0]!.failure!.code).toBe('UNCERTAIN');
});

test('retries of all steps of a run draw on one budget', async () => {
  let tries = 0;
  const failing = step(
    () => {
      tries++;
      throw new Error('never');
    },
    { attempts: 20 },
  );
  await runStepAlone(failing, { n: 1 }, { budget: { totalMs: 10_000_000 } });
  // Ten retries and what the first attempt puts in.
  expect(tries).toBe(11);
});

test('keys differ between runs', async () => {
  const keys: string[] = [];
  const noting = step(({ idempotencyKey }) => {
    keys.push(idempotencyKey);
    return { n: 1 };
  });
  const { clock, engine } = scriptedWorld();
  const workflow = oneStep(noting);
  for (const runId of ['a', 'b']) await clock.run(engine.run(workflow, { n: 1 }, { runId }));
  expect(new Set(keys).size).toBe(2);
  for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/);
});
