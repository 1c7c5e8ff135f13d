import { expect, test } from 'vitest';
import { z } from 'zod';
import { child } from '../define/child.ts';
import { code } from '../define/steps.ts';
import { flow } from '../test-support/nested.ts';
import { oneStep, scriptedWorld } from '../test-support/one-step.ts';
import { acting, payingTool, wanting } from '../test-support/people.ts';

test('a fork waits for people where its source did, and repeats no model turn', async () => {
  const paid: number[] = [];
  const { clock, engine, gateway, journal } = scriptedWorld(
    wanting(['c1', 'pay', { amount: 5 }]),
    '{"receipt":"r"}',
  );
  const workflow = oneStep(acting({ pay: payingTool(paid, { approval: 'required' }) }));
  const source = engine.start(workflow, { text: 'Pay.' }, { runId: 'source' });
  await clock.advance(100);
  const asked = (await journal.load('source'))?.seq as number;

  const fork = await clock.run(engine.fork(workflow, 'source', { atSeq: asked, runId: 'fork' }));
  await clock.advance(100);
  expect((await journal.load('fork'))?.pending['step']?.wait).toMatchObject({
    type: 'approval',
    toolCallId: 'c1',
  });
  expect(gateway.requests).toHaveLength(1);

  await fork.answer({ type: 'approve' });
  expect(await clock.run(fork.result)).toMatchObject({ ok: true, output: { receipt: 'r' } });
  expect(paid).toEqual([5]);
  // What was said to the fork was not said to its source.
  await source.answer({ type: 'reject' });
  await clock.run(source.result);
  expect(paid).toEqual([5]);
});

test('a fork has child runs of its own', async () => {
  const { clock, engine, journal } = scriptedWorld();
  const inner = flow(
    'inner',
    code({
      input: z.json(),
      output: z.json(),
      effect: 'idempotent',
      run: async ({ input }) => {
        await new Promise<void>((resolve) => void clock.setTimer(1_000, resolve));
        return input;
      },
    }),
  );
  const workflow = oneStep(child(inner));
  const source = engine.start(workflow, 'x', { runId: 'source' });
  await clock.advance(500);
  const fork = await clock.run(engine.fork(workflow, 'source', { atSeq: 1, runId: 'fork' }));
  const outcomes = await clock.run(Promise.all([source.result, fork.result]));
  expect(outcomes).toMatchObject([{ output: 'x' }, { output: 'x' }]);
  const children = (await journal.list({})).filter(({ parentRunId }) => parentRunId !== undefined);
  expect(children.map(({ parentRunId }) => parentRunId)).toEqual(['source', 'fork']);
  expect(new Set(children.map(({ runId }) => runId)).size).toBe(2);
});
