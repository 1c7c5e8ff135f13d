import { seededRandom } from '@paceline/resilience';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { execute, tool } from '../define/steps.ts';
import type { Step } from '../define/step.ts';
import { createEngine } from '../engine.ts';
import { oneStep } from '../test-support/one-step.ts';
import { heard } from '../test-support/people.ts';
import { wiredWorld } from '../test-support/wired.ts';

/** An execute step whose tool needs approval, and what the tool was given. */
function booking() {
  const booked: unknown[] = [];
  const step = execute({
    input: z.object({ text: z.string() }),
    output: z.object({ done: z.boolean() }),
    prompt: ({ input }) => input.text,
    tools: {
      book: tool({
        description: 'Books it.',
        input: z.object({ note: z.string() }),
        effect: 'once',
        approval: 'required',
        run: ({ input }) => {
          booked.push(input);
          return { booked: true };
        },
      }),
    },
  });
  return { booked, workflow: oneStep(step as Step, { totalMs: 60_000 }) };
}

test('a turn that was asked over the wire is not asked again: not by the answer, not by a restart', async () => {
  const { clock, simulator, gateway, journal, engine } = wiredWorld();
  const { booked, workflow } = booking();
  const waits = heard(engine, 'step-wait');
  const { result } = engine.start(workflow, { text: 'Book a table.' }, { runId: 'run' });
  const { wait } = await clock.run(waits);
  expect(wait).toMatchObject({ type: 'approval', tool: 'book', input: { note: expect.any(String) } });
  expect(simulator.calls).toHaveLength(1);
  result.catch(() => {});
  await clock.run(engine.close({ unfinished: 'leave' }));

  const next = createEngine({ gateway, journal, clock, random: seededRandom(2), replayCheck: true });
  const { runs } = await next.recover([workflow]);
  await clock.advance(10_000);
  expect(simulator.calls).toHaveLength(1);
  await clock.run(runs[0]!.answer({ type: 'approve', by: 'ada' }));
  const outcome = await clock.run(runs[0]!.result);
  expect(outcome).toMatchObject({ ok: true, spend: { calls: 2, attempts: 2 } });
  expect(simulator.calls).toHaveLength(2);
  expect(booked).toEqual([wait.type === 'approval' && wait.input]);
});

test('a person who says no is heard by the model: it asks for something else or answers', async () => {
  const { clock, engine, simulator } = wiredWorld();
  const { booked, workflow } = booking();
  const waits = heard(engine, 'step-wait');
  const handle = engine.start(workflow, { text: 'Book a table.' });
  await clock.run(waits);
  await clock.run(handle.answer({ type: 'reject', reason: 'not today' }));
  const outcome = await clock.run(handle.result);
  expect(outcome).toMatchObject({ ok: true, output: { done: expect.any(Boolean) } });
  expect(booked).toEqual([]);
  expect(simulator.calls).toHaveLength(2);
});
